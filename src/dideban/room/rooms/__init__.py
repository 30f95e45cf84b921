"""Rooms and their places, and where a room keeps its files."""
