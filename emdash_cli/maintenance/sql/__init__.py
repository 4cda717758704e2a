"""SQL statements for maintenance."""
