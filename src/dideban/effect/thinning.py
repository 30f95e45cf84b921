"""Let each post come with a chance only: what an answer that works does to the posts of any unit."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8

MOST_SINGLE = 200
"""Units with more posts are thinned by the normal approximation of the binomial, the others post by post."""


class Thinning:
    """The same chance numbers for every share, so that a larger share never keeps fewer of the posts that are few."""

    def __init__(self, posts: I8, *, seed: int) -> None:
        source = np.random.Generator(np.random.PCG64([seed, 2]))
        self._posts = posts
        self._many = np.flatnonzero(posts > MOST_SINGLE)
        self._owner = np.repeat(np.arange(len(posts)), np.where(posts > MOST_SINGLE, 0, posts))
        self._chance: F8 = source.random(len(self._owner))
        self._normal: F8 = source.normal(size=len(self._many))

    def first(self, share: float) -> int:
        """Return how many posts of the first unit come, as :meth:`at` counts them."""
        n = int(self._posts[0])
        if n <= MOST_SINGLE:
            return int(np.count_nonzero(self._chance[:n] < share))
        drawn = np.rint(n * share + self._normal[0] * np.sqrt(n * share * (1 - share)))
        return int(np.clip(drawn, 0, n))

    def at(self, share: float) -> I8:
        """Return how many posts of each unit come if each comes with this chance, (n,)."""
        kept = np.bincount(self._owner[self._chance < share], minlength=len(self._posts))
        many = self._posts[self._many].astype(np.float64)
        drawn = np.rint(many * share + self._normal * np.sqrt(many * share * (1 - share)))
        kept[self._many] = np.clip(drawn, 0, many).astype(np.int64)
        return kept
