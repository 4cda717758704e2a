"""Reports as JSON documents, tables, pages and feeds."""
