"""A queue file becomes a post, exactly once."""
