"""Communities of Lemmy servers."""
