"""Shown comments as files that the site build reads: ``shown.json`` with all, and an HTML fragment for each page."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from markupsafe import Markup, escape

from dideban.atomic import write_bytes
from dideban.comments.store import CommentStore

SHOWN = "shown.json"
OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def write_shown(store: CommentStore) -> Path:
    """Write what is shown, whole or not at all; deterministic."""
    with store.connect(writes=False) as link:
        rows = link.execute(
            "SELECT id, page, lang, name, body, at FROM comments WHERE state = 'shown' ORDER BY page, at, id"
        ).fetchall()
    pages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        at = datetime.fromtimestamp(row["at"], UTC).strftime("%Y-%m-%dT%H:%MZ")
        pages[row["page"]].append(
            {"id": row["id"], "lang": row["lang"], "name": row["name"], "body": row["body"], "at": at}
        )
    document = {
        "schema": "dideban.comments/1",
        "pages": {page: {"comments": some, "html": str(fragment_of(some))} for page, some in pages.items()},
    }
    path = store.folder / SHOWN
    write_bytes(path, orjson.dumps(document, option=OPTIONS), survives="power")
    return path


def fragment_of(comments: list[dict[str, Any]]) -> Markup:
    """Return comments as HTML: text alone, each in an element of its own direction."""
    parts = []
    for one in comments:
        lines = [
            Markup('<p><bdi dir="auto">{}</bdi></p>').format(line) for line in one["body"].split("\n") if line.strip()
        ]
        name = Markup('<b><bdi dir="auto">{}</bdi></b> ').format(one["name"]) if one["name"] else Markup("")
        at = escape(one["at"])
        head = Markup('<p>{}<time datetime="{}"><bdi dir="ltr">{}</bdi></time></p>').format(name, at, one["at"][:10])
        parts.append(Markup('<li id="comment-{}">{}{}</li>').format(one["id"], head, Markup("").join(lines)))
    return Markup('<ol class="comments">{}</ol>').format(Markup("").join(parts))
