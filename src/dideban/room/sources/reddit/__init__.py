"""Communities and searches of Reddit."""
