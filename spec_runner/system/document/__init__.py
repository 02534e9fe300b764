"""Documents, read and written beside people."""
