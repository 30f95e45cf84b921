"""ActivityPub: the outbox in the archive of a Mastodon account, and collections of activities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dideban.ingest import notes as said
from dideban.ingest.format import NotAPost, Record, Shape
from dideban.ingest.markup import read_html

KINDS = {
    "Like": "like",
    "Follow": "follow",
    "Block": "block",
    "Delete": "deletion",
    "Undo": "deletion",
    "Update": "update",
}
POSTS = frozenset({"Note", "Article", "Page", "Question", "Video", "Image", "Event"})


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read what was written or boosted; other activities are no posts."""
    done, shown = record["type"], record["object"]
    if done == "Announce":
        yield {
            "post_id": record["id"], "account_id": _name(record["actor"]), "created_at": record["published"],
            "repost_of": _name(shown),
        }  # fmt: skip
    elif done == "Create" and isinstance(shown, dict) and shown.get("type") in POSTS:
        yield _post(shown, record)
    else:
        raise NotAPost(KINDS.get(done, "other-record"))


def _post(shown: Record, record: Record) -> Record:
    text, urls = read_html(shown.get("content") or shown.get("name") or "")
    tags = [tag for tag in _listed(shown.get("tag")) if isinstance(tag, dict)]
    return {
        "post_id": shown.get("id") or record["id"],
        "account_id": _name(shown.get("attributedTo") or record["actor"]),
        "created_at": shown.get("published") or record["published"],
        "text": text,
        "lang": next(iter(shown.get("contentMap") or ()), None),
        "urls": urls or None,
        "hashtags": [str(tag.get("name", "")).lstrip("#") for tag in tags if tag.get("type") == "Hashtag"] or None,
        "mentions": [tag.get("href") or tag.get("name") for tag in tags if tag.get("type") == "Mention"],
        "media": [one["url"] for one in _listed(shown.get("attachment")) if isinstance(one, dict) and one.get("url")],
        "reply_to": _name(shown["inReplyTo"]) if shown.get("inReplyTo") else None,
    }


def _name(value: Any) -> str:
    """What an actor or object is called: its address, bare or inside it."""
    named = _listed(value)[0]
    return str(named["id"] if isinstance(named, dict) else named)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


ACTIVITYPUB = Shape(
    name="activitypub",
    title="ActivityPub",
    platform="mastodon",
    record=lambda record: {"type", "actor", "object"} <= record.keys() and ("published" in record or "to" in record),
    extract=extract,
    notes=(said.WITHOUT_MARKUP,),
)
