"""The name of the method: whatever is derived from it changes when the method does."""

METHOD_VERSION = "synchrony-6"
"""Changes whenever the same data could give other findings."""
DIVISIONS = "synchrony-5"
"""What the seeds of divisions follow from: the version since which data of a day or more are divided in this way."""
