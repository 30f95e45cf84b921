"""EDGES to GROUPS: proposals."""
