"""The statements of scheduling."""
