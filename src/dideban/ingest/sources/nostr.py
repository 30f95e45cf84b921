"""Nostr: events as relays give them and archives keep them (NIP-01)."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from dideban.ingest.format import NotAPost, Record, Shape

_NOTES = (1, 1111, 30_023)
"""Short notes, comments (NIP-22), and long articles (NIP-23)."""
_REPOSTS = (6, 16)
_KINDS = {0: "profile", 3: "follow", 5: "deletion", 7: "like"}
_REPLY_MARKS = ("reply", "root")


def extract(event: Record, _context: Record) -> Iterator[Record]:
    """Read one signed event; the tags say what it answers, repeats, quotes and names."""
    kind, tags = event["kind"], [tag for tag in event["tags"] if isinstance(tag, list) and len(tag) > 1]
    if kind in _REPOSTS:
        yield {**_who(event), "text": _words_of(event["content"]), "repost_of": _values(tags, "e")[-1]}
        return
    if kind not in _NOTES:
        raise NotAPost(_KINDS.get(kind, "other-record"))
    yield {
        **_who(event),
        "text": event["content"],
        "urls": _values(tags, "r") or None,
        "hashtags": _values(tags, "t") or None,
        "mentions": _values(tags, "p"),
        "reply_to": _answered(tags),
        "quote_of": next(iter(_values(tags, "q")), None),
    }


def _words_of(content: object) -> str | None:
    """The words of the original, which programs put into a repost whole (NIP-18)."""
    try:
        original = orjson.loads(content) if isinstance(content, str) and content.startswith("{") else None
    except orjson.JSONDecodeError:
        return None
    words = original.get("content") if isinstance(original, dict) else None
    return words if isinstance(words, str) else None


def _who(event: Record) -> Record:
    return {"post_id": event["id"], "account_id": event["pubkey"], "created_at": event["created_at"]}


def _values(tags: list[list[str]], name: str) -> list[str]:
    return [tag[1] for tag in tags if tag[0] == name]


def _answered(tags: list[list[str]]) -> str | None:
    """The post that is marked as answered; of tags without marks, as old programs write them, the last."""
    named = [tag for tag in tags if tag[0] == "e"]
    for mark in _REPLY_MARKS:
        for tag in named:
            if mark in tag[3:4]:
                return tag[1]
    plain = [tag for tag in named if len(tag) < 4 or not tag[3]]
    return plain[-1][1] if plain else None


NOSTR = Shape(
    name="nostr",
    title="Nostr",
    platform="nostr",
    record=lambda record: {"id", "pubkey", "created_at", "kind", "tags", "content"} <= record.keys(),
    extract=extract,
    links_in_text=True,
)
"""Links, hashtags and mentions stand in the text; tags for them are optional."""
