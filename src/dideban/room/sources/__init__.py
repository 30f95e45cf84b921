"""What a room follows: connectors, schedule, health."""
