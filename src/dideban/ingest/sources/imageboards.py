"""Imageboards: threads as 4chan and boards like it give them."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.format import Record, Shape
from dideban.ingest.markup import read_html


def extract(post: Record, _context: Record) -> Iterator[Record]:
    """Read one post: its account is a tripcode, or the sign that the board gave a poster in a thread; or nobody."""
    text, links = read_html(f"{post.get('sub') or ''}<br>{post.get('com') or ''}")
    board, thread = post.get("board"), post["resto"] or post["no"]
    home = f"{board}/" if board else ""
    yield {
        "post_id": f"{home}{post['no']}",
        "account_id": post.get("trip") or (f"{post['id']}@{home}{thread}" if post.get("id") else None),
        "created_at": post["time"],
        "text": text or None,
        "urls": [link for link in links if link.startswith(("http:", "https:"))] or None,
        "reply_to": f"{home}{post['resto']}" if post["resto"] else None,
    }


IMAGEBOARD = Shape(
    name="imageboard",
    platform="imageboard",
    record=lambda record: {"no", "now", "time", "resto"} <= record.keys(),
    extract=extract,
    links_in_text=True,
)
