"""SQL statements for the reports."""
