"""Narratives of a room: what is being discussed, since when, how much."""
