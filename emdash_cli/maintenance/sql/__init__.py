"""The statements of maintenance."""
