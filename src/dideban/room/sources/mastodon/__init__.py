"""Public and hashtag timelines of Mastodon servers."""
