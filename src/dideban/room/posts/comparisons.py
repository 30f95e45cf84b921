"""What a comparison of searches may hold."""

from __future__ import annotations

BYS = ("", "lang", "place", "source", "platform")
"""By what the lines of each search are split; empty = one line for each."""
MOST_SEARCHES = 6
"""Searches of one comparison: more lines cannot be told apart."""
MOST_KEPT = 200
"""Comparisons that a room keeps."""
