"""Who is at work, what they may do, and the users of a store."""
