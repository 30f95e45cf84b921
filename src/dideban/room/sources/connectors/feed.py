"""RSS and Atom: asked only for what changed, read tolerantly, full text on request."""

from __future__ import annotations

import calendar
import hashlib
import html
import io
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import nh3

from dideban.errors import SourceError
from dideban.room.net import Fetcher
from dideban.room.sources.connectors.model import Ask, Collected

MAX_ENTRIES = 1_000
MAX_ARTICLES = 25
"""Articles fetched for their full text in one try; the rest come with the next."""
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
    feed = parse(answer.body, content_type=answer.headers.get("content-type", ""))
    seen = set() if ask.since or ask.is_test else set(ask.state.get("seen", []))
    entries = [
        record
        for entry in feed.entries[:MAX_ENTRIES]
        if (record := _record(entry, feed, url=answer.url, now=ask.now))["post_id"] not in seen
        and (ask.since is None or datetime.fromisoformat(record["created_at"]) >= ask.since)
    ]
    if settings.get("full_text") and not ask.is_test:
        entries = entries[:MAX_ARTICLES]
        for record in entries:
            _add_full_text(record, ask.fetcher)
    left = len(feed.entries) > len(entries) + len(seen) and bool(settings.get("full_text"))
    state = {
        "etag": "" if left else answer.headers.get("etag", "")[:500],
        "modified": "" if left else answer.headers.get("last-modified", "")[:100],
        "seen": ([record["post_id"] for record in entries] + list(ask.state.get("seen", [])))[:KEPT_IDS],
    }
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in entries)
    parts = [("feed.ndjson", lines.encode("utf-8", "replace"))] if entries else []
    return Collected(parts=parts, state=state, n_items=len(entries))


def parse(body: bytes, *, content_type: str = "") -> Any:
    """Read a feed; entities of its own are refused, so that none can grow or point anywhere.

    Raises
    ------
    SourceError
        Not a feed, or one that declares entities.
    """
    if b"<!ENTITY" in body.replace(b"\x00", b"").upper():
        raise SourceError("the feed declares entities of its own, which is not read")
    # A stream, because bytes alone could be taken for the name of a file.
    headers = {"content-type": content_type or "application/xml"}
    feed = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.get("version") and not feed.get("entries"):
        raise SourceError(
            "what is at this address is no RSS or Atom feed", hint="look for a link named RSS on the site"
        )
    return feed


def plain(text: str) -> str:
    """Return the words of a piece of HTML."""
    spaced = text.replace("<br", "\n<br").replace("</p>", "</p>\n").replace("</li>", "</li>\n")
    clean = nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style"})
    lines = (" ".join(line.split()) for line in html.unescape(clean).splitlines())
    return "\n".join(line for line in lines if line)[:MAX_TEXT]


def _record(entry: Any, feed: Any, *, url: str, now: datetime) -> dict[str, Any]:
    link = _link(entry, url)
    moment = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    at = datetime.fromtimestamp(_seconds(moment), UTC) if _seconds(moment) else now
    title, body = plain(str(entry.get("title", ""))), plain(_body(entry))
    text = title if not body or (body.startswith(title) and len(body) < len(title) + 3) else f"{title}\n{body}".strip()
    key = str(entry.get("id") or link or f"{title}{at.isoformat()}")
    return {
        "post_id": key if len(key) <= 300 else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(),
        "account_id": (urlsplit(link).hostname if link else None) or urlsplit(url).hostname or "feed",
        "platform": "web",
        "created_at": at.isoformat(),
        "text": text,
        "lang": str(feed.feed.get("language", ""))[:12] or None,
        "urls": [link] if link else [],
        "hashtags": [],
    }


def _seconds(moment: Any) -> int:
    try:
        return calendar.timegm(moment) if moment else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def _link(entry: Any, url: str) -> str:
    try:
        link = urljoin(url, str(entry.get("link", "")).strip())
        return link if urlsplit(link).scheme in ("http", "https") and entry.get("link") else ""
    except ValueError:
        return ""


def _body(entry: Any) -> str:
    contents = [str(part.get("value", "")) for part in entry.get("content", [])]
    return max([*contents, str(entry.get("summary", ""))], key=len)


def _add_full_text(record: dict[str, Any], fetcher: Fetcher) -> None:
    """Put the text of the article in place of its summary; a page that cannot be had changes nothing."""
    import trafilatura

    if not record["urls"]:
        return
    try:
        page = fetcher.get(record["urls"][0])
    except SourceError:
        return
    text = trafilatura.extract(page.body.decode("utf-8", "replace"), include_comments=False, include_tables=False)
    if text and len(text) > len(record["text"]) // 2:
        title = record["text"].split("\n", 1)[0]
        record["text"] = (text if text.startswith(title) else f"{title}\n{text}")[:MAX_TEXT]
