"""SQL statements for publishing."""
