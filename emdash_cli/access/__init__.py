"""Who acts, what they may do, and the users of a store."""
