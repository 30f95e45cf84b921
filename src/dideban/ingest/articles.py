"""Article pages and feeds to POSTS with the full text: one row per article, the publisher as its account."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from dideban.config import IngestConfig
from dideban.errors import ConfigError, InputError
from dideban.ingest.decompress import BombError, ByteStream, zip_members
from dideban.ingest.files import NamedFile, expand
from dideban.ingest.model import reject_frame
from dideban.ingest.real_address import real_address
from dideban.ingest.times import read_times
from dideban.ingest.web_archives import MAX_BODY_BYTES, Record, read_records
from dideban.progress import SILENT, Progress
from dideban.schema import INSTANT, POSTS, REJECTS

PAGES = (".html", ".htm", ".xhtml", ".shtml")
FEEDS = (".xml", ".rss", ".atom")
ARCHIVES = (".warc", ".warc.gz", ".warc.zst", ".wacz")
MAX_PAGE_BYTES = MAX_BODY_BYTES
MIN_LETTERS = 40
"""Shorter texts are no article."""
_HEAD_BYTES = 400_000
"""Where times and names of a page are looked for by pattern."""
_TAG = re.compile(r"<(meta|link|time|html)\b([^<>]{1,1500})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:.-]{1,40})\s*=\s*("[^"]{0,1000}"|'[^']{0,1000}'|[^\s"'<>=]{1,300})""")
_LD_TIME = re.compile(r'"datePublished"\s{0,5}:\s{0,5}"([^"]{8,40})"')
_TIME_NAMES = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "publish-date",
    "pubdate", "dc.date.issued", "dc.date",
)  # fmt: skip
"""Names under which pages say when they were published, most trusted first."""
_JOINERS = {"\u200c": ("\u200c", "&zwnj;", "&#8204;", "&#x200c;"), "\u200d": ("\u200d", "&zwj;", "&#8205;", "&#x200d;")}
_STAND_INS = {"\u200c": "\u2e2f", "\u200d": "\ua717"}
"""Letters that no page uses: they are printable, so they pass through."""
_SUBHOSTS = re.compile(r"^(?:www\d?|m|mobile|amp)\.")


@dataclass(frozen=True, kw_only=True)
class Articles:
    """Articles read from pages and feeds."""

    posts: pl.DataFrame
    """POSTS: the publisher's host is ``account_id``, in plain letters: it is a website, not a person."""
    rejects: pl.DataFrame
    """REJECTS."""
    names: dict[str, str]
    """Publisher to the name its pages give it, where they do."""
    n_duplicates: int
    """Articles found again at the same address: the first is kept."""


def is_articles(paths: Sequence[Path]) -> bool:
    """Return whether all files named, and those in the folders named, are pages, feeds or web archives."""
    files = expand(list(paths))
    return bool(files) and all(item.path.name.lower().endswith((*PAGES, *FEEDS, *ARCHIVES)) for item in files)


def read_articles(paths: Sequence[Path], *, config: IngestConfig, progress: Progress = SILENT) -> Articles:
    """Read article pages (HTML), feeds (RSS, Atom) and web archives (WARC, WACZ) from files and folders.

    Parameters
    ----------
    paths : paths
        Files and folders; recognised by their extension.
    config : IngestConfig
        Largest file, time zone of times that carry none.
    progress : Progress
        Reports files read and rejected.

    Returns
    -------
    Articles
        The same files give the same table, in any order.

    Raises
    ------
    ConfigError
        The extra ``news`` is not installed.
    InputError
        A path does not exist.

    Notes
    -----
    The main text of a page is found by trafilatura; nothing is fetched. Times come from the metadata of the page
    and may be to the day only. What gives no text or no time is rejected with its reason.
    """
    need_extra()
    files = sorted(expand(list(paths)), key=lambda item: item.name)
    rows: list[dict[str, Any]] = []
    rejects = [pl.DataFrame(schema=REJECTS.dtypes)]
    with progress.stage("reading-articles", total=len(files), unit="files") as task:
        for item in files:
            found, wrong = _read(item, config)
            rows += found
            rejects.append(reject_frame(item.name, wrong))
            task.advance(rejects=len(wrong))
    return _tabled(rows, rejects, config)


def need_extra() -> None:
    """Raise ConfigError where the extra ``news`` is not installed."""
    try:
        import feedparser  # noqa: F401
        import trafilatura  # noqa: F401
    except ImportError as error:
        raise ConfigError("ingest.news-missing", hint="ingest.hint-news") from error


Reject = tuple[int, str, str, str]


def _read(item: NamedFile, config: IngestConfig) -> tuple[list[dict[str, Any]], list[Reject]]:
    name = item.path.name.lower()
    if name.endswith(ARCHIVES):
        return _archive(item, config)
    size = item.path.stat().st_size
    if size > min(config.max_field_bytes, MAX_PAGE_BYTES):
        return [], [(0, "", "field-too-large", f"{size:,} bytes")]
    try:
        data = item.path.read_bytes()
    except OSError as error:
        return [], [(0, "", "file-unreadable", error.strerror or "")]
    if not data.strip():
        return [], [(0, "", "file-empty", "")]
    return _judged(*(read_feed if name.endswith(FEEDS) else read_page)(item.name, data))


def _archive(item: NamedFile, config: IngestConfig) -> tuple[list[dict[str, Any]], list[Reject]]:
    rows: list[dict[str, Any]] = []
    wrong: list[Reject] = []
    try:
        packed = ByteStream(item.path).packing == "zip"
        members = archives_in(zip_members(item.path, max_ratio=config.max_expand_ratio)) if packed else [""]
        for member in members or []:
            stream = ByteStream(item.path, member=member, max_ratio=config.max_expand_ratio)
            for record in read_records(stream.blocks()):
                found, refused = read_record(f"{item.name}/{member}" if member else item.name, record)
                kept, judged = _judged(found, refused)
                rows += [{**row, "row": record.number} for row in kept]
                wrong += [(record.number, *reject[1:]) for reject in judged]
    except (InputError, OSError) as error:
        slug = "file-bomb" if isinstance(error, BombError) else "file-unreadable"
        wrong.append((0, "", slug, str(error)))
    return rows, wrong


def archives_in(names: Sequence[str]) -> list[str]:
    """Name the web archives inside a WACZ file; what stands beside them says only what is in them."""
    return [name for name in names if name.lower().endswith(ARCHIVES[:3]) and name.startswith("archive/")]


def read_record(name: str, record: Record) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Read what one record of a web archive holds; what is neither page nor feed gives nothing."""
    if record.kind == "broken":
        return [], [(record.number, "", record.problem, record.url)]
    if record.kind == "feed":
        return read_feed(record.url, record.body, source=name)
    return read_page(record.url, record.body, source=name, address=record.url) if record.kind == "page" else ([], [])


def _joiners_hidden(page: str) -> str:
    """Put letters in place of ZWNJ and ZWJ: the extraction takes them out, and Persian cannot be read without."""
    for joiner, names in _JOINERS.items():
        for name in names:
            page = page.replace(name, _STAND_INS[joiner])
    return page


def _joiners_back(text: str | None) -> str:
    text = text or ""
    for joiner, letter in _STAND_INS.items():
        text = text.replace(letter, joiner)
    return text


def read_page(
    name: str, data: bytes, *, source: str = "", address: str = ""
) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Return the article of a page as a row, or why there is none.

    Parameters
    ----------
    name : str
        What the page goes by in rejects.
    source : str
        The file it is from; empty = ``name``.
    address : str
        Where it was found, for pages that do not say.
    """
    import trafilatura

    try:
        page = _joiners_hidden(trafilatura.utils.decode_file(data))
        found = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False)
    except Exception as error:  # whatever a parser makes of a stranger's page must not end the run
        return [], [(0, "", "file-unreadable" if not address else "record-unreadable", type(error).__name__)]
    if found is None or isinstance(found, dict):
        return [], [(0, "text", "article-empty", name)]
    said = _said(data[:_HEAD_BYTES].decode("utf-8", "replace"))
    row = _row(
        source or name, text=_joined(_joiners_back(found.title), _joiners_back(found.text)),
        url=said["url"] or found.url or address, published=said["published"] or found.date or "", lang=said["lang"],
        number=1, name=_joiners_back(found.sitename),
    )  # fmt: skip
    return [row], []


def read_feed(name: str, data: bytes, *, source: str = "") -> tuple[list[dict[str, Any]], list[Reject]]:
    """Return the entries of a feed as rows, or why there are none."""
    import feedparser

    try:
        feed = feedparser.parse(data, resolve_relative_uris=False, sanitize_html=False)
    except Exception as error:  # as above
        return [], [(0, "", "file-unreadable", type(error).__name__)]
    if not feed.entries:
        return [], [(0, "", "file-empty", "no entries")]
    return [_entry(source or name, entry, feed.feed, number) for number, entry in enumerate(feed.entries, start=1)], []


def _entry(source: str, entry: Any, about: Any, number: int) -> dict[str, Any]:
    title, body = plain_text(str(entry.get("title") or "")), _body(entry)
    row = _row(
        source, text=_joined(title, plain_text(body)), url=real_address(str(entry.get("link") or "")),
        published=str(entry.get("published") or entry.get("updated") or ""),
        lang=str(about.get("language") or "")[:2].lower(), name=str(about.get("title") or ""), number=number,
    )  # fmt: skip
    author = str(entry.get("yt_channelid") or entry.get("author") or "")
    return {**row, "title": title, "body": body, "author": author}


def _body(entry: Any) -> str:
    """Return the longest text of a feed entry."""
    parts = [str(part.get("value") or "") for part in entry.get("content") or []] + [str(entry.get("summary") or "")]
    return max(parts, key=len)


def plain_text(markup: str) -> str:
    r"""Return the text of a piece of HTML: tags out, a line per block, entities resolved.

    Examples
    --------
    >>> plain_text("<p>The bridge is <b>open</b>.</p><p>At last &amp; for good.</p>")
    'The bridge is open.\nAt last & for good.'
    """
    cut = re.sub(r"(?is)<(script|style)\b.*?(?:</\1\s*>|$)", " ", markup)
    cut = re.sub(r"(?i)<(?:br|/p|/div|/li|/h\d|/tr)\b[^<>]{0,200}>", "\n", cut)
    cut = html.unescape(re.sub(r"<[^<>]{0,5000}>", "", cut))
    lines = (" ".join(line.split()) for line in cut.split("\n"))
    return "\n".join(line for line in lines if line)


def _joined(title: str | None, text: str | None) -> str:
    """Put the title in front unless the text begins with it."""
    head, body = (title or "").strip(), (text or "").strip()
    return body if not head or body.startswith(head) else f"{head}\n{body}"


def _row(source: str, *, text: str, url: str, published: str, lang: str, name: str, number: int) -> dict[str, Any]:
    host = host_of(url) or source.split("/", maxsplit=1)[0].lower()
    return {
        "row": number, "source": source, "text": text.replace("\x00", "\ufffd"), "url": url, "host": host,
        "published": published.strip(), "lang": lang or None, "name": name.strip(),
        "post_id": url or f"{source}#{number}",
    }  # fmt: skip


def host_of(url: str) -> str:
    """Return the host of an address, without ``www.`` and the like; empty where there is none."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    return _SUBHOSTS.sub("", host)


def _judged(rows: list[dict[str, Any]], wrong: list[Reject]) -> tuple[list[dict[str, Any]], list[Reject]]:
    kept = []
    for row in rows:
        if not is_article(row["text"]):
            wrong.append((row["row"], "text", "article-empty", row["text"]))
        elif not row["published"]:
            wrong.append((row["row"], "created_at", "time-missing", row["post_id"]))
        else:
            kept.append(row)
    return kept, wrong


def is_article(text: str) -> bool:
    """Whether a text is long enough for an article."""
    return sum(letter.isalpha() for letter in text[:10_000]) >= MIN_LETTERS


def _tabled(rows: list[dict[str, Any]], rejects: list[pl.DataFrame], config: IngestConfig) -> Articles:
    schema = {"row": pl.Int64} | dict.fromkeys(
        ("source", "text", "url", "host", "published", "lang", "name", "post_id"), pl.String
    )
    table = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
    times, reasons, _ = read_times(table["published"], time_zone=config.time_zone, day_first=config.day_first)
    table = table.with_columns(created_at=times, reason=reasons)
    unread = table.filter(pl.col("created_at").is_null())
    for source, row, reason, value in unread.select("source", "row", "reason", "published").iter_rows():
        rejects.append(reject_frame(source, [(row, "created_at", reason or "time-unreadable", value)]))
    good = table.filter(pl.col("created_at").is_not_null()).sort("created_at", "post_id", "source", "row")
    once = good.unique("post_id", keep="first", maintain_order=True)
    is_named = (pl.col("name") != "") & (pl.col("name").str.to_lowercase() != pl.col("host"))
    named = once.filter(is_named).unique("host", keep="first", maintain_order=True)
    return Articles(
        posts=_as_posts(once),
        rejects=pl.concat(rejects),
        names=dict(named.select("host", "name").iter_rows()),
        n_duplicates=good.height - once.height,
    )


def _as_posts(table: pl.DataFrame) -> pl.DataFrame:
    none = pl.lit(None, pl.String)
    lists = {name: pl.lit([], pl.List(pl.String)) for name in ("hashtags", "mentions", "media")}
    return POSTS.check(
        table.select(
            "post_id", "source", "text", "lang", account_id="host", platform=pl.lit("web"),
            created_at=pl.col("created_at").cast(INSTANT),
            urls=pl.when(pl.col("url") != "").then(pl.concat_list("url")).otherwise(pl.lit([], pl.List(pl.String))),
            repost_of=none, reply_to=none, quote_of=none, place=none, reach=pl.lit(None, pl.Int64), **lists,
        )
    )  # fmt: skip


def _said(head: str) -> dict[str, str]:
    """Return what a page says of itself in its tags: url, published, lang; empty where it does not."""
    said = {"url": "", "lang": "", "published": ""}
    times: dict[str, str] = {}
    for tag, inside in _TAG.findall(head)[:3_000]:
        values = {key.lower(): html.unescape(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(inside)}
        name = (values.get("property") or values.get("name") or values.get("itemprop") or "").lower()
        kind = tag.lower()
        if kind == "html":
            said["lang"] = said["lang"] or values.get("lang", "")[:2].lower()
        elif kind == "link" and values.get("rel", "").lower() == "canonical":
            said["url"] = said["url"] or _web(values.get("href", ""))
        elif kind == "meta" and name == "og:url":
            said["url"] = said["url"] or _web(values.get("content", ""))
        elif kind == "meta" and name in _TIME_NAMES:
            times.setdefault(name, values.get("content", ""))
        elif kind == "time":
            times.setdefault("time", values.get("datetime", ""))
    if hit := _LD_TIME.search(head):
        times.setdefault("ld", hit[1])
    known = [
        times[name] for name in (*_TIME_NAMES[:3], "ld", *_TIME_NAMES[3:], "time") if len(times.get(name, "")) >= 8
    ]
    said["published"] = known[0] if known else ""
    return said


def _web(address: str) -> str:
    return address if address.startswith(("http://", "https://")) and len(address) <= 2_000 else ""
