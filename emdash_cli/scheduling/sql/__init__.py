"""SQL statements for scheduling."""
