"""What the site is made from: plain records, no database and no web framework."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dideban.errors import InputError
from dideban.messages import languages
from dideban.site.comments import ShownComment

KINDS = ("bulletin", "lesson", "exercise", "story", "about")
"""In the order in which the site lists them."""
FOLDERS = {"bulletin": "bulletins", "lesson": "lessons", "exercise": "exercises", "story": "stories", "about": "pages"}
"""Where each kind lies below its language."""
SLUG = re.compile(r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])\Z)[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}(?:\.[a-z0-9]{1,8}){1,2}")
"""Names of attachments: no folders, no dots at the start, nothing that differs by case alone."""
OURS = {"index.html"}
"""Names that the site itself gives to files beside attachments."""
REFUSED = frozenset(
    {"svg", "svgz", "js", "mjs", "xml", "xhtml", "xht", "wasm", "swf", "css", "htc", "xsl", "exe", "php"}
)
"""Endings of files that a browser would run or let style the page."""
MOST_TITLE, MOST_SUMMARY, MOST_TEXT, MOST_ALT = 300, 600, 100_000, 1_000
"""Characters."""
REASONS = ("person", "finding", "consent", "room")
"""Why a page was withdrawn."""
MEDIA_RATINGS = (
    "DecontextualizedContent", "EditedOrCroppedContent", "OriginalMediaContent", "SatireOrParodyContent",
    "StagedContent", "TransformedContent",
)  # fmt: skip
"""Members of schema.org/MediaManipulationRatingEnumeration."""


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
        if not FILE_NAME.fullmatch(self.name) or self.name in OURS or self.name.rsplit(".", 1)[-1] in REFUSED:
            raise InputError("site.attachment-name", name=self.name[:80])

    def read(self) -> bytes:
        """Return the bytes."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content


@dataclass(frozen=True, kw_only=True)
class PagePhoto:
    """A photo on a page, among its attachments."""

    name: str
    alt: str
    """What is seen, for those who do not see it."""
    caption: str = ""
    width: int
    height: int

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise InputError("site.photo-without-alt", name=self.name[:80])
        if len(self.alt) > MOST_ALT or len(self.caption) > MOST_ALT:
            raise InputError("site.too-long", field="alt", n=MOST_ALT)


@dataclass(frozen=True, kw_only=True)
class ReviewedClaim:
    """Something claimed in public that a page reviews, and the package by which the review can be checked."""

    text: str
    rating: str = ""
    """What the room found, in its own words; empty = no ClaimReview is published."""
    finding_id: str = ""
    package: str = ""
    """Name of the attachment; empty = there is none."""
    media_rating: str = ""
    """One of MEDIA_RATINGS where the claim is about a picture or a recording."""


@dataclass(frozen=True, kw_only=True)
class PageCorrection:
    """A change of something published, told to readers."""

    at: datetime
    was: str
    now: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PublishedItem:
    """Something published, in one language. Items of the same kind and slug are the same thing in other languages.

    Exactly one of ``text``, ``html`` and ``document`` holds what there is to read; none of them where it is withdrawn.
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
    photos: tuple[PagePhoto, ...] = ()
    claims: tuple[ReviewedClaim, ...] = ()
    corrections: tuple[PageCorrection, ...] = ()
    withdrawn: str = ""
    """One of REASONS: the page says that it is gone and nothing else of it is left. Empty = it stands."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError("site.unknown-kind", kind=self.kind[:40])
        if not SLUG.fullmatch(self.slug):
            raise InputError("site.slug", hint="site.slug-hint", name=self.slug[:80])
        if self.lang not in languages():
            raise InputError("site.unknown-language", lang=self.lang[:20])
        if sum(map(bool, (self.text, self.html, self.document))) != (not self.withdrawn):
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

    @property
    def folder(self) -> str:
        """Return where it lies in the site: ``fa/lessons/SLUG``."""
        return f"{self.lang}/{FOLDERS[self.kind]}/{self.slug}"


@dataclass(frozen=True, kw_only=True)
class SiteInfo:
    """What all pages of a site share."""

    names: Mapping[str, str]
    """Language to the name of who publishes."""
    taglines: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    """``https://example.org/``: where the site will stand; empty = not known, and no address is absolute."""
    languages: tuple[str, ...] = ("fa", "ar", "en")
    email: str = ""
    form_url: str = ""
    """Absolute address of the form for complaints; empty = by mail alone."""
    propose_url: str = ""
    subscribe_url: str = ""
    comments_url: str = ""
    """Absolute address of the comments; the path of the page follows as ``?page=``."""
    comments: Mapping[str, Sequence[ShownComment]] = field(default_factory=dict)
    """Page (``/fa/bulletins/SLUG/``) to the comments that moderators let through: see ``comments.read_shown``."""
    network: str = ""
    """Name and address of the fact-checkers' network the room belongs to; empty = none."""
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Slug to the name in each language."""
    theme: Mapping[str, str] = field(default_factory=dict)
    """Variables of the style sheet: see ``theme.py``."""
    transparency: Mapping[str, str] = field(default_factory=dict)
    """Language to a fragment made by the program: the record of the room's own work."""

    def name(self, lang: str) -> str:
        """Return the name in a language."""
        return self.names.get(lang) or next(iter(self.names.values()), "Dideban")
