"""Turn a queue file into a post, exactly once."""
