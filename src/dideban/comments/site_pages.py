"""Which pages of the site take comments: those that exist, say when they were published, and are not too old."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from pathlib import Path

from dideban.comments.limits import OPEN_S
from dideban.errors import InputError

PAGE = re.compile(r"/[a-z]{2,3}(?:/[a-z0-9][a-z0-9-]{0,79}){1,4}/")
PUBLISHED = re.compile(rb'"datePublished":\s*"([0-9TZ:+.-]{10,40})"')
MOST_READ = 200_000
TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
HOME = re.compile(r'<link rel="canonical" href="(https?://[^"]{1,500})"')
SILENT, TAG = re.compile(r"<(script|style|head)\b.*?</\1>", re.DOTALL), re.compile(r"<[^>]*>")
END = 'class="tail"'
"""What follows on a page of the site is not its own text: comments of readers stand there."""


def page_of(text: str) -> str:
    """Return the page that an address of the site names: ``/fa/x/y/`` for ``/fa/x/y/index.html`` too."""
    return text.removesuffix("index.html")


def published_at(site: Path, page: str) -> int:
    """Return when a page of the site was published, seconds.

    Raises
    ------
    InputError
        No such page, or none that takes comments.
    """
    if not PAGE.fullmatch(page):
        raise InputError("comments.no-page")
    try:
        path = (site / page.strip("/") / "index.html").resolve(strict=True)
        if not path.is_relative_to(site.resolve()):
            raise InputError("comments.no-page")
        with path.open("rb") as file:
            found = PUBLISHED.search(file.read(MOST_READ))
        at = datetime.fromisoformat(found[1].decode()) if found else None
    except (OSError, ValueError) as error:
        raise InputError("comments.no-page") from error
    if at is None:
        raise InputError("comments.no-page")
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def require_open(site: Path, page: str, *, now: int) -> None:
    """Refuse a page that is not there, or was published too long ago.

    Raises
    ------
    InputError
        It takes no comments (any more).
    """
    if now > published_at(site, page) + OPEN_S:
        raise InputError("comments.closed", n=OPEN_S // 86_400)


@dataclass(frozen=True)
class About:
    """The page that a comment is about."""

    title: str
    address: str
    """Where readers find it; empty = not known."""


def about(site: Path, page: str) -> About:
    """Return title and address of a page, as it says itself; the path where it says neither."""
    source = _read(site, page)
    title, home = TITLE.search(source), HOME.search(source)
    return About(
        title=" ".join(unescape(TAG.sub("", title[1])).split())[:300] if title else page,
        address=unescape(home[1]) if home else "",
    )


def text_of(site: Path, page: str) -> str:
    """Return what a page says itself, without the comments under it."""
    return _own_text(_read(site, page))


@lru_cache(maxsize=64)
def _own_text(source: str) -> str:
    own = SILENT.sub(" ", source).partition(END)[0]
    return " ".join(unescape(TAG.sub(" ", own)).split())


def _read(site: Path, page: str) -> str:
    """Return the source of a page; empty where there is none."""
    if not PAGE.fullmatch(page):
        return ""
    path = site / page.strip("/") / "index.html"
    try:
        return _source(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _source(path: Path, changed_ns: int) -> str:
    """Return the text of a file; ``changed_ns`` makes another version another file."""
    with path.open("rb") as file:
        return file.read(MOST_READ).decode("utf-8", "replace")
