"""Past periods that members ask the room to analyse: each is a run of its own, beside the watch."""
