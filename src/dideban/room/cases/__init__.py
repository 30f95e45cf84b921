"""Cases: tasks, notes, decisions, files, links, hand-overs."""
