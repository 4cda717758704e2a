"""Announcing what went live: lanes, texts, and the run that sends them."""
