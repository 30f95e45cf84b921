"""YouTube channels and playlists, by the feeds that YouTube offers."""
