"""A simulated stream, for trying the room."""
