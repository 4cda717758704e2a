"""Every table of the store: its migrations, and the SQL that several features share."""
