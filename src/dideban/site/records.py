"""What the site is made from: plain records, no database and no web framework."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dideban.errors import InputError
from dideban.messages import languages

KINDS = ("bulletin", "lesson", "exercise", "story", "about")
"""In the order in which the site lists them."""
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}(?:\.[a-z0-9]{1,8}){1,2}")
"""Names of attachments: no folders, no dots at the start, nothing that differs by case alone."""
OURS = {"index.html"}
"""Names that the site itself gives to files beside attachments."""
MOST_TITLE, MOST_SUMMARY, MOST_TEXT = 300, 600, 200_000
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that lies beside a page: a finding package, a print sheet, a photo."""

    name: str
    """``finding.zip``: lower case, no folders."""
    content: bytes | Path
    """Its bytes, or where they lie."""
    title: str = ""
    """What the link says; empty = it is not linked (the page itself refers to it)."""

    def __post_init__(self) -> None:
        if not FILE_NAME.fullmatch(self.name) or self.name in OURS:
            raise InputError("site.attachment-name", name=self.name[:80])

    def read(self) -> bytes:
        """Return the bytes."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content


@dataclass(frozen=True, kw_only=True)
class PublishedItem:
    """Something published, in one language. Items of the same kind and slug are the same thing in other languages.

    Exactly one of ``text``, ``html`` and ``document`` holds what there is to read.
    """

    kind: str
    """One of KINDS."""
    slug: str
    """Stands in the address: ``/fa/lessons/SLUG/``."""
    lang: str
    title: str
    published_at: datetime
    changed_at: datetime | None = None
    """Last change that a reader should know of; None = none since it was published."""
    summary: str = ""
    """One or two plain sentences for lists, feeds and previews."""
    text: str = ""
    """Markdown by people: made harmless when the page is written."""
    html: str = ""
    """A fragment made by the program, put into the page as it is."""
    document: bytes = b""
    """A whole HTML page of its own, written as it is (an exercise); lists, feeds and the sitemap link to it."""
    policy: str = ""
    """Content-Security-Policy of ``document``, for servers that send headers; the page carries it too."""
    places: tuple[str, ...] = ()
    """Slugs of places."""
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("site.unknown-kind", kind=self.kind[:40])
        if not SLUG.fullmatch(self.slug):
            raise InputError("site.slug", hint="site.slug-hint", name=self.slug[:80])
        if self.lang not in languages():
            raise InputError("site.unknown-language", lang=self.lang[:20])
        if sum(map(bool, (self.text, self.html, self.document))) != 1:
            raise InputError("site.one-body", name=self.slug)
        for name, limit in (("title", MOST_TITLE), ("summary", MOST_SUMMARY), ("text", MOST_TEXT)):
            if len(getattr(self, name)) > limit:
                raise InputError("site.too-long", field=name, n=limit)
        if len({one.name for one in self.attachments}) < len(self.attachments):
            raise InputError("site.attachment-twice", name=self.slug)

    @property
    def updated_at(self) -> datetime:
        """Return when it last changed."""
        return max(self.published_at, self.changed_at or self.published_at)
