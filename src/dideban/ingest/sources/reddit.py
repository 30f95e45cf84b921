"""Reddit: submissions and comments, from the API or from Pushshift-like archives."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest.format import NotAPost, Record, Shape

_GONE = ("[deleted]", "[removed]", "")


def _inner(record: Record) -> Record:
    wrapped = record.get("data")
    return wrapped if record.get("kind") in ("t1", "t3") and isinstance(wrapped, dict) else record


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one submission or comment."""
    if record.get("kind") not in (None, "t1", "t3"):
        raise NotAPost
    item = _inner(record)
    comment = "body" in item
    parts = [item.get("body")] if comment else [item.get("title"), item.get("selftext")]
    shown = [part for part in parts if part and part not in _GONE]
    link = item.get("url_overridden_by_dest") or item.get("url")
    outside = bool(link) and not comment and not item.get("is_self") and not str(link).startswith("/")
    author = item.get("author")
    yield {
        "post_id": item.get("name") or f"{'t1' if comment else 't3'}_{item['id']}",
        "account_id": None if author in _GONE else author,
        "created_at": item["created_utc"],
        "text": "\n\n".join(shown) if shown else None,
        "urls": [link] if outside else None,
        "repost_of": item.get("crosspost_parent"),
        "reply_to": item.get("parent_id") if comment else None,
        "reach": item.get("view_count"),
    }


REDDIT = Shape(
    name="reddit",
    title="Reddit submissions and comments",
    platform="reddit",
    record=lambda record: (
        {"id", "author", "created_utc", "subreddit"} <= _inner(record).keys()
        and ("body" in _inner(record) or "title" in _inner(record))
    ),
    extract=extract,
    notes=("posts whose author is deleted are rejected",),
)
