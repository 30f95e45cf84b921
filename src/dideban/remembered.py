"""Results of the run before, used again where all that they were made from is equal."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
import polars as pl

T = TypeVar("T")


class Remembered:
    """What one run made, for the next one of the same process.

    Inputs are compared, not hashed: a result is used again only where every one of them is equal, so that it is the
    one that would be made now. What a run does not ask for is forgotten when the next one begins.
    """

    def __init__(self) -> None:
        self._before: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._now: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self.n_known = 0
        """Results of this run that were there."""
        self.n_made = 0

    def begin(self) -> None:
        """Begin a run: what the run before the last one made, and the last one did not ask for, is forgotten."""
        self._before, self._now = self._now, {}
        self.n_known = self.n_made = 0

    def get(self, key: Hashable, inputs: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return the result for a key: that of the run before where its inputs are equal, else what ``make`` returns.

        Parameters
        ----------
        key : hashable
            What is asked for: the kind of result, and of which thing.
        inputs : tuple of plain values, tables, arrays, frozen records
            All that the result depends on. Neither they nor the result may be changed afterwards.
        make : function
        """
        known = self._now.get(key) or self._before.get(key)
        result: T
        if known is not None and is_same(known[0], inputs):
            inputs, result = known
            self.n_known += 1
        else:
            result = make()
            self.n_made += 1
        self._now[key] = inputs, result
        return result

    def each(self, kind: Hashable, inputs: Sequence[Hashable], make: Callable[[list[Any]], Iterable[T]]) -> list[T]:
        """Return a result for each of several inputs; what is new among them is made together.

        Parameters
        ----------
        kind : hashable
            What is asked for.
        inputs : sequence of hashable
            Each all that its result depends on.
        make : function
            Of a list of inputs to as many results. They may not be changed afterwards.
        """
        known = {one: self._now.get((kind, one)) or self._before.get((kind, one)) for one in inputs}
        new = [one for one, found in known.items() if found is None]
        for one, result in zip(new, make(new) if new else (), strict=True):
            known[one] = ((), result)
        self._now.update({(kind, one): found for one, found in known.items() if found is not None})
        self.n_known += len(known) - len(new)
        self.n_made += len(new)
        return [self._now[kind, one][1] for one in inputs]


def is_same(one: Any, other: Any) -> bool:
    """Return whether two inputs are equal: tables with their schema, arrays with their type, anything else as it says.

    Examples
    --------
    >>> is_same((1, [2.0]), (1, [2.0])), is_same(np.arange(2), np.arange(2.0))
    (True, False)
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, pl.DataFrame):
        return bool(one.schema == other.schema and one.equals(other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


__all__ = ["Remembered", "is_same"]
