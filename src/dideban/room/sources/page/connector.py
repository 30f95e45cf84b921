"""New links of a page that lists articles: the first look learns what is there, later ones bring what is new."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from dideban.errors import SourceError
from dideban.room.reader.isolated import read_apart
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.politeness import fetch_page

LEAST_CHARS = 20
"""Shorter words of a link are a menu, not a headline."""
MAX_ARTICLES = 15
ARTICLE_S = 10.0
MAX_TEXT = 100_000
KEPT = 4_000


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return links that were not on the page before, dated now: nobody says when they were written.

    Raises
    ------
    SourceError
        Robots are not wanted there, it asks to sign in, or it lists no articles (any more).
    """
    answer = fetch_page(ask.fetcher, settings["url"])
    found = read_apart("links", answer.body, url=answer.url)
    links = _articles(found["links"], answer.url, str(settings.get("part") or ""))
    if found["asks_password"] and not links:
        raise SourceError("room.page-instead")
    if not links:
        raise SourceError("room.markup-changed" if ask.state.get("seen") else "room.no-articles")
    seen = list(ask.state.get("seen", []))
    known = set(seen)
    fresh = {url: text for url, text in links.items() if url not in known}
    is_first = not seen and not ask.is_test
    wanted = {} if is_first else dict(list(fresh.items())[:MAX_ARTICLES] if settings.get("full_text") else fresh)
    host = urlsplit(answer.url).hostname or "page"
    records = [_record(url, text, host, ask, full=bool(settings.get("full_text"))) for url, text in wanted.items()]
    kept = list(dict.fromkeys([*(links if is_first else wanted), *seen]))[:KEPT]
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    parts = [("page.ndjson", lines.encode("utf-8", "replace"))] if records else []
    return Collected(parts=parts, state={"seen": kept}, n_items=len(records))


def _articles(links: list[list[str]], page: str, part: str) -> dict[str, str]:
    """Return the links that look like articles: of the same site, with words, holding what the member named."""
    host = (urlsplit(page).hostname or "").removeprefix("www.")
    return {
        url: text for url, text in links
        if len(text) >= LEAST_CHARS and part in url and url != page
        and (urlsplit(url).hostname or "").removeprefix("www.") == host
    }  # fmt: skip


def _record(url: str, text: str, host: str, ask: Ask, *, full: bool) -> dict[str, Any]:
    if full and not ask.is_test:
        try:
            body = read_apart("article", fetch_page(ask.fetcher, url).body, limit_s=ARTICLE_S)["text"]
        except SourceError:
            body = ""
        if body and len(body) > len(text):
            text = (body if body.startswith(text) else f"{text}\n{body}")[:MAX_TEXT]
    return {
        "post_id": url[:300], "account_id": host, "platform": "web", "created_at": ask.now.isoformat(), "text": text,
        "urls": [url], "hashtags": [],
    }  # fmt: skip
