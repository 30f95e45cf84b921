"""Mastodon API: statuses as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.ingest import notes as said
from dideban.ingest.format import Record, Shape
from dideban.ingest.markup import read_html


def status(record: Record) -> Record:
    """Read one status; a boost shows what it boosts."""
    reblog = record.get("reblog")
    shown = reblog or record
    text, urls = read_html(shown.get("content") or "")
    account = record["account"]
    return {
        "post_id": record.get("uri") or record["id"],
        "account_id": account.get("url") or account.get("acct") or account["id"],
        "created_at": record["created_at"],
        "text": text,
        "lang": shown.get("language"),
        "urls": [] if reblog else urls,
        "hashtags": [] if reblog else [tag["name"] for tag in record.get("tags") or []],
        "mentions": [] if reblog else [m.get("url") or m.get("acct") for m in record.get("mentions") or []],
        "media": [] if reblog else [item["id"] for item in record.get("media_attachments") or []],
        "repost_of": (reblog.get("uri") or reblog["id"]) if reblog else None,
        "reply_to": record.get("in_reply_to_id"),
        "quote_of": ((record.get("quote") or {}).get("quoted_status") or {}).get("uri"),
        "reach": shown.get("reblogs_count"),
    }


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one status, or the status inside a streaming event."""
    yield status(record)


MASTODON = Shape(
    name="mastodon",
    title="Mastodon API",
    platform="mastodon",
    record=lambda record: (
        {"account", "content", "created_at"} <= record.keys()
        and isinstance(record["account"], dict)
        and ("visibility" in record or "reblogs_count" in record or "acct" in record["account"])
    ),
    extract=extract,
    own_objects=True,
    notes=(said.WITHOUT_MARKUP,),
)
