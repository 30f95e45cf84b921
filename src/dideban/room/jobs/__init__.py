"""Work of the room at night: merging posts, ticks, schedule, heartbeat."""
