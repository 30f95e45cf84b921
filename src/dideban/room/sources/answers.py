"""What connectors that ask interfaces for programs share: JSON read strictly, and lines of it for the engine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import orjson

from dideban.errors import SourceError
from dideban.room.fetch import Fetched
from dideban.room.sources.contract import Collected

KEPT_IDS = 3_000


def read_object(answer: Fetched) -> dict[str, Any]:
    """Return the object that an interface answered.

    Raises
    ------
    SourceError
        Something else: a page that asks to sign in, or no JSON.
    """
    kind = answer.headers.get("content-type", "")
    if "html" in kind or answer.body.lstrip()[:1] == b"<":
        raise SourceError("room.page-instead")
    try:
        found = orjson.loads(answer.body)
    except ValueError as error:
        raise SourceError("room.not-json", hint="") from error
    if not isinstance(found, dict):
        raise SourceError("room.answer-odd")
    return found


def items_of(found: dict[str, Any], *path: str) -> list[dict[str, Any]]:
    """Return the records at a place of an answer.

    Raises
    ------
    SourceError
        There is no list: the interface answers in another way than it did.
    """
    value: Any = found
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, list):
        raise SourceError("room.answer-odd")
    return [one for one in value if isinstance(one, dict)]


def collected(
    name: str, records: Iterable[tuple[str, dict[str, Any]]], *, state: dict[str, Any], is_all: bool
) -> Collected:
    """Return records that were not seen before as lines.

    Parameters
    ----------
    records : (id, record)
        An empty id: the record has none where it used to have one.
    is_all : bool
        Take all, seen or not: a test, or a look back.

    Raises
    ------
    SourceError
        No record has an id: the interface answers in another way than it did.
    """
    rows, seen = list(records), list(state.get("seen", []))
    if rows and not any(key for key, _ in rows):
        raise SourceError("room.answer-odd")
    known = set() if is_all else set(seen)
    fresh = {key: record for key, record in rows if key not in known}
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in fresh.values())
    kept = list(dict.fromkeys([*fresh, *seen]))[:KEPT_IDS]
    parts = [(name, lines.encode("utf-8", "replace"))] if fresh else []
    return Collected(parts=parts, state={**state, "seen": kept}, n_items=len(fresh))
