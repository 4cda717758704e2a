"""Queue and archive directories; no file is ever lost, overwritten or published for being unreadable."""
