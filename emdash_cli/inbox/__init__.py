"""Queue and archive directories. No file is ever lost or overwritten, and no unreadable file is published."""
