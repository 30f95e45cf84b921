"""Jetstream of Bluesky."""
