"""The name of the method: whatever is derived from it changes when the method does."""

METHOD_VERSION = "synchrony-12"
"""Changes whenever the same data could give other findings."""
DIVISIONS = "synchrony-5"
"""What the seeds of divisions follow from: the version that introduced them. No later one has chosen others."""
