"""What members did: append-only and hash-chained."""
