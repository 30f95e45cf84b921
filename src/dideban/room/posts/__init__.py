"""Posts of a room: intake, search, saved searches, reveals, deletions."""
