"""What a room follows: a folder per type of source; schedule, health, tries and listeners for all of them."""
