"""Set up a store, check it, and repair what a crash left."""
