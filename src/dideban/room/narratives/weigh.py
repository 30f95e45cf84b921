"""Which narratives matter now: new and growing ones, those that found groups push, those that many people saw."""

from __future__ import annotations

PROVED, GROWTH, BURST, NEW = 3, 2, 2, 2
"""How many times as much as any other post of the day counts: one of a found group, one more than the day before, one
of a burst that goes on, one of a narrative that was not there a day ago."""
PER_DOUBLING = 2
"""Posts that a doubling of the reach counts as."""


def weigh(*, recent: int, growth: int, n_proved: int, burst_posts: int, reach: int | None, is_new: bool) -> int:
    """Return how much a narrative matters, in posts of the last day.

    Parameters
    ----------
    recent : posts of the last 24 hours
    growth : those less the posts of the 24 hours before
    n_proved : posts by accounts of found groups, all of the horizon
    burst_posts : posts of the burst that goes on; 0 where none does
    reach : views or shares of its posts, where known
    is_new : whether the room has listed it for less than a day

    Examples
    --------
    >>> weigh(recent=10, growth=-5, n_proved=0, burst_posts=0, reach=None, is_new=False)
    10
    >>> weigh(recent=10, growth=10, n_proved=4, burst_posts=0, reach=1024, is_new=True)
    84
    """
    new = NEW * recent if is_new else 0
    seen = PER_DOUBLING * max(reach or 0, 0).bit_length()
    return recent + GROWTH * max(growth, 0) + PROVED * n_proved + BURST * burst_posts + new + seen
