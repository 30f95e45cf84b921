"""How much one sender may ask for, in one place."""

from __future__ import annotations

MOST_CHARS, MOST_NAME, MOST_LINKS = 2_000, 60, 1
MOST_BODY_BYTES = 8_192
PER_HOUR, PER_HOUR_WITHOUT_SCRIPT = 5, 2
"""Comments of one network."""
LEAST_S, LEAST_WITHOUT_SCRIPT_S, MOST_FORM_S = 4, 60, 86_400
"""Seconds between the form and its comment; whoever has no script waits instead of computing."""
WORK_BITS = 18
"""A quarter of a million hashes on average: about a second on a phone."""
OPEN_S = 30 * 86_400
"""Seconds after publication in which a page takes comments."""
NETWORK_S = 48 * 3_600
"""Seconds after which nothing is left of the network that a comment came from."""
CONCURRENCY, REQUEST_S, RETRY_S = 8, 2.0, 5
QUEUE_CONCURRENCY, QUEUE_S = 2, 60.0
"""Of moderators: grouping a long queue takes its time."""
MOST_WAITING = 50_000
"""Comments in the queue; the form says that it is full."""
REASONS = ("off-topic", "abuse", "person", "spam", "danger", "repeated", "unclear")
"""Why a comment is refused. ``person``: it names a private person, or tells where somebody lives."""
