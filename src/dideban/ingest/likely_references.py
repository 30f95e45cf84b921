"""Columns that name the post which a row repeats, quotes or answers, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from dideban.ingest.column_evidence import MOST, FirstRows
from dideban.ingest.field_source import KINDS, FieldSource, joined, one, typed
from dideban.ingest.likely_columns import MAX_COMPARED, spelled
from dideban.ingest.permalinks import id_of, is_post

_REPEATS = ("retweet", "repost", "reblog", "forward", "fwd", "shared_post", "reshare", "بازنشر", "ارسال_شده_از")
_NEUTRAL = ("referenc", "sourcetweet", "source_tweet", "or_quote", "related_post", "parent_post", "thread")
"""Names of columns that hold a post that is repeated or quoted: another column says which."""
_ANSWERS = ("parent", "reply", "replied", "replies_to", "in_response", "answer", "antwort", "پاسخ", "رد_على", "ответ",
    "root")  # fmt: skip
_LEAST_MET = 0.5
"""Share of the posts that a column names which must be rows themselves, where the column has no name of its own."""
_WITH_A_NUMBER = "[1-9]|.0|0."
"""What ids have, and what stands for no post has not: ``root``, ``0``."""
_NO_POST = r"(?i)^(?:root|0)$"
_OF_OTHERS = (
    "count", "num", "user", "author", "account", "screen", "handle", "channel", "peer", "chat", "date", "time",
    "created", "text", "lang", "source_url", "media", "type",
)  # fmt: skip
_LAST = ("id", "ids", "str", "link", "url", "uri", "of", "permalink", "status", "post", "msg", "message")
"""Last words of the names of columns that name a post."""
_HOMES = ("channel", "peer", "chat", "from", "source")
_IDS = r"^(?:x?-?[0-9]{4,20}|at://\S+|[\w.\-]+[/_][0-9]+|t[0-9]_\w+|[0-9a-f]{24}|[\w-]{8,24})$"
_NUMBER = r"^[0-9]+(?:\.0)?$"
_WORDS = re.compile(r"[_.\s]+")


@dataclass(frozen=True)
class _Name:
    column: str
    spelled: str

    def has(self, parts: Sequence[str]) -> bool:
        return any(part in self.spelled for part in parts)

    @property
    def last(self) -> str:
        return _WORDS.split(self.spelled)[-1]


def reposts(names: Sequence[str], post_id: str, evidence: FirstRows) -> FieldSource | None:
    """Return where the original of a repost is named; None where nothing names it."""
    named = [_Name(name, spelled(name)) for name in names]
    told = [name for name in named if name.has(_REPEATS) and not name.has(_NEUTRAL)]
    if pair := _pair(told, evidence):
        return joined(*pair)
    fit = [name.column for name in told if not name.has(_OF_OTHERS) and name.last in _LAST]
    fit = [name for name in fit if _names_posts(name, post_id, evidence)]
    best = max(fit, key=lambda name: (_known(name, post_id, evidence), -fit.index(name)), default="")
    return one(best) if best else None


def of_kind(target: str, names: Sequence[str], evidence: FirstRows) -> FieldSource | None:
    """Return the column that names another post in the rows whose kind says that they repeat, quote or answer it."""
    named = [_Name(name, spelled(name)) for name in names]
    ids = [n for n in named if n.has(_NEUTRAL) and n.last in _LAST and not n.has(("user", "author"))]
    kinds = [n for n in named if "type" in n.spelled or "kind" in n.spelled]
    for kind in kinds:
        for name in ids:
            rows = evidence.sample.filter(pl.col(kind.column).str.contains(KINDS[target]))
            cells = FirstRows(rows).filled(name.column)
            if rows.height and len(cells) >= MOST * rows.height and _is_like_posts(cells):
                return typed(name.column, kind.column, target)
    return None


def answers(names: Sequence[str], post_id: str, evidence: FirstRows) -> FieldSource | None:
    """Return the column that names the post which a row answers: most of what it holds are ids of other rows."""
    for name in _told_as_answers(names):
        if _is_met(name, post_id, evidence):
            return numbered(name)
    return None


def says_none(name: str, post_id: str, evidence: FirstRows) -> bool:
    """Whether a column writes ``root`` or ``0`` where a row answers nothing: no row is called so."""
    cells = evidence.filled(name)
    words = cells.filter(cells.str.contains(_NO_POST)).unique()
    return len(words) > 0 and not words.is_in(evidence.filled(post_id).to_list()).any()


def numbered(name: str) -> FieldSource:
    """Read the posts that a column names as answered, and none where it says so in a word."""
    return FieldSource((name, name), "typed", _WITH_A_NUMBER, "reply_to")


def answered(names: Sequence[str], evidence: FirstRows) -> str:
    """Return the column, another in each row, whose cells are what rows answer: the id, whatever it is called."""
    told = _told_as_answers(names)[:MAX_COMPARED]
    full = [
        name for name in names if told and name not in told
        and len(evidence.filled(name)) == evidence.sample.height == evidence.filled(name).n_unique()
    ]  # fmt: skip
    return next((name for name in full if any(_is_met(answer, name, evidence) for answer in told)), "")


def _told_as_answers(names: Sequence[str]) -> list[str]:
    named = [_Name(name, spelled(name)) for name in names]
    told = [name for name in named if name.has(_ANSWERS) and not name.has(_OF_OTHERS)]
    return [name.column for name in sorted(told, key=lambda name: name.has(("root",)))]  # the nearest first


def _is_met(name: str, post_id: str, evidence: FirstRows) -> bool:
    """Whether posts that a column names are rows, and never the row itself."""
    if not post_id or evidence.is_empty(name) or _is_own(name, post_id, evidence):
        return False
    cells = evidence.filled(name)
    cells = cells.filter(cells.str.contains(_WITH_A_NUMBER)).unique()
    known = int(cells.is_in(evidence.filled(post_id).to_list()).sum())
    return known > 1 and known >= _LEAST_MET * len(cells)


def form_of(cells: pl.Series) -> str:
    """Return how most cells call a post: ``number``, ``place`` (in a chat), ``name``; empty = not at all."""
    if cells.is_empty():
        return ""
    ids = cells.to_frame("v").select(v=pl.coalesce(id_of(pl.col("v")), "v"))["v"]
    for form, pattern in (("number", _NUMBER), ("place", r"^[^/\s]+/[0-9]+$")):
        if float(ids.str.contains(pattern).mean() or 0.0) >= MOST:  # type: ignore[arg-type]
            return form
    return "name"


def _pair(told: Sequence[_Name], evidence: FirstRows) -> tuple[str, str] | None:
    """Where messages count within channels: the channel that a message was forwarded from, and its number there."""
    forwards = [name for name in told if name.has(("forward", "fwd"))]
    homes = [n.column for n in forwards if n.has(_HOMES) and n.last == "id" and not n.has(("msg", "message", "post"))]
    numbers = [n.column for n in forwards if n.has(("msg", "message", "post")) and n.column not in homes]
    numbers = [name for name in numbers if evidence.is_mostly(name, _NUMBER)]
    return (homes[0], numbers[0]) if homes and numbers and not evidence.is_empty(homes[0]) else None


def _names_posts(name: str, post_id: str, evidence: FirstRows) -> bool:
    cells = evidence.filled(name)
    if cells.is_empty() or not _is_like_posts(cells):
        return False
    return not _is_own(name, post_id, evidence)


def _is_like_posts(cells: pl.Series) -> bool:
    name = cells.name
    like = cells.to_frame().select((pl.col(name).str.contains(_IDS) | is_post(pl.col(name))).mean()).item()
    return float(like or 0.0) >= MOST


def _is_own(name: str, post_id: str, evidence: FirstRows) -> bool:
    """Whether a column repeats the id of the row itself."""
    if not post_id or post_id not in evidence.sample.columns:
        return False
    same = evidence.sample.select((pl.col(name).str.strip_chars() == pl.col(post_id).str.strip_chars()).sum()).item()
    return int(same or 0) > 0


def _known(name: str, post_id: str, evidence: FirstRows) -> int:
    """Count of cells that are ids of other rows."""
    if not post_id or post_id not in evidence.sample.columns:
        return 0
    return int(evidence.filled(name).is_in(evidence.filled(post_id).to_list()).sum())
