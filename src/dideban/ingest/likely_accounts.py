"""Who posted, where no column has a name that is known for it; by which of several columns accounts are told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from dideban.ingest.column_evidence import ADDRESS, FirstRows
from dideban.ingest.likely_columns import is_id, spelled

_PEOPLE = ("from", "author", "user", "owner", "account", "sender", "creator", "poster", "profile", "uploader",
    "commenter", "writer")  # fmt: skip
"""What nested objects are called that are whoever posted."""
_PLACES = ("channel", "page")
_WRAPPERS = frozenset({"data", "node", "post", "tweet", "status", "message", "snippet", "attributes", "item", "legacy",
    "_source", "source", "fields", "comment", "result", "raw", "video", "article"})  # fmt: skip
"""What stands around a whole post; what else stands around an account is something in it, such as music."""
_BY = (
    "id", "id_str", "uid", "user_id", "pk", "did", "rest_id", "acct", "username", "user_name", "screen_name",
    "unique_id", "handle", "login", "public_id", "display_name", "name", "nickname", "nick_name", "full_name",
)  # fmt: skip
"""Fields of an account by which it is told from others, best first."""
_HANDLES = frozenset({"handle", "username", "screen", "acct", "login", "nick"})
_UIDS = frozenset({"uid", "uids", "did"})
_OF_ANOTHER = ("repl", "parent", "retweet", "repost", "quoted", "mention", "forward", "shared", "root", "target")
_SPACED = r"\S\s+\S"
MORE_OFTEN = 2
"""How many times more values a column may have than the names beside it, if it says who posted."""


def inside(names: Sequence[str]) -> list[str]:
    """Fields of the object that is whoever posted: ids first, then handles, people before the places they wrote in.

    Examples
    --------
    >>> inside(["music.author", "author.nickname", "author.uid", "data.user.uniqueId"])
    ['author.uid', 'data.user.uniqueId', 'author.nickname']
    """
    found = []
    for place, name in enumerate(names):
        *around, holder, last = ["", "", *spelled(name).split(".")]
        kind = holder.partition("_")[0]
        if last in _BY and kind in (*_PEOPLE, *_PLACES) and all(step in _WRAPPERS for step in around if step):
            found.append((kind in _PLACES, _BY.index(last), place, name))
    return [name for *_, name in sorted(found)]


def firmest(chosen: str, names: Sequence[str], evidence: FirstRows) -> str:
    """Return the column that tells the accounts of another apart by an id, or by a handle where that shows names.

    Notes
    -----
    It says the name beside it: all rows in which it is the same have the same name, and it is met again and again.
    Names that people show are changed, and shared by several.
    """
    if not evidence.is_known or is_id(chosen) or _words(chosen) & _UIDS:
        return chosen
    others = [name for name in names if name != chosen and _may_name(name) and _says(name, chosen, evidence)]
    ids = [name for name in others if is_id(name) or _words(name) & _UIDS]
    shown = evidence.share(chosen, _SPACED) > 0
    handles = [name for name in others if shown and evidence.share(name, _SPACED) == 0 and _words(name) & _HANDLES]
    return next(iter(ids or handles), chosen)


def _may_name(name: str) -> bool:
    words = _words(name)
    is_of_people = any(word.startswith(_PEOPLE) for word in words) or bool(words & (_HANDLES | _UIDS))
    return is_of_people and not any(part in spelled(name) for part in _OF_ANOTHER)


def _words(name: str) -> set[str]:
    return set(re.split(r"[_.\s]+", spelled(name)))


def _says(name: str, chosen: str, evidence: FirstRows) -> bool:
    cells, shown = evidence.filled(name), evidence.filled(chosen)
    if len(cells) < len(shown) or evidence.is_damaged(name) or evidence.is_mostly(name, ADDRESS):
        return False
    n = cells.n_unique()
    pairs = evidence.sample.select(pl.col(chosen).str.strip_chars(), pl.col(name).str.strip_chars()).drop_nulls()
    return 1 < n < len(cells) and n <= MORE_OFTEN * shown.n_unique() and pairs.unique().height == n
