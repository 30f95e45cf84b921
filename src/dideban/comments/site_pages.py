"""Which pages of the site take comments: those that exist, say when they were published, and are not too old."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from dideban.comments.limits import OPEN_S
from dideban.errors import InputError

PAGE = re.compile(r"/[a-z]{2,3}(?:/[a-z0-9][a-z0-9-]{0,79}){1,4}/")
PUBLISHED = re.compile(rb'"datePublished":\s*"([0-9TZ:+.-]{10,40})"')
MOST_READ = 200_000


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
