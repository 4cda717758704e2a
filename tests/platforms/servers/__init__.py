"""Servers on 127.0.0.1 that behave as each platform documents; one file for each kind, called as the kind is."""
