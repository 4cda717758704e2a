"""Nouns and pure rules. Nothing here reads a file, a clock or a network."""
