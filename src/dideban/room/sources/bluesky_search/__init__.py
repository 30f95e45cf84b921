"""Searches, feeds and lists of Bluesky."""
