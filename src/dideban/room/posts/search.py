"""Searching the posts of a room, with the same normal form as the engine: a word finds all its spellings."""

from __future__ import annotations

import dataclasses
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from threading import Lock
from typing import Any

import numpy as np
import polars as pl
from django.conf import settings

from dideban.errors import InputError
from dideban.room.rooms.folder import folder_of
from dideban.store.delta import STORED, PostTable

MAX_WORDS = 12
MAX_CHARS = 500
DEFAULT_DAYS = 30
KEPT, KEPT_ROWS = 8, 2_000_000
"""Searches whose keys are kept, and rows of all of them together."""
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff]")
CLITICS = "(?:[وفبلک]?(?:ال|لل)?)?"
"""What Arabic writes in front of a word without a space, in the letters of the normal form."""
SHOWN = [name for name in STORED.names if name != "norm"]


_kept: OrderedDict[tuple[Any, ...], pl.DataFrame] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which posts a member may see."""

    places: tuple[str, ...] | None = None
    """Slugs of places; None = the whole room."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is looked for. Empty fields do not narrow."""

    text: str = ""
    """Words, all of which must occur; "several words" in quotes in this order; -word must not occur."""
    since: datetime | None = None
    until: datetime | None = None
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    object: str = ""
    """A link or part of one, or #hashtag."""
    account: str = ""
    """A pseudonym."""
    finding: str = ""
    """A finding id: only posts that its accounts shared together."""
    narrative: str = ""
    """The number of a narrative of the room: only its posts."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data without empty fields, for an address or a database."""
        plain: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            if value := getattr(self, field.name):
                plain[field.name] = value.isoformat() if isinstance(value, datetime) else value
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Query:
        """Read what :meth:`to_dict` wrote, or the parameters of an address (lists of strings).

        Raises
        ------
        InputError
            A time that cannot be read.
        """
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            given = data.get(field.name)
            if given in (None, "", [], ()):
                continue
            if field.name in ("since", "until"):
                values[field.name] = _instant(_one(given), is_end=field.name == "until")
            elif field.name in ("places", "sources", "languages", "platforms"):
                items = [given] if isinstance(given, str) else list(given)
                values[field.name] = tuple(str(item)[:100] for item in items if item)[:100]
            else:
                values[field.name] = str(_one(given)).replace("\x00", "")[:MAX_CHARS]
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of a search."""

    posts: pl.DataFrame
    """STORED without ``norm``, newest first."""
    n_total: int
    next: str
    """Where the next page begins; empty = this was the last."""


def search_posts(room: str, query: Query, *, reach: Reach, limit: int = 50, after: str = "") -> Found:
    """Return one page of the posts that match, newest first.

    Parameters
    ----------
    room : str
        Slug.
    reach : Reach
        ``access.reach()``: what the member may see.
    limit : count, 1..500
    after : str
        ``Found.next`` of the page before.

    Raises
    ------
    InputError
        A query that cannot be read.
    """
    limit = max(1, min(limit, 500))
    keys = _keys(room, query, reach)
    rest = _after(keys, after)
    top = _newest(rest, limit)
    posts = _fetch(room, top)
    more = rest.height > limit
    return Found(posts=posts, n_total=keys.height, next=_mark(top.row(-1, named=True)) if more else "")


def count_posts(room: str, query: Query, *, reach: Reach, every: str = "1h", by: str = "") -> pl.DataFrame:
    """Return how many posts match per stretch of time: (at, n), and ``by`` where given (``place``, ``source`` ...).

    Parameters
    ----------
    every : str
        Length of a stretch as Polars writes it: ``1h``, ``1d``.
    """
    groups = ["at", by] if by else ["at"]
    at = pl.col("created_at").dt.truncate(every).alias("at")
    matching = _matching(room, query, reach) if by else _keys(room, query, reach).lazy()
    return matching.with_columns(at).group_by(groups).agg(n=pl.len()).sort(groups).collect()


def get_posts(
    room: str, keys: Sequence[str], *, reach: Reach, near: tuple[datetime, datetime] | None = None
) -> pl.DataFrame:
    """Return posts by their names (``platform/post_id``), oldest first.

    Parameters
    ----------
    near : (first, last)
        Times between which they were posted, both included, where known: fewer files are opened.
    """
    table = PostTable(folder_of(room).posts)
    until = near[1] + timedelta(microseconds=1) if near else None
    name = pl.concat_str("platform", pl.lit("/"), "post_id")
    wanted = table.scan(since=near and near[0], until=until, columns=SHOWN).filter(name.is_in(list(keys)))
    return _limited(wanted, reach).sort("created_at", "platform", "post_id").collect()


def _keys(room: str, query: Query, reach: Reach) -> pl.DataFrame:
    """Return the keys of all posts that match. A page asks for them twice, its next pages again: the last few stay."""
    names = ("created_at", "platform", "post_id")
    if query.narrative:  # what belongs to it changes without the table
        return _matching(room, query, reach).select(names).collect()
    mark = (room, str(settings.DATA), PostTable(folder_of(room).posts).version(), query, reach)
    with _lock:
        if (kept := _kept.get(mark)) is not None:
            _kept.move_to_end(mark)
            return kept
    found = _matching(room, query, reach).select(names).collect()
    with _lock:
        _kept[mark] = found
        while len(_kept) > KEPT or (len(_kept) > 1 and sum(one.height for one in _kept.values()) > KEPT_ROWS):
            _kept.popitem(last=False)
    return found


def _newest(keys: pl.DataFrame, n: int) -> pl.DataFrame:
    """Return the first ``n`` in the order of a page, without putting all of them in order."""
    if keys.height > n:
        last = keys["created_at"].top_k(n).min()
        keys = keys.filter(pl.col("created_at") >= last)
    return keys.sort("created_at", "platform", "post_id", descending=[True, False, False]).head(n)


def scan_matching(room: str, query: Query, *, reach: Reach) -> pl.LazyFrame:
    """Return all posts that match, lazily, without ``norm``: for exports."""
    return _matching(room, query, reach).select(SHOWN)


def patterns(text: str) -> list[tuple[str, bool]]:
    """Turn the words of a query into regular expressions over the normal form, and whether they must occur.

    Raises
    ------
    InputError
        More than MAX_WORDS words.

    Examples
    --------
    >>> patterns("Café")
    [('(?:^| )cafe', True)]
    """
    found: list[tuple[str, bool]] = []
    before = ""
    for sign, phrase, word in re.findall(r"(-?)(?:\"([^\"]*)\"|(\S+))", text):
        form = _normal_form(pl.Series([phrase or word]))[0]
        if not form:
            continue
        pattern = _pattern(form)
        if before and not phrase and not sign and RIGHT_TO_LEFT.search(form):
            pattern += "|" + _pattern(before + form)  # two words here may be written as one there
        found.append((pattern, sign != "-"))
        before = form if not phrase and not sign and RIGHT_TO_LEFT.search(form) else ""
    if len(found) > MAX_WORDS:
        raise InputError(f"more than {MAX_WORDS} words", hint="search for fewer")
    return found


def _normal_form(texts: pl.Series) -> pl.Series:
    """Return the normal form; the engine is loaded with the first search, not with the first page."""
    from dideban.text import normal_form

    return normal_form(texts)


def _pattern(form: str) -> str:
    """Match from the start of a word. In Arabic script words may be parted or joined anywhere, and carry clitics."""
    if not RIGHT_TO_LEFT.search(form):
        return "(?:^| )" + re.escape(form).replace("\\ ", " ")
    letters = [re.escape(letter) for letter in form if letter != " "]
    return f"(?:^| ){CLITICS}" + " ?".join(letters)


def _matching(room: str, query: Query, reach: Reach) -> pl.LazyFrame:
    table = PostTable(folder_of(room).posts)
    frame = _limited(table.scan(since=query.since, until=query.until), reach)
    for column, values in (
        ("place", query.places), ("source", query.sources), ("platform", query.platforms), ("lang", query.languages),
    ):  # fmt: skip
        if values:
            frame = frame.filter(pl.col(column).is_in(list(values)))
    if query.account:
        frame = frame.filter(pl.col("account_id") == query.account)
    if query.object:
        frame = frame.filter(_has_object(query.object))
    if query.finding:
        frame = frame.filter(pl.concat_str("platform", pl.lit("/"), "post_id").is_in(_posts_of(room, query.finding)))
    if query.narrative:
        frame = frame.join(posts_of_narrative(room, query.narrative), on=["platform", "post_id"], how="semi")
    if conditions := [_says(pattern, wanted) for pattern, wanted in patterns(query.text)]:
        frame = frame.filter(reduce(lambda a, b: a & b, conditions))
    elif query.text.strip():
        frame = frame.filter(pl.lit(value=False))
    return frame


def _says(pattern: str, is_wanted: bool) -> pl.Expr:
    norm = pl.col("norm").fill_null("")
    if " ?" not in pattern:
        says = norm.str.contains(pattern)
    else:
        says = norm.map_batches(lambda norms: _contains(norms, pattern), return_dtype=pl.Boolean)
    return says if is_wanted else ~says


def _contains(norms: pl.Series, pattern: str) -> pl.Series:
    """Try a pattern of letters that may be parted on the few norms that can hold it: those with its first letters."""
    rows = norms.str.contains_any(_openings(pattern)).arg_true()
    said = norms.gather(rows).str.contains(pattern)
    found = np.zeros(len(norms), dtype=bool)
    found[rows.filter(said).to_numpy()] = True
    return pl.Series(norms.name, found)


def _openings(pattern: str) -> list[str]:
    """Return the ways in which the first letters of a pattern can be written, parted or not."""
    found: list[str] = []
    for way in pattern.split("|(?:^| )"):
        first, *others = way.removeprefix("(?:^| )").removeprefix(CLITICS).split(" ?")[:4]
        ways = [first]
        for letter in others:
            ways = [way + space + letter for way in ways for space in ("", " ")]
        found += ways
    return found


def _limited(frame: pl.LazyFrame, reach: Reach) -> pl.LazyFrame:
    return frame if reach.places is None else frame.filter(pl.col("place").is_in(list(reach.places)))


def _has_object(text: str) -> pl.Expr:
    if text.startswith("#"):
        wanted = _normal_form(pl.Series([text[1:].replace("_", " ")]))[0].replace(" ", "")
        tags = pl.col("hashtags").list.eval(
            pl.element().map_batches(lambda s: _normal_form(s.str.replace_all("_", " ")).str.replace_all(" ", ""))
        )
        return tags.list.contains(wanted)
    return pl.col("urls").list.eval(pl.element().str.contains(text, literal=True)).list.any()


def _posts_of(room: str, finding_id: str) -> list[str]:
    from dideban.room.findings.packages import joint_posts

    return joint_posts(room, finding_id)


def posts_of_narrative(room: str, number: str) -> pl.LazyFrame:
    """Return ``platform`` and ``post_id`` of the posts of a narrative; none where there is no such narrative."""
    from dideban.room.narratives.members import members_of

    return members_of(room, number).select("platform", "post_id")


def _fetch(room: str, keys: pl.DataFrame) -> pl.DataFrame:
    """Read the few rows of a page in full: only the days they lie in are opened."""
    if keys.is_empty():
        return STORED.empty().select(SHOWN)
    table = PostTable(folder_of(room).posts)
    days = keys["created_at"]
    low, high = days.min(), days.max()
    assert isinstance(low, datetime)
    assert isinstance(high, datetime)
    scan = table.scan(since=low, until=high + timedelta(microseconds=1), columns=SHOWN)
    rows = scan.filter(pl.col("post_id").is_in(keys["post_id"].implode())).collect()
    return (
        keys.select("platform", "post_id")
        .join(rows, on=["platform", "post_id"], how="left", maintain_order="left")
        .select(SHOWN)
    )


def _mark(row: dict[str, Any]) -> str:
    return f"{int(row['created_at'].timestamp() * 1_000_000)}~{row['platform']}~{row['post_id']}"


def _after(keys: pl.DataFrame, mark: str) -> pl.DataFrame:
    if not mark:
        return keys
    parts = mark.split("~", 2)
    if len(parts) != 3 or not parts[0].lstrip("-").isdigit() or len(parts[0]) > 18:
        raise InputError("the place to go on from cannot be read", hint="begin the search again")
    at = pl.lit(int(parts[0])).cast(pl.Datetime("us", "UTC"))
    later = (pl.col("platform") > parts[1]) | ((pl.col("platform") == parts[1]) & (pl.col("post_id") > parts[2]))
    return keys.filter((pl.col("created_at") < at) | ((pl.col("created_at") == at) & later))


def _one(given: Any) -> Any:
    return given[0] if isinstance(given, list | tuple) else given


def _instant(text: Any, *, is_end: bool) -> datetime:
    """Read a day or an instant; the end of a day is the beginning of the next."""
    try:
        at = datetime.fromisoformat(str(text).strip())
        if is_end and len(str(text).strip()) <= 10:
            at += timedelta(days=1)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{str(text)[:40]!r} is not a day or a time", hint="write 2026-11-23 or 2026-11-23T14:30"
        ) from error
