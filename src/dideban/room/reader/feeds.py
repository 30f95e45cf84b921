"""RSS and Atom: read tolerantly, into plain records."""

from __future__ import annotations

import calendar
import codecs
import hashlib
import html
import io
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
import nh3

from dideban.errors import SourceError
from dideban.ingest.real_address import real_address

MAX_ENTRIES = 1_000
MAX_TEXT = 100_000
MAX_PICTURES = 8
MAX_ADDRESS = 2_000
PLAIN_CODECS = re.compile(
    r"^(utf-8(-sig)?|utf-16(-[bl]e)?|utf-32(-[bl]e)?|ascii|iso8859-\d+|cp(125\d|866|874|932|936|949|950)|koi8-[rut]|"
    r"mac-\w+|gb2312|gbk|gb18030|big5(hkscs)?|euc_\w+|shift_jis\w*|tis-620)$"
)
"""Encodings in which markup reads as markup whoever decodes it; others could hide it from the look for entities."""
DECLARED = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
EBCDIC = b"\x4c\x6f\xa7\x94"


def records(
    body: bytes, *, content_type: str, url: str, now: datetime, authors: bool = False
) -> tuple[list[dict[str, Any]], int]:
    """Return the entries of a feed as records of posts, 1,000 at most, and how many it has.

    Parameters
    ----------
    authors : bool
        Name the author of each entry too, where entries are by people and not by an outlet.

    Raises
    ------
    SourceError
        Not a feed, in an odd encoding, or one that declares entities.
    """
    feed = parse(body, content_type=content_type)
    found = [_record(entry, feed, url=url, now=now) for entry in feed.entries[:MAX_ENTRIES]]
    if authors:
        for record, entry in zip(found, feed.entries, strict=False):
            record["author"] = str(entry.get("author", ""))[:200]
    return found, len(feed.entries)


def parse(body: bytes, *, content_type: str = "") -> Any:
    """Read a feed; entities of its own are refused, so that none can grow or point anywhere.

    Raises
    ------
    SourceError
        Not a feed, in an odd encoding, or one that declares entities.
    """
    content_type = _plain_type(body, content_type)
    if b"<!ENTITY" in body.replace(b"\x00", b"").upper():
        raise SourceError("room.feed-entities")
    # A stream, because bytes alone could be taken for the name of a file.
    headers = {"content-type": content_type or "application/xml"}
    try:
        feed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:  # bytes it stumbles over
        raise SourceError("room.not-a-feed", hint="room.look-for-rss") from error
    if not feed.get("version") and not feed.get("entries"):
        raise SourceError("room.not-a-feed", hint="room.look-for-rss")
    return feed


def is_cut_off(body: bytes) -> bool:
    """Return whether a feed ends before its last element does: a server that broke off in the middle."""
    tail = body.replace(b"\x00", b"").rstrip()[-2_000:].lower()
    return not re.search(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*$", tail, re.S) and tail[-1:] != b"}"


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
        "pictures": _pictures(entry, url),
    }


def _pictures(entry: Any, url: str) -> list[str]:
    """Return the addresses of the pictures of an entry: enclosures, and what Media RSS has."""
    named = [
        *((one.get("href"), one.get("type")) for one in entry.get("enclosures", [])),
        *((one.get("url"), one.get("type") or one.get("medium")) for one in entry.get("media_content", [])),
        *((one.get("url"), "image") for one in entry.get("media_thumbnail", [])),
    ]
    wanted = [urljoin(url, str(address)) for address, kind in named if address and str(kind).startswith("image")]
    return list(dict.fromkeys(address for address in wanted if len(address) <= MAX_ADDRESS))[:MAX_PICTURES]


def _seconds(moment: Any) -> int:
    try:
        return calendar.timegm(moment) if moment else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def _link(entry: Any, url: str) -> str:
    try:
        link = real_address(urljoin(url, str(entry.get("link", "")).strip()))
        return link if urlsplit(link).scheme in ("http", "https") and entry.get("link") else ""
    except ValueError:
        return ""


def _body(entry: Any) -> str:
    contents = [str(part.get("value", "")) for part in entry.get("content", [])]
    return max([*contents, str(entry.get("summary", ""))], key=len)


def _plain_type(body: bytes, content_type: str) -> str:
    """Return the content type; refuse encodings that hide markup, leave out those that no one knows."""
    _, sign, named = content_type.lower().partition("charset=")
    charset = named.strip("\"' ").split(";")[0].strip("\"' ")
    declared = DECLARED.search(body[:2_000].replace(b"\x00", b""))
    for name in (charset, declared[1].decode("ascii") if declared else ""):
        if _codec(name) and not PLAIN_CODECS.match(_codec(name)):
            raise SourceError("room.feed-encoding")
    if body.lstrip()[:4] == EBCDIC:
        raise SourceError("room.feed-encoding")
    return content_type if not sign or _codec(charset) else content_type.split(";", maxsplit=1)[0]


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
