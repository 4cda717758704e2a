"""Find and read one post."""
