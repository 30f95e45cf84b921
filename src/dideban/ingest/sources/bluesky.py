"""Bluesky: Jetstream events, posts as the API and its SDKs show them, and records of a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dideban.ingest import notes as said
from dideban.ingest.format import SAID, NotAPost, Record, Shape

_POST, _REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
_KINDS = {
    "app.bsky.feed.like": "like",
    "app.bsky.graph.follow": "follow",
    "app.bsky.graph.block": "block",
    "app.bsky.graph.list": "block",
    "app.bsky.graph.listitem": "block",
    "app.bsky.actor.profile": "profile",
}
_EARLIEST_US = 631_152_000_000_000
"""1 January 1990; what is declared to be older is absurd."""
_CLOCKS_DIFFER_US = 60_000_000
"""A clock that is so far ahead is no absurd time."""
USUAL_LENGTH = len("2026-05-01T12:00:00.123456Z")
_FRACTION = re.compile(r"(\.\d{6})\d+")


def extract_event(event: Record, _context: Record) -> Iterator[Record]:
    """Read one Jetstream event; only new posts and reposts are posts."""
    if event["kind"] in ("identity", "account"):
        raise NotAPost("identity-event")
    commit = event["commit"]
    operation, collection = commit["operation"], commit["collection"]
    if operation == "delete":
        raise NotAPost("deletion")
    if collection not in (_POST, _REPOST):
        raise NotAPost(_KINDS.get(collection, "other-record"))
    if operation == "update":
        raise NotAPost("update")
    uri = f"at://{event['did']}/{collection}/{commit['rkey']}"
    seen = event.get("time_us")
    yield _record(uri, event["did"], commit["record"], None if seen is None else int(seen))


def extract_record(record: Record, _context: Record) -> Iterator[Record]:
    """Read one record of a repository: ``uri`` and ``value``, as listRecords gives it."""
    uri, value = record["uri"], record["value"]
    did, collection = uri.removeprefix("at://").split("/")[:2]
    if collection not in (_POST, _REPOST):
        raise NotAPost(_KINDS.get(collection, "other-record"))
    yield _record(uri, did, value, None)


def extract_view(view: Record, _context: Record) -> Iterator[Record]:
    """Read one post as feeds and searches of the API give it; SDKs write names in snake_case."""
    item = view.get("post", view)
    seen = _micros(_either(item, "indexedAt", "indexed_at"))
    post = _record(item["uri"], item["author"]["did"], item["record"], seen)
    yield {**post, "reach": _either(item, "repostCount", "repost_count")}
    reason = view.get("reason") or {}
    at = _either(reason, "indexedAt", "indexed_at")
    if reason.get("by") and at:
        person = reason["by"]["did"]
        uri = reason.get("uri") or f"{item['uri']}#{person}"
        yield {"post_id": uri, "account_id": person, "created_at": at, "repost_of": item["uri"]}


def _record(uri: str, author: str, record: Record, seen_us: int | None) -> Record:
    """Read a post or repost; its time is the earlier of what the app declared and what the network saw."""
    declared = _either(record, "createdAt", "created_at")
    row: Record
    if "subject" in record:
        row = {"post_id": uri, "account_id": author, "repost_of": record["subject"]["uri"]}
    else:
        row = _post(uri, author, record)
    row["created_at"] = declared
    if seen_us is None:
        return row
    moment = _micros(declared)
    if moment is None or not _EARLIEST_US <= moment <= seen_us:
        row["created_at"] = seen_us
        if moment is None or moment < _EARLIEST_US or moment > seen_us + _CLOCKS_DIFFER_US:
            row[SAID] = "network-time"
    return row


def _micros(text: Any) -> int | None:
    """Microseconds since 1970; null where a text is no time."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text if len(text) <= USUAL_LENGTH else _FRACTION.sub(r"\1", text))
    except ValueError:
        return None
    if moment.year < 1970:
        return -1
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000_000)


def _either(record: Record, camel: str, snake: str) -> Any:
    value = record.get(camel)
    return record.get(snake) if value is None else value


def _post(uri: str, author: str, record: Record) -> Record:
    features = [feature for facet in record.get("facets") or [] for feature in facet.get("features") or []]
    embed = record.get("embed") or {}
    media = embed.get("media") or embed
    external = (embed.get("external") or media.get("external") or {}).get("uri")
    urls = [feature["uri"] for feature in features if "uri" in feature]
    quoted = embed.get("record") or {}
    return {
        "post_id": uri,
        "account_id": author,
        "text": record["text"],
        "lang": next(iter(record.get("langs") or []), None),
        "urls": urls + [external] * bool(external and external not in urls),
        "hashtags": [feature["tag"] for feature in features if "tag" in feature] + (record.get("tags") or []),
        "mentions": [feature["did"] for feature in features if "did" in feature],
        "media": [_blob(image.get("image")) for image in media.get("images") or []] + _video(media),
        "reply_to": ((record.get("reply") or {}).get("parent") or {}).get("uri"),
        "quote_of": quoted.get("uri") or (quoted.get("record") or {}).get("uri"),
    }


def _blob(blob: Any) -> str | None:
    if not isinstance(blob, dict):
        return None
    ref = blob.get("ref")
    return (ref.get("$link") or ref.get("link")) if isinstance(ref, dict) else blob.get("cid") or ref


def _video(media: Record) -> list[str | None]:
    return [_blob(media["video"])] if isinstance(media.get("video"), dict) else []


def _is_view(record: Record) -> bool:
    post = record.get("post", record)
    return (
        isinstance(post, dict)
        and str(post.get("uri", "")).startswith("at://")
        and isinstance(post.get("record"), dict)
        and isinstance(post.get("author"), dict)
    )


JETSTREAM = Shape(
    name="bluesky-jetstream",
    title="Bluesky Jetstream",
    platform="bluesky",
    record=lambda record: {"did", "time_us"} <= record.keys() and "kind" in record,
    extract=extract_event,
    own_objects=True,
    notes=(said.BLUESKY_TIMES,),
)

BLUESKY = Shape(
    name="bluesky-api", title="Bluesky API", platform="bluesky", record=_is_view, extract=extract_view, own_objects=True
)

REPOSITORY = Shape(
    name="bluesky-repository",
    platform="bluesky",
    record=lambda record: (
        str(record.get("uri", "")).startswith("at://") and isinstance(record.get("value"), dict) and "cid" in record
    ),
    extract=extract_record,
    own_objects=True,
)
