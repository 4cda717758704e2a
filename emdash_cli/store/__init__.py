"""Every SQL statement of the tool, by noun."""
