"""Views: each begins by letting the member in, reads through what they may see, and writes through actions."""
