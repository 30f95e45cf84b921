"""A tour of eight stops through a demo, or through a room that has just begun: links and words, no script."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from dideban.room.access import Access
from dideban.room.cases.models import Case
from dideban.room.findings.models import FollowedGroup
from dideban.room.narratives.models import Narrative

STOPS = ("now", "findings", "finding", "triage", "case", "narrative", "effect", "public")
LISTS = {
    "now": "now", "findings": "findings", "finding": "findings", "triage": "triage", "case": "cases",
    "narrative": "narratives", "effect": "responses", "public": "publish",
}  # fmt: skip
"""Stop to the page that it leads to where there is no one thing to show yet."""


@dataclass(frozen=True, kw_only=True)
class Tour:
    """One stop and the way to its neighbours."""

    slug: str
    number: int
    of: int
    back: str
    on: str
    """Addresses; empty at the ends."""
    ends: str


def tour_of(access: Access, text: str | None) -> Tour | None:
    """Return the stop that an address asks for; None where it asks for none or the room is past its first day.

    Three queries where there is a tour, none otherwise.
    """
    if not text or not text.isascii() or not text.isdigit() or not 1 <= int(text[:3]) <= len(STOPS):
        return None
    if not access.room.is_demo and access.groups().exists():
        return None
    number = int(text[:3])
    return Tour(
        slug=STOPS[number - 1], number=number, of=len(STOPS), back=_address(access, number - 1),
        on=_address(access, number + 1), ends=reverse("board:now", args=[access.room.slug]),
    )  # fmt: skip


def _address(access: Access, number: int) -> str:
    if not 1 <= number <= len(STOPS):
        return ""
    stop = STOPS[number - 1]
    one = _one(access, stop)
    slug = access.room.slug
    page = reverse(f"board:{stop}", args=[slug, one.number]) if one else reverse(f"board:{LISTS[stop]}", args=[slug])
    return f"{page}?tour={number}"


def _one(access: Access, stop: str) -> FollowedGroup | Case | Narrative | None:
    """Return what a stop shows: the newest finding, case or narrative."""
    match stop:
        case "finding":
            return access.groups().filter(current__is_lead=False).order_by("-number").first()
        case "case":
            return access.cases().order_by("-number").first()
        case "narrative":
            return access.narratives().filter(is_active=True).order_by("-n_posts", "number").first()
    return None
