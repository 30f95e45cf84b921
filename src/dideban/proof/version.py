"""The name of the method: whatever is derived from it changes when the method does."""

METHOD_VERSION = "synchrony-6"
"""Changes whenever the same data could give other findings."""
