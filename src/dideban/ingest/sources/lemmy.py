"""Lemmy: posts and comments as its interface gives them."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.format import NotAPost, Record, Shape


def extract(view: Record, _context: Record) -> Iterator[Record]:
    """Read one post or comment."""
    comment, post, person = view.get("comment"), view["post"], view.get("creator") or {}
    item = comment if isinstance(comment, dict) else post
    if item.get("deleted") or item.get("removed"):
        raise NotAPost("deletion")
    parts = [item.get("content")] if comment else [post.get("name"), post.get("body")]
    link = None if comment else post.get("url")
    text = "\n\n".join(part for part in parts if part) or None
    yield {
        "post_id": item.get("ap_id") or item["id"],
        "account_id": person.get("actor_id") or person.get("name") or item.get("creator_id"),
        "created_at": item.get("published") or item["published_at"],
        "text": text,
        "urls": [link] if link else None,
        "reply_to": (post.get("ap_id") or post.get("id")) if comment else None,
    }


LEMMY = Shape(
    name="lemmy",
    title="Lemmy API",
    platform="lemmy",
    record=lambda record: (
        isinstance(record.get("post"), dict)
        and isinstance(record.get("creator"), dict)
        and "community" in record
        and bool(record["post"].keys() & {"ap_id", "creator_id"})
    ),
    extract=extract,
)
