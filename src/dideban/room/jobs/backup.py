"""Backup and restore: one file with everything, made while the room runs, tested by restoring it."""
