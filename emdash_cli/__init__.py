"""Publish articles into an EmDash content database, exactly once."""

__version__ = "0.1.0"
