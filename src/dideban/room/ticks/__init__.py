"""Analyses of the horizon of a room: the tick, its caches, its packages, its heartbeat."""
