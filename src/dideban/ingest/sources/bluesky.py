"""Bluesky: Jetstream events, and posts as the API shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dideban.ingest.format import NotAPost, Record, Shape

_POST, _REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"


def extract_event(event: Record, _context: Record) -> Iterator[Record]:
    """Read one Jetstream event; only new posts and reposts are posts."""
    commit = event.get("commit")
    if not isinstance(commit, dict) or commit.get("operation") != "create":
        raise NotAPost
    collection, record = commit.get("collection"), commit.get("record")
    if collection not in (_POST, _REPOST) or not isinstance(record, dict):
        raise NotAPost
    uri = f"at://{event['did']}/{collection}/{commit['rkey']}"
    seen = event.get("time_us")
    moment = _sort_at(record.get("createdAt"), int(seen) if seen is not None else None)
    if collection == _REPOST:
        yield {"post_id": uri, "account_id": event["did"], "created_at": moment, "repost_of": record["subject"]["uri"]}
    else:
        yield _post(uri, event["did"], moment, record)


def extract_view(view: Record, _context: Record) -> Iterator[Record]:
    """Read one post as feeds and searches of the API give it."""
    item = view.get("post", view)
    seen = item.get("indexedAt")
    moment = min(filter(None, (item["record"].get("createdAt"), seen)), default=None)
    post = _post(item["uri"], item["author"]["did"], moment, item["record"])
    yield {**post, "reach": item.get("repostCount")}
    reason = view.get("reason") or {}
    if reason.get("by") and reason.get("indexedAt"):
        person = reason["by"]["did"]
        uri = reason.get("uri") or f"{item['uri']}#{person}"
        yield {"post_id": uri, "account_id": person, "created_at": reason["indexedAt"], "repost_of": item["uri"]}


def _sort_at(declared: Any, seen_us: int | None) -> Any:
    """The earlier of the time an app declares and the time the network saw: apps may declare any time."""
    if seen_us is None or not isinstance(declared, str):
        return declared if seen_us is None else seen_us
    try:
        moment = datetime.fromisoformat(declared)
    except ValueError:
        return seen_us
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return declared if aware.timestamp() * 1e6 <= seen_us else seen_us


def _post(uri: str, author: str, moment: Any, record: Record) -> Record:
    features = [feature for facet in record.get("facets") or [] for feature in facet.get("features") or []]
    embed = record.get("embed") or {}
    media = embed.get("media") or embed
    external = (embed.get("external") or media.get("external") or {}).get("uri")
    urls = [feature["uri"] for feature in features if "uri" in feature]
    quoted = embed.get("record") or {}
    return {
        "post_id": uri,
        "account_id": author,
        "created_at": moment,
        "text": record.get("text"),
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
    return ref.get("$link") if isinstance(ref, dict) else blob.get("cid")


def _video(media: Record) -> list[str | None]:
    return [_blob(media["video"])] if isinstance(media.get("video"), dict) else []


JETSTREAM = Shape(
    name="bluesky-jetstream",
    title="Bluesky Jetstream",
    platform="bluesky",
    record=lambda record: {"did", "time_us"} <= record.keys() and "kind" in record,
    extract=extract_event,
    own_objects=True,
    notes=("times are the earlier of what the app declared and what the network saw",),
)

BLUESKY = Shape(
    name="bluesky-api",
    title="Bluesky API",
    platform="bluesky",
    record=lambda record: (
        isinstance(post := record.get("post", record), dict)
        and str(post.get("uri", "")).startswith("at://")
        and isinstance(post.get("record"), dict)
        and isinstance(post.get("author"), dict)
    ),
    extract=extract_view,
    own_objects=True,
)
