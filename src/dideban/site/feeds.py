"""Atom and JSON Feed, one pair for each language and each place in it, and one for corrections."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from dideban.site.address import address_of
from dideban.site.dates import stamp
from dideban.site.markdown import one_line
from dideban.site.records import PublishedItem, SiteInfo

NEWEST = 30
"""Entries of a feed."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a feed."""

    path: str
    title: str
    summary: str
    html: str
    published_at: datetime
    updated_at: datetime
    mark: str = ""
    """Tells entries of the same page apart."""


def entries_of(items: Sequence[PublishedItem], *, html_of: Callable[[PublishedItem], str]) -> list[Entry]:
    """Return the entries of a feed: what changed last comes first. What is withdrawn is in none."""
    newest = sorted(items, key=lambda one: (-one.updated_at.timestamp(), one.folder))[:NEWEST]
    return [
        Entry(
            path=f"{one.folder}/index.html", title=one_line(one.title), summary=one_line(one.summary),
            html=html_of(one), published_at=one.published_at, updated_at=one.updated_at,
        )
        for one in newest
    ]  # fmt: skip


def atom(entries: Sequence[Entry], *, info: SiteInfo, lang: str, title: str, path: str, page: str) -> bytes:
    """Return an Atom feed (RFC 4287)."""
    own, home = address_of(info.base_url, path), address_of(info.base_url, page)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(lang)}>',
        f"<title>{_text(title)}</title>", f"<id>{_text(own)}</id>", f'<link rel="self" href={quoteattr(own)}/>',
        f'<link rel="alternate" href={quoteattr(home)}/>', f"<updated>{_updated(entries)}</updated>",
        f"<author><name>{_text(one_line(info.name(lang)))}</name></author>",
    ]  # fmt: skip
    for one in entries:
        address = address_of(info.base_url, one.path)
        lines += [
            "<entry>", f"<title>{_text(one.title)}</title>", f"<id>{_text(address + one.mark)}</id>",
            f'<link rel="alternate" href={quoteattr(address)}/>', f"<published>{stamp(one.published_at)}</published>",
            f"<updated>{stamp(one.updated_at)}</updated>",
        ]  # fmt: skip
        lines += [f"<summary>{_text(one.summary)}</summary>"] if one.summary else []
        lines += [f'<content type="html">{_text(one.html)}</content>'] if one.html else []
        lines.append("</entry>")
    return ("\n".join([*lines, "</feed>"]) + "\n").encode()


def json_feed(entries: Sequence[Entry], *, info: SiteInfo, lang: str, title: str, path: str, page: str) -> bytes:
    """Return a JSON Feed 1.1."""
    items = [
        {
            "id": address_of(info.base_url, one.path) + one.mark, "url": address_of(info.base_url, one.path),
            "title": one.title, "summary": one.summary, "content_html": one.html or one.summary,
            "date_published": stamp(one.published_at), "date_modified": stamp(one.updated_at), "language": lang,
        }
        for one in entries
    ]  # fmt: skip
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": title, "language": lang,
        "home_page_url": address_of(info.base_url, page), "feed_url": address_of(info.base_url, path),
        "authors": [{"name": one_line(info.name(lang))}], "items": items,
    }  # fmt: skip
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _updated(entries: Sequence[Entry]) -> str:
    return max((stamp(one.updated_at) for one in entries), default="1970-01-01T00:00:00Z")


def _text(text: str) -> str:
    return escape(text)
