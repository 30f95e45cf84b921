"""RSS and Atom: asked only for what changed, read tolerantly, full text on request."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from dideban.errors import SourceError
from dideban.room.fetch import Fetcher
from dideban.room.reader.isolated import read_apart
from dideban.room.sources.contract import Ask, Collected

MAX_ARTICLES = 25
"""Articles fetched for their full text in one try; the rest come with the next."""
ARTICLE_S = 10.0
MAX_TEXT = 100_000
KEPT_IDS = 2_000


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return the entries of a feed that were not seen before.

    Raises
    ------
    SourceError
        It cannot be fetched, or is no feed.
    """
    headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"}
    if not ask.is_test and ask.since is None:
        headers |= {
            name: ask.state[key]
            for key, name in (("etag", "If-None-Match"), ("modified", "If-Modified-Since"))
            if ask.state.get(key)
        }
    answer = ask.fetcher.get(settings["url"], headers=headers)
    if answer.status == 304:
        return Collected(state=ask.state)
    feed = read_apart(
        "feed", answer.body, content_type=answer.headers.get("content-type", "")[:200], url=answer.url,
        now=ask.now.isoformat(),
    )  # fmt: skip
    seen = set() if ask.since or ask.is_test else set(ask.state.get("seen", []))
    entries = [
        record
        for record in feed["records"]
        if record["post_id"] not in seen
        and (ask.since is None or datetime.fromisoformat(record["created_at"]) >= ask.since)
    ]
    if settings.get("full_text") and not ask.is_test:
        entries = entries[:MAX_ARTICLES]
        for record in entries:
            _add_full_text(record, ask.fetcher)
    for record in entries:
        shown = record.pop("pictures", [])
        if ask.pictures:
            record["media"] = [look for address in shown if (look := ask.pictures.look(address))]
    left = feed["n"] > len(entries) + len(seen) and bool(settings.get("full_text"))
    state = {
        "etag": "" if left else answer.headers.get("etag", "")[:500],
        "modified": "" if left else answer.headers.get("last-modified", "")[:100],
        "seen": ([record["post_id"] for record in entries] + list(ask.state.get("seen", [])))[:KEPT_IDS],
    }
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in entries)
    parts = [("feed.ndjson", lines.encode("utf-8", "replace"))] if entries else []
    trouble = SourceError("room.feed-cut") if feed.get("is_cut") else None
    if trouble:
        state |= {"etag": "", "modified": ""}  # asked whole again
    return Collected(parts=parts, state=state, n_items=len(entries), trouble=trouble)


def _add_full_text(record: dict[str, Any], fetcher: Fetcher) -> None:
    """Put the text of the article in place of its summary; a page that cannot be had changes nothing."""
    if not record["urls"]:
        return
    try:
        text = read_apart("article", fetcher.get(record["urls"][0]).body, limit_s=ARTICLE_S)["text"]
    except SourceError:
        return
    if text and len(text) > len(record["text"]) // 2:
        title = record["text"].split("\n", 1)[0]
        record["text"] = (text if text.startswith(title) else f"{title}\n{text}")[:MAX_TEXT]
