"""Shown comments as the site takes them in: data from a process that the site does not trust, never its HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import orjson

from dideban.errors import InputError
from dideban.messages import cause_of
from dideban.site.lookalikes import with_real_hosts
from dideban.site.markdown import one_line, tidy

SCHEMA = "dideban.comments/1"
MOST_BYTES, MOST_PER_PAGE, MOST_TEXT, MOST_NAME = 50_000_000, 500, 2_000, 60
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")


@dataclass(frozen=True, kw_only=True)
class ShownComment:
    """One comment of a reader, as text."""

    name: str
    lines: tuple[str, ...]
    at: str
    """``2026-11-29T10:00Z``."""


def read_shown(path: Path) -> dict[str, tuple[ShownComment, ...]]:
    """Read ``shown.json`` of the comment process: page to its comments, the oldest first.

    What is not of the form is left out; a missing file is no comments.

    Raises
    ------
    InputError
        Too large, or not such a file.
    """
    try:
        if not path.exists():
            return {}
        if path.stat().st_size > MOST_BYTES:
            raise InputError("file.too-large", path=str(path), most=MOST_BYTES)
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        reason = cause_of(error) if isinstance(error, OSError) else "JSON"
        raise InputError("file.not-read", path=str(path), reason=reason) from error
    pages = document.get("pages") if isinstance(document, dict) and document.get("schema") == SCHEMA else None
    if not isinstance(pages, dict):
        raise InputError("file.not-read", path=str(path), reason=SCHEMA)
    return {page: _comments_of(content) for page, content in pages.items()}


def _comments_of(content: object) -> tuple[ShownComment, ...]:
    rows = content.get("comments") if isinstance(content, dict) else None
    found = [_comment_of(row) for row in (rows if isinstance(rows, list) else [])[:MOST_PER_PAGE]]
    return tuple(one for one in found if one is not None)


def _comment_of(row: object) -> ShownComment | None:
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("name", "body", "at")):
        return None
    lines = tuple(
        with_real_hosts(line) for line in tidy(row["body"], limit=MOST_TEXT).split("\n") if line.strip()
    )  # fmt: skip
    if not lines or not AT.fullmatch(row["at"]):
        return None
    return ShownComment(name=one_line(row["name"], limit=MOST_NAME), lines=lines, at=row["at"])
