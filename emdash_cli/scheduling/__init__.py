"""Schedule, edit, compare and sweep posts."""
