"""Who shared what of one kind, and who was first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dideban.arrays import I4, I8
from dideban.proof.blocks import KindTraces


@dataclass(frozen=True, kw_only=True)
class SharedObjects:
    """Who shared what of one kind, and who was first."""

    traces: KindTraces
    n_accounts: int

    @cached_property
    def bounds(self) -> I8:
        """(n_objects + 1,) where the rows of each object begin."""
        starts = np.flatnonzero(np.diff(self.traces.object, prepend=-1))
        return np.append(starts, len(self.traces.object)).astype(np.int64)

    @cached_property
    def n_by_two_and_three(self) -> tuple[int, int]:
        """How many objects two accounts share, or more, and how many three."""
        size = np.diff(self.bounds)
        return int((size > 1).sum()), int((size > 2).sum())

    @property
    def rows(self) -> tuple[I8, I4]:
        """CSR: rows of each account."""
        return self.traces.by_account(self.n_accounts)

    @cached_property
    def origin(self) -> I4:
        """(n_objects,) code of where each comes from, of texts what the first post links to; -1 = unknown."""
        traces = self.traces
        return traces.origin if traces.source is None else traces.source[self.bounds[:-1]]
