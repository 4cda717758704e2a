"""The statements of the reports."""
