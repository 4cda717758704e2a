"""Import and export folders of articles."""
