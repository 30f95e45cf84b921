"""Which of several columns of times says when a post was made, judged by what they hold."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dideban.ingest.column_evidence import MOST, FirstRows
from dideban.ingest.columns import plain
from dideban.ingest.day_order import DayOrder
from dideban.ingest.times import read_times

FEW = 0.05
"""Share of different values at which a column is nearly the same in all rows."""
MANY = 0.5
SHORTER = 10
"""A collector works for a moment through posts of many days: how many times longer these are."""
HOUR_S = 3600
_MADE = ("creat", "publi", "post")
"""Parts of the names of times at which posts are made."""
LEAST_ROWS = 5
"""Fewer rows prove nothing."""


def of_the_post(columns: Sequence[str], account: str, links: Sequence[str], evidence: FirstRows) -> str:
    """Return the column of times that is of the post rather than of its account, its collection or its link.

    Parameters
    ----------
    columns : names
        Columns of whole times, best name first; the first is kept unless another is plainly better.
    account, links : names
        Columns of the account and of links, where they are known.
    """
    chosen = columns[0]
    if len(columns) == 1 or evidence.sample.height < LEAST_ROWS:
        return chosen
    own = [name for name in columns if not _is_of_others(name, account, links, evidence)]
    chosen = next(iter(own), chosen)
    for other in own:
        if other != chosen and (_is_collection(chosen, other, evidence) or _is_arrival(chosen, other, evidence)):
            chosen = other
    return chosen


def _is_arrival(chosen: str, other: str, evidence: FirstRows) -> bool:
    """Whether one column says when rows arrived, shortly after another says, by its name, that they were made."""
    if _speaks_of_making(chosen) or not _speaks_of_making(other):
        return False
    pair = pl.DataFrame({"a": _times(chosen, evidence), "b": _times(other, evidence)}).drop_nulls()
    late = (pair["a"] - pair["b"]).dt.total_seconds()
    after = int(late.is_between(0, HOUR_S).sum())
    return pair.height >= MOST * evidence.sample.height and after >= MOST * pair.height and int((late > 0).sum()) > 0


def _speaks_of_making(name: str) -> bool:
    return any(part in plain(name) for part in _MADE)


def _is_of_others(name: str, account: str, links: Sequence[str], evidence: FirstRows) -> bool:
    """Whether a time is the same in all rows of an account, or of a link."""
    return any(column and evidence.is_of_account(name, column) for column in (account, *links))


def _is_collection(chosen: str, other: str, evidence: FirstRows) -> bool:
    """Whether one column says when rows were collected, and another when they were made."""
    n, n_other = evidence.filled(chosen).n_unique(), evidence.filled(other).n_unique()
    filled = len(evidence.filled(other))
    if filled < MOST * evidence.sample.height:
        return False
    if (n == 1 or n <= FEW * filled) and n_other >= MANY * filled:
        return True
    pair = pl.DataFrame({"a": _times(chosen, evidence), "b": _times(other, evidence)}).drop_nulls()
    if pair.height < LEAST_ROWS or int((pair["a"] >= pair["b"]).sum()) < MOST * pair.height:
        return False
    spans = pair.select((pl.all().max() - pl.all().min()).dt.total_seconds())
    short, long = int(spans["a"].item()), int(spans["b"].item())
    return short * SHORTER < long and long > HOUR_S


def _times(name: str, evidence: FirstRows) -> pl.Series:
    return read_times(evidence.sample[name].cast(pl.String), order=DayOrder(by_span=True))[0]
