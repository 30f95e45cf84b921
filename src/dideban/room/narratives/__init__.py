"""Narratives of a room: what is being told, since when, how much."""
