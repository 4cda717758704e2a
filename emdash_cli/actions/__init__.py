"""Verbs: they take ports, return frozen reports, and print nothing."""
