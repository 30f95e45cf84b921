"""X (Twitter) as its website shows it: what Zeeschuimer and twitter-web-exporter collect in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dideban.ingest.format import NotAPost, Record, Shape
from dideban.ingest.sources.x import v1_post

_NOT_SHOWN = ("TweetTombstone", "TweetUnavailable")


def web_post(data: Record) -> Record:
    """Read one result of the website: ``legacy`` or, in newer answers, ``details`` with the same fields."""
    data = data.get("tweet", data) if "tweet" in data and "rest_id" not in data else data
    if data.get("__typename") in _NOT_SHOWN or "tombstone" in data:
        raise NotAPost("tombstone")
    body = _body(data)
    if body is None:
        raise KeyError("legacy")
    original = _inner(body.pop("retweeted_status_result", None) or data.get("retweeted_status_result"))
    if original is not None and (inner := _body(original)) is not None:
        body["retweeted_status"] = inner
    quoted = _inner(data.get("quoted_status_result"))
    if quoted is not None and quoted.get("rest_id"):
        body.setdefault("quoted_status_id_str", quoted["rest_id"])
    person = (data.get("core") or {}).get("user_results", {}).get("result") or {}
    names = {**(person.get("core") or {}), **(person.get("legacy") or {})}
    post = v1_post(body, {"id_str": person.get("rest_id"), "screen_name": names.get("screen_name")})
    views = (data.get("views") or {}).get("count")
    return {**post, "reach": views or post["reach"]}


def _inner(result: Any) -> Record | None:
    found = (result or {}).get("result") if isinstance(result, dict) else None
    if not isinstance(found, dict):
        return None
    return found.get("tweet") if "tweet" in found else found


def _body(data: Record) -> Record | None:
    """Fields of a tweet as API v1.1 names them, with the whole text of a long one."""
    part = data.get("legacy") or data.get("details")
    if not isinstance(part, dict) or "created_at" not in part:
        return None
    body = dict(part)
    body.setdefault("id_str", data.get("rest_id"))
    note = (((data.get("note_tweet") or {}).get("note_tweet_results") or {}).get("result")) or {}
    if note.get("text"):
        body["extended_tweet"] = {"full_text": note["text"], "entities": note.get("entity_set")}
    return body


def extract(record: Record, _context: Record) -> Iterator[Record]:
    """Read one result."""
    yield {**web_post(record), "platform": "x"}


X_WEB = Shape(
    name="x-web",
    platform="x",
    record=lambda record: (
        "rest_id" in record and "core" in record and (isinstance(record.get("legacy") or record.get("details"), dict))
    ),
    extract=extract,
    own_objects=True,
)
