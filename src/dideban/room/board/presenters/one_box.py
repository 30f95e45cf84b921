"""What the one search box finds beside posts: findings, cases, narratives and sources, by number or by words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import polars as pl

from dideban.room.access import Access
from dideban.room.board.presenters.narrative import with_lines
from dideban.room.cases.models import Case
from dideban.room.findings.content import with_content
from dideban.room.findings.models import FollowedGroup
from dideban.room.narratives.models import Narrative
from dideban.room.posts.box import AskedKind, Box
from dideban.room.posts.terms import Term, normal_form, says, terms
from dideban.room.sources.models import Source

LATEST = 300
"""Findings, cases, narratives and sources that words are looked for in, each: the latest."""
SHOWN = 5
LABELS, LABEL_CHARS = 20, 300
"""Objects of a finding that are looked at, and characters of each."""
BETWEEN = re.compile(r"[\W_]+")
T = TypeVar("T")


@dataclass(kw_only=True)
class BoxHits:
    """What was found, by kind."""

    groups: list[FollowedGroup] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    narratives: list[tuple[Narrative, Any]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    @property
    def n(self) -> int:
        """How many of all kinds."""
        return len(self.groups) + len(self.cases) + len(self.narratives) + len(self.sources)


def look_up(access: Access, box: Box) -> BoxHits:
    """Return what is called so, or says so, of what the member may see. Four queries at most, each bounded.

    Raises
    ------
    InputError
        More words than a search takes.
    """
    match box.kind:
        case AskedKind.NOTHING | AskedKind.POST:
            return BoxHits()
        case AskedKind.NUMBER:
            return _numbered(access, box.number or 0)
        case AskedKind.FINDING:
            return BoxHits(groups=list(_groups(access).filter(findings__finding_id=box.text).distinct()[:SHOWN]))
        case AskedKind.ACCOUNT:
            return BoxHits(groups=list(_groups(access).filter(members__has_key=box.text)[:SHOWN]))
        case AskedKind.LINK | AskedKind.DOMAIN | AskedKind.HASHTAG:
            return BoxHits(groups=_pushing(access, box.text))
        case _:
            return _saying(access, terms(box.text))


def _groups(access: Access) -> Any:
    found = with_content(access.every_group().defer("members")).prefetch_related(access.seen_places())
    return found.order_by("-last_found_at", "-number")


def _numbered(access: Access, number: int) -> BoxHits:
    stories = access.narratives().filter(number=number)[:1]
    return BoxHits(
        groups=list(_groups(access).filter(number=number)[:1]), cases=list(access.cases().filter(number=number)[:1]),
        narratives=with_lines(access, stories),
    )  # fmt: skip


def _pushing(access: Access, text: str) -> list[FollowedGroup]:
    """Return findings that push a link, a site or a hashtag."""
    wanted = text.casefold()
    rows = list(_groups(access)[:LATEST])
    return [row for row in rows if any(wanted in label.casefold() for label in _labels(row))][:SHOWN]


def _labels(group: Any) -> list[str]:
    found = [str(one.get("label") or one.get("id") or "")[:LABEL_CHARS] for one in (group.pushed or [])[:LABELS]]
    kinds = [one.get("kind") for one in (group.pushed or [])[:LABELS]]
    return [
        f"#{text}" if kind == "hashtags" and text[:1] != "#" else text for kind, text in zip(kinds, found, strict=True)
    ]


def _words(label: str) -> str:
    """Return a label with the words of an address apart: a normal form leaves addresses out."""
    return label if " " in label else BETWEEN.sub(" ", label)


def _saying(access: Access, wanted: list[Term]) -> BoxHits:
    if not wanted:
        return BoxHits()
    groups = list(_groups(access)[:LATEST])
    cases = list(access.cases().order_by("-changed_at", "-number")[:LATEST])
    stories = list(access.narratives().filter(merged_into=None).order_by("-recent", "-n_posts", "-number")[:LATEST])
    sources = list(access.sources().order_by("name")[:LATEST])
    return BoxHits(
        groups=_fitting(groups, lambda one: " ".join(_words(label) for label in _labels(one)), wanted),
        cases=_fitting(cases, lambda one: f"{one.title} {one.summary[:500]}", wanted),
        narratives=with_lines(access, _fitting(stories, lambda one: " ".join(one.terms), wanted)),
        sources=_fitting(sources, lambda one: one.name, wanted),
    )


def _fitting(rows: Sequence[T], text_of: Callable[[T], str], wanted: list[Term]) -> list[T]:
    """Return the first rows whose text says all words, in any spelling."""
    if not rows:
        return []
    norms = normal_form(pl.Series([text_of(row) for row in rows], dtype=pl.String))
    fits = pl.DataFrame({"norm": norms}).select(fits=says(wanted))["fits"]
    return [rows[ix] for ix in fits.arg_true().head(SHOWN)]
