"""What somebody wrote into the one search box: words, a link, a domain, a hashtag, an account, a finding, a number."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from dideban.room.posts.query import MAX_CHARS, Query
from dideban.schema import PSEUDONYM


class AskedKind(StrEnum):
    """What a text was recognised as."""

    NOTHING = "nothing"
    WORDS = "words"
    LINK = "link"
    DOMAIN = "domain"
    HASHTAG = "hashtag"
    ACCOUNT = "account"
    FINDING = "finding"
    NUMBER = "number"
    POST = "post"


STEERING = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]")
"""Marks that only steer the direction of text, and controls: copied along, and never searched for."""
FORMS: tuple[tuple[AskedKind, re.Pattern[str]], ...] = (
    (AskedKind.FINDING, re.compile(r"f[0-9a-f]{16}")),
    (AskedKind.ACCOUNT, re.compile(PSEUDONYM.strip("^$"))),
    (AskedKind.LINK, re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    (AskedKind.HASHTAG, re.compile(r"#[^\s#]+")),
    (AskedKind.NUMBER, re.compile(r"\d{1,9}")),
    (AskedKind.DOMAIN, re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}(?:/\S*)?")),
    (AskedKind.POST, re.compile(r"[a-z0-9_.-]{1,40}/\S{1,200}")),
)
"""Tried in this order; what fits none is words."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """What was asked, cleaned, and what it was recognised as."""

    text: str
    kind: AskedKind
    number: int | None = None

    def query(self) -> Query:
        """Return the search of posts that this asks for."""
        match self.kind:
            case AskedKind.LINK | AskedKind.DOMAIN | AskedKind.HASHTAG:
                return Query(object=self.text)
            case AskedKind.ACCOUNT:
                return Query(account=self.text)
            case AskedKind.FINDING:
                return Query(finding=self.text)
            case _:
                return Query(text=self.text)


def read_box(text: str) -> Box:
    """Recognise what somebody asked for.

    Examples
    --------
    >>> read_box(" example.org ").kind, read_box("۱۲").number
    (<AskedKind.DOMAIN: 'domain'>, 12)
    """
    clean = " ".join(STEERING.sub("", text)[:MAX_CHARS].split())
    if not clean:
        return Box(text="", kind=AskedKind.NOTHING)
    for kind, form in FORMS:
        if form.fullmatch(clean):
            box = Box(text=clean, kind=kind)
            return replace(box, number=int(clean)) if kind is AskedKind.NUMBER else box
    return Box(text=clean, kind=AskedKind.WORDS)
