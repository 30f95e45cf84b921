"""Which of several columns of times says when a post was made, judged by what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from dideban.ingest.column_evidence import MOST, FirstRows
from dideban.ingest.columns import PARTS, plain
from dideban.ingest.day_order import DayOrder
from dideban.ingest.likely_columns import spelled
from dideban.ingest.times import read_times

_NOT_THE_POST = (
    "collect", "retriev", "index", "harvest", "edit", "modif", "updat", "author", "user", "profile", "account",
    "fetch", "crawl", "scrap", "seen", "download", "export", "birth", "joined", "quoted", "retweet", "repl", "forward",
    "length", "duration", "member", "page_created", "video", "query", "import", "access", "delet", "expir", "archiv",
    "pinned", "last_",
)  # fmt: skip
"""Parts of the names of times that are not when a post was made."""
_AT = ("_at", "_utc")
"""How names of times end, whatever was done then."""
_MAY_BE_THE_POST = ("index", "edit", "modif", "updat", "video")
"""Those that say when a post was made where a table has no other time."""
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


def named(names: Sequence[str]) -> list[str]:
    """Columns whose names speak of a time, and not of another time than that of the post; best first."""
    told = [
        name
        for name in names
        if (any(part in plain(name) for part in PARTS["created_at"]) or spelled(name).endswith(_AT))
        and not any(part in plain(name) for part in _NOT_THE_POST)
    ]
    return sorted(told, key=lambda name: not any(part in plain(name) for part in _MADE))


def maybe_of_the_post(names: Sequence[str]) -> Iterator[list[str]]:
    """Yield the columns whose names do not speak of another time, then those that may where a table has no other."""
    for parts in (_NOT_THE_POST, tuple(part for part in _NOT_THE_POST if part not in _MAY_BE_THE_POST)):
        yield [name for name in names if not any(part in plain(name) for part in parts)]


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


def in_utc(chosen: str, names: Sequence[str], evidence: FirstRows) -> str:
    """Return the column that holds the same times in UTC, if its name says so: ``post_date_gmt`` of ``post_date``."""
    twins = [f"{spelled(chosen)}_{zone}" for zone in ("utc", "gmt")]
    return next((name for name in names if spelled(name) in twins and evidence.is_time(name)), chosen)


def _is_arrival(chosen: str, other: str, evidence: FirstRows) -> bool:
    """Whether one column says when rows arrived, shortly after another says, by its name, that they were made."""
    if _speaks_of_making(chosen) or not _speaks_of_making(other):
        return False
    pair = pl.DataFrame({"a": _times(chosen, evidence), "b": _times(other, evidence)}).drop_nulls()
    late = (pair["a"] - pair["b"]).dt.total_seconds()
    after = int(late.is_between(0, HOUR_S).sum())
    return pair.height >= MOST * evidence.sample.height and after >= MOST * pair.height and int((late > 0).sum()) > 0


def _speaks_of_making(name: str) -> bool:
    return any(part in plain(name) for part in _MADE) or spelled(name).endswith("_pub")


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
