"""Pages, feeds and web archives as posts: what an article, an entry of a feed or a post in one says of itself."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from dideban.config import IngestConfig
from dideban.errors import ConfigError
from dideban.ingest import articles
from dideban.ingest.decompress import ByteStream
from dideban.ingest.model import ROW, Block, UnusableError
from dideban.ingest.permalinks import post_at
from dideban.ingest.web_archives import Record, is_archive, read_records

COLUMNS = (
    "web_id", "web_account", "web_time", "web_platform", "web_text", "web_lang", "web_links", "web_repost",
)  # fmt: skip
"""Columns of the raw blocks, all text."""
_SCHEMA: dict[str, Any] = {**dict.fromkeys(COLUMNS, pl.String), ROW: pl.Int64}
_ROWS = 500
"""Rows in one block."""
_FEED = re.compile(r"<(?:rss|feed|rdf:rdf)\b", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype html|html|head|body|article)\b", re.IGNORECASE)
_STATUS = re.compile(r"^https?://[^/]+/@?([A-Za-z0-9_]{1,20})/status/([0-9]{5,20})(?:#m)?$")
"""A post of X, on whatever site shows it (Nitter and others)."""
_TOOT = re.compile(r"^https?://([^/]+)/@([A-Za-z0-9_.-]+)/[0-9]{8,}$")
_REPOST = re.compile(r"^RT by @(\w{1,20}): ")
_HREF = re.compile(r"<a\b[^<>]{0,500}?\bhref\s*=\s*[\"'](https?://[^\"'<>\s]{1,2000})[\"']", re.IGNORECASE)


def form_of(head: str) -> str:
    """Return ``feed``, ``page`` or ``warc`` where a text begins as one does, otherwise nothing."""
    begin = head.lstrip()
    if is_archive(begin[:64].encode("utf-8", "replace")):
        return "warc"
    if not begin.startswith("<"):
        return ""
    if _FEED.search(begin[:4096]):
        return "feed"
    return "page" if _PAGE.search(begin[:4096]) else ""


def read_web(stream: ByteStream, form: str, name: str, config: IngestConfig) -> Iterator[Block]:
    """Yield the posts of a feed, a page or a web archive.

    Raises
    ------
    UnusableError
        The extra ``news`` is not installed.
    """
    try:
        articles.need_extra()
    except ConfigError as error:
        raise UnusableError(error.message, hint=error.hint, slug="file-unreadable", path=name) from error
    if form == "warc":
        yield from _archive(stream, name)
        return
    taken = _Taken()
    data = _whole(stream, min(config.max_field_bytes, articles.MAX_PAGE_BYTES))
    if data is None:
        taken.rejects.append((1, "", "field-too-large", name))
    else:
        taken.add(1, *(articles.read_feed if form == "feed" else articles.read_page)(name, data))
    yield taken.block()


def _whole(stream: ByteStream, most: int) -> bytes | None:
    parts, size = [], 0
    for block in stream.blocks():
        size += len(block)
        if size > most:
            return None
        parts.append(block)
    return b"".join(parts)


def _archive(stream: ByteStream, name: str) -> Iterator[Block]:
    taken = _Taken()
    for record in read_records(stream.blocks()):
        taken.record(name, record)
        if len(taken.rows) + len(taken.rejects) >= _ROWS:
            yield taken.block()
    if stream.truncated and not any(reject[2] == "file-truncated" for reject in taken.rejects):
        taken.rejects.append((0, "", "file-truncated", name))
    yield taken.block()


class _Taken:
    """What was read and not handed on yet."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.rejects: list[articles.Reject] = []
        self.passed: Counter[str] = Counter()
        self.n = 0

    def record(self, name: str, record: Record) -> None:
        """Take one record of an archive."""
        if record.kind in ("note", "resource"):
            self.passed["archive-note" if record.kind == "note" else "archive-resource"] += 1
            return
        self.add(self.n + 1, *articles.read_record(name, record))

    def add(self, first: int, rows: list[dict[str, Any]], wrong: list[articles.Reject]) -> None:
        """Take rows of a page or feed; the first has the number given."""
        for place, row in enumerate(rows, start=first):
            is_told = "title" in row or articles.is_article(row["text"])
            if is_told and row["published"]:
                self.rows.append({**_post(row), ROW: place})
            else:
                reason = ("created_at", "time-missing") if is_told else ("text", "article-empty")
                self.rejects.append((place, *reason, row["post_id"]))
        for place, reject in enumerate(wrong, start=first + len(rows)):
            self.rejects.append((place, *reject[1:]))
        self.n = first + len(rows) + len(wrong) - 1

    def block(self) -> Block:
        """Hand over what was taken."""
        frame = pl.DataFrame(self.rows, schema=_SCHEMA)
        block = Block(frame, self.rejects, self.passed)
        self.rows, self.rejects, self.passed = [], [], Counter()
        return block


def _post(row: dict[str, Any]) -> dict[str, str | None]:
    """A row of an article, or of a post where its address is that of one."""
    known = _known(row)
    base = {"web_time": row["published"], "web_lang": row["lang"], "web_links": None, "web_repost": None}
    if known is None:
        return {
            **base, "web_id": row["post_id"], "web_account": row["host"], "web_platform": "web",
            "web_text": row["text"],
        }  # fmt: skip
    platform, number, account = known
    body = row.get("body") or ""
    text = articles.plain_text(body) or row.get("title") or row["text"]
    repost = _REPOST.match(row.get("title") or "")
    return {
        **base, "web_id": None if repost else number, "web_account": repost[1] if repost else account,
        "web_platform": platform, "web_text": text, "web_links": " ".join(_links(body, text, row["url"])) or None,
        "web_repost": number if repost else None,
    }  # fmt: skip


def _known(row: dict[str, Any]) -> tuple[str, str, str] | None:
    """Platform, id and account of the post that an address leads to; None where it leads to an article."""
    url, author = row["url"], (row.get("author") or "").strip()
    plain = author.removeprefix("/u/").removeprefix("@")
    if found := _STATUS.match(url):
        return "x", found[2], plain or found[1]
    if found := _TOOT.match(url):
        return "mastodon", url, f"{found[2]}@{found[1]}"
    post = post_at(url)
    if post is None:
        return None
    steps = [step for step in urlsplit(url).path.split("/") if step not in ("", "s", "c", "profile")]
    named_by_address = post[0] in ("x", "telegram", "bluesky", "threads", "tiktok", "truthsocial", "gab")
    account = steps[0].lstrip("@") if steps and named_by_address else plain
    return (*post, account or plain or row["host"])


def _links(body: str, text: str, own: str) -> list[str]:
    """Links that a post shares: those of its markup that lead elsewhere, and those in its words."""
    home = articles.host_of(own)
    marked = [html.unescape(link) for link in _HREF.findall(body[:1_000_000])]
    shown = re.findall(r"https?://[^\s<>\"']+", text)
    return [link for link in dict.fromkeys([*marked, *shown]) if articles.host_of(link) != home][:100]
