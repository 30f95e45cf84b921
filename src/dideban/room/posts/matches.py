"""Where the posts lie that a search finds: looked up in the flat files, or in the table where they do not say."""

from __future__ import annotations

import itertools
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from dideban.arrays import I8, U1
from dideban.errors import StoreError
from dideban.room.posts.query import Query, Scope
from dideban.room.posts.search_files import flat_of
from dideban.room.posts.terms import Term, find, normal_form, says, terms
from dideban.room.rooms.folder import folder_of
from dideban.schema import INSTANT, post_key
from dideban.store.delta import PostTable
from dideban.store.flat import Flat

T = TypeVar("T")

KEPT, KEPT_ROWS = 16, 4_000_000
"""Searches whose matches are kept, and rows of all of them together."""
AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
"""Searches of one process under way at once: the rest of the processors is for pages."""
WAIT_S = 20.0
ROWS: dict[str, Any] = {"created_at": INSTANT, "file": pl.UInt32, "row": pl.UInt32}
PAGE = ("created_at", "platform", "post_id")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_kept: OrderedDict[tuple[Any, ...], Matches] = OrderedDict()
_lock = threading.Lock()
_turns = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Matches:
    """Posts that a search found, file by file."""

    files: tuple[Path, ...]
    rows: pl.DataFrame
    """``created_at``, ``file`` (which of the files), ``row`` in it."""


def find_matches(room: str, query: Query, scope: Scope) -> Matches:
    """Return where the posts lie that match. Pages follow each other: the last few answers stay.

    Where files were joined or deleted since the table was opened, it is opened again.

    Raises
    ------
    InputError
        A query that cannot be read.
    StoreError
        Too many searches are under way.
    """
    return reopened(lambda: _matches(room, query, scope))


def reopened(look: Callable[[], T]) -> T:
    """Look at files of the table, and once more where some were joined or deleted since it was opened."""
    try:
        return look()
    except FileNotFoundError:
        return look()


def _matches(room: str, query: Query, scope: Scope) -> Matches:
    files = tuple(PostTable(folder_of(room).posts).files(since=_day(query.since), until=_day(query.until)))
    mark = (room, query, scope)
    if (kept := _look(mark)) is not None and kept.files == files:
        return kept
    wanted = terms(query.text)
    if not _turns.acquire(timeout=WAIT_S):
        raise StoreError("room.searches-busy", hint="room.try-in-a-moment")
    try:
        if (kept := _look(mark)) is not None and kept.files == files:  # somebody asked the same meanwhile
            return kept
        matches = Matches(files, _find(room, files, query, scope, wanted, kept))
    finally:
        _turns.release()
    if not query.narrative:  # what belongs to one changes without the table
        _keep(mark, matches)
    return matches


def fetch(matches: Matches, rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Read columns of some matches, one at least, in the order of ``rows``; only their files are opened."""
    parts = []
    for (file,), chosen in rows.group_by("file", maintain_order=True):
        held = _table(matches.files[int(str(file))]).filter(pl.col("row").is_in(chosen["row"].implode()))
        parts.append(held.select(pl.lit(file, pl.UInt32).alias("file"), "row", *columns))
    found = pl.concat(pl.collect_all(parts))
    return rows.select("file", "row").join(found, on=["file", "row"], how="left", maintain_order="left")


def kinds_of(matches: Matches, kind: str) -> pl.Series:
    """Return ``place``, ``source``, ``platform`` or ``lang`` of every hit."""
    names, codes = _codes_of(matches, kind)
    return pl.Series(kind, names, dtype=pl.String).gather(codes)


def count_kinds(matches: Matches, kind: str) -> dict[str, int]:
    """Return how many hits there are of each ``place``, ``source``, ``platform`` or ``lang``; others count nowhere."""
    names, codes = _codes_of(matches, kind)
    counts = np.bincount(codes, minlength=len(names)).tolist()
    return {name: n for name, n in zip(names, counts, strict=True) if name is not None and n}


def _codes_of(matches: Matches, kind: str) -> tuple[list[str | None], I8]:
    """Return names, and for every hit which of them it has."""
    codes: dict[str | None, int] = {}
    parts = [np.empty(0, np.int64)]
    files, rows = matches.rows["file"].to_numpy(), matches.rows["row"].to_numpy()
    edges = [0, *(np.flatnonzero(np.diff(files)) + 1).tolist(), len(rows)] if len(rows) else []
    for start, end in itertools.pairwise(edges):  # hits of one file follow each other
        flat, some = flat_of(matches.files[files[start]]), rows[start:end]
        ours = np.array([codes.setdefault(name, len(codes)) for name in flat.names[kind]])
        parts.append(ours[flat.codes[kind][some]])
    return list(codes), np.concatenate(parts)


def condition(room: str, query: Query, scope: Scope) -> pl.Expr:
    """Return what must hold of a post of the table, but for the narrative it is in."""
    limits: list[pl.Expr] = [pl.lit(value=True)]
    if query.since is not None:
        limits.append(pl.col("created_at") >= query.since)
    if query.until is not None:
        limits.append(pl.col("created_at") < query.until)
    limits += [pl.col(kind).is_in(values) for kind, values in _filters(query, scope)]
    if query.account:
        limits.append(pl.col("account_id") == query.account)
    if query.object:
        limits.append(_has_object(query.object))
    if query.finding:
        names = post_key()
        limits.append(names.is_in(_posts_of(room, query.finding)))
    if wanted := terms(query.text):
        limits.append(says(wanted))
    elif query.text.strip():
        limits.append(pl.lit(value=False))
    return reduce(lambda a, b: a & b, limits)


def posts_of_narrative(room: str, number: str) -> pl.LazyFrame:
    """Return ``platform`` and ``post_id`` of the posts of a narrative; none where there is no such narrative."""
    from dideban.room.narratives.assignments import members_of

    return members_of(room, number).select("platform", "post_id")


def _find(
    room: str, files: Sequence[Path], query: Query, scope: Scope, wanted: list[Term], before: Matches | None
) -> pl.DataFrame:
    """Look through the files; what was found ``before`` in one that is still there stands: files never change."""
    if query.account or query.object or query.finding or query.narrative:
        return _scan(room, files, query, scope)
    known = _by_file(before) if before is not None else {}
    # Pages share the threads of Polars with posts that come in: it is asked once, not for each of many small files.
    at, row = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for path in files:
        if path in known:
            there_at, there = known[path]
        else:
            flat = flat_of(path)
            there = np.flatnonzero(_asked(flat, query, scope, wanted))
            there_at = flat.at[there]
        row.append(there)
        at.append(there_at)
    file = np.repeat(np.arange(len(files)), [len(some) for some in row[1:]])
    frame = pl.DataFrame({"created_at": np.concatenate(at), "file": file, "row": np.concatenate(row)})
    return frame.cast(pl.Schema(ROWS))


def _by_file(matches: Matches) -> dict[Path, tuple[I8, I8]]:
    """Return file to the instants (microseconds) and rows of its hits; also of files without any."""
    rows = matches.rows
    at = rows["created_at"].to_physical().to_numpy()
    row, edges = rows["row"].to_numpy(), np.searchsorted(rows["file"].to_numpy(), np.arange(len(matches.files) + 1))
    return {
        path: (at[start:end], row[start:end])
        for path, (start, end) in zip(matches.files, itertools.pairwise(edges.tolist()), strict=True)
    }


def _asked(flat: Flat, query: Query, scope: Scope, wanted: list[Term]) -> U1:
    asked = np.full(len(flat), not query.text.strip() or bool(wanted), np.uint8)
    if query.since is not None:
        asked &= flat.at >= _micros(query.since)
    if query.until is not None:
        asked &= flat.at < _micros(query.until)
    for kind, values in _filters(query, scope):
        allowed = np.array([name in values for name in flat.names[kind]], np.uint8)
        allowed[0] = 0  # nothing said
        asked &= allowed[flat.codes[kind]]
    return find(flat, wanted, asked)


def _scan(room: str, files: Sequence[Path], query: Query, scope: Scope) -> pl.DataFrame:
    """Look through the table itself."""
    limits = condition(room, query, scope)
    parts = [_table(path).filter(limits).with_columns(file=pl.lit(ix, pl.UInt32)) for ix, path in enumerate(files)]
    if query.narrative:
        inside = posts_of_narrative(room, query.narrative)
        parts = [part.join(inside, on=["platform", "post_id"], how="semi") for part in parts]
    return pl.concat([pl.DataFrame(schema=ROWS), *pl.collect_all([part.select(list(ROWS)) for part in parts])])


def _table(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False, row_index_name="row")


def _filters(query: Query, scope: Scope) -> list[tuple[str, list[str]]]:
    asked = [
        ("place", query.places), ("source", query.sources), ("platform", query.platforms), ("lang", query.languages),
    ]  # fmt: skip
    found = [(kind, list(values)) for kind, values in asked if values]
    return found if scope.places is None else [*found, ("place", list(scope.places))]


def _has_object(text: str) -> pl.Expr:
    if text.startswith("#"):
        wanted = normal_form(pl.Series([text[1:].replace("_", " ")]))[0].replace(" ", "")
        tags = pl.col("hashtags").list.eval(
            pl.element().map_batches(lambda s: normal_form(s.str.replace_all("_", " ")).str.replace_all(" ", ""))
        )
        return tags.list.contains(wanted)
    return pl.col("urls").list.eval(pl.element().str.contains(text, literal=True)).list.any()


def _posts_of(room: str, finding_id: str) -> list[str]:
    from dideban.room.findings.packages import joint_posts

    return joint_posts(room, finding_id)


def _look(mark: tuple[Any, ...]) -> Matches | None:
    with _lock:
        if (kept := _kept.get(mark)) is not None:
            _kept.move_to_end(mark)
        return kept


def _keep(mark: tuple[Any, ...], matches: Matches) -> None:
    with _lock:
        _kept[mark] = matches
        while len(_kept) > KEPT or (len(_kept) > 1 and sum(one.rows.height for one in _kept.values()) > KEPT_ROWS):
            _kept.popitem(last=False)


def _day(at: datetime | None) -> Any:
    return None if at is None else at.astimezone(UTC).date()


def _micros(at: datetime) -> int:
    return (at - EPOCH) // datetime.resolution
