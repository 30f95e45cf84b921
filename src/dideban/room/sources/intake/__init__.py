"""Posts sent over HTTP with a token."""
