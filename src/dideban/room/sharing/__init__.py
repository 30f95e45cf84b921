"""What leaves the room for peers, and what comes from them."""
