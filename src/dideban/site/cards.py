"""What lists show of a published item, and the words of a language: made once for each language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from dideban.messages import Message, locale, say
from dideban.messages.catalogues import catalogue
from dideban.site.dates import day_of, long_dates, stamp
from dideban.site.markdown import one_line, tidy
from dideban.site.records import SLUG, PageCorrection, PublishedItem, SiteInfo

WORD = "site.word."
MARKS = re.compile(r"^[ \t]*(?:#{1,6}|[-*+>]|\d+\.)[ \t]+|\*\*|__", re.MULTILINE)
"""Signs of Markdown, which readers of a correction do not know."""
MOST_COMPARED = 2_000
"""Words of a passage that are compared one by one; longer ones are shown whole, old and new."""


@cache
def words_of(lang: str) -> Mapping[str, str]:
    """Return the words of the site in a language, by name."""
    codes = [code for code in catalogue("en").texts if code.startswith(WORD)]
    return {code.removeprefix(WORD): say(Message(f"site.word.{code.removeprefix(WORD)}"), lang) for code in codes}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant as pages show it."""

    at: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class Teaser:
    """A published item as lists show it."""

    path: str
    title: str
    summary: str
    kind: str
    places: tuple[Mapping[str, str], ...]
    published: Moment
    changed: Moment | None
    is_corrected: bool
    corrected: str


@cache
def moment(at: datetime, lang: str) -> Moment:
    """Return an instant in both calendars."""
    first, second = long_dates(day_of(at), lang=lang)
    return Moment(at=stamp(at), first=first, second=second)


def card_of(item: PublishedItem, info: SiteInfo) -> Teaser:
    """Return what lists show of an item."""
    words = words_of(item.lang)
    return Teaser(
        path=f"{item.folder}/index.html", title=one_line(item.title), summary=one_line(item.summary),
        kind=words[item.kind], places=tuple(place_link(slug, info, item.lang) for slug in item.places),
        published=moment(item.published_at, item.lang),
        changed=moment(item.changed_at, item.lang) if item.changed_at else None,
        is_corrected=bool(item.corrections), corrected=words["corrected"],
    )  # fmt: skip


def place_link(slug: str, info: SiteInfo, lang: str) -> Mapping[str, str]:
    """Return the name of a place and where its page lies: names in other letters get a folder by their hash."""
    names = info.places.get(slug, {})
    folder = slug if SLUG.fullmatch(slug) else f"p-{hashlib.sha256(slug.encode()).hexdigest()[:12]}"
    return {"name": one_line(names.get(lang) or names.get("en") or slug), "path": f"{lang}/places/{folder}/index.html"}


def correction_of(fix: PageCorrection, lang: str) -> dict[str, Any]:
    """Return a correction as pages show it: what went and what came, word by word."""
    return {"at": moment(fix.at, lang), "marked": marked(fix.was, fix.now), "why": one_line(fix.why)}


def marked(was: str, now: str) -> Markup:
    """Return the new text with what was taken out struck through and what was put in marked.

    Examples
    --------
    >>> str(marked("40 accounts", "14 accounts"))
    '<del>40</del> <ins>14</ins> accounts'
    """
    old, new = MARKS.sub(" ", tidy(was)).split(), MARKS.sub(" ", tidy(now)).split()
    if len(old) > MOST_COMPARED or len(new) > MOST_COMPARED:
        steps = [("replace", 0, len(old), 0, len(new))]
    else:
        steps = [tuple(step) for step in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()]  # type: ignore[misc]
    parts: list[str] = []
    for kind, a, b, c, d in steps:
        if kind == "equal":
            parts.append(str(escape(" ".join(new[c:d]))))
            continue
        parts += [f"<del>{escape(' '.join(old[a:b]))}</del>"] if b > a else []
        parts += [f"<ins>{escape(' '.join(new[c:d]))}</ins>"] if d > c else []
    return Markup(" ".join(parts))  # noqa: S704 - every part is escaped


def size_of(n_bytes: int, lang: str) -> str:
    """Return a size in words."""
    return locale(lang).size(n_bytes)
