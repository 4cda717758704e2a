"""The statements of publishing."""
