"""Public Telegram channels, by their public web view."""
