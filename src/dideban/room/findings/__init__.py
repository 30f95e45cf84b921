"""Findings of a room: versions, verdicts, discussion."""
