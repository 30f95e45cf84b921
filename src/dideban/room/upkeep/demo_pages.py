"""Pages for the public of a demo room, all made up: two bulletins, one of them corrected, a lesson and a story."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from django.utils import timezone

from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Membership
from dideban.room.public.actions import change_page, change_site, record_consent, write_page
from dideban.room.public.models import Correction, Page, PageState
from dideban.room.public.packages import is_packed
from dideban.room.rooms.models import Place, Room

NAMES = {"en": "The Watch", "fa": "دیده‌بان", "ar": "المرصد"}
HOUR = timedelta(hours=1)


def make_pages(room: Room, by: Membership) -> int:
    """Fill a demo room with published pages; return how many. One that has pages stays as it is.

    Notes
    -----
    A demo has one member, and nobody agrees with themselves: the pages are marked as published by the room itself.
    """
    if room.pages.exists():
        return 0
    now, n = timezone.now(), 0
    texts = tomllib.loads((files("dideban.room.upkeep") / "demo_pages.toml").read_text("utf-8"))
    places = {one.slug: one for one in Place.objects.filter(room=room)}
    for ix, (slug, thing) in enumerate(texts.items()):
        at = now - timedelta(days=2 * ix, hours=3)
        for lang in NAMES:
            _publish(
                room, slug, thing, lang=lang, places=[places[p] for p in thing["places"] if p in places], at=at, by=by
            )
            n += 1
    change_site(room, is_on=True, names=NAMES, by=None)
    return n


def rest_on_findings(room: Room) -> None:
    """Let the bulletins of a demo rest on findings once some are packed, so that their claims can be checked."""
    lacking = Page.objects.filter(room=room, kind="bulletin", published__isnull=False, findings={}).order_by("slug")
    groups = FollowedGroup.objects.filter(room=room, current__isnull=False).select_related("current").order_by("number")
    there = [one for one in groups if one.current and is_packed(room, one.current.finding_id)]
    for ix, slug in enumerate(sorted({one.slug for one in lacking}) if there else ()):
        group = there[ix % len(there)]
        assert group.current is not None
        for page in lacking.filter(slug=slug):
            page.groups.add(group)
            Page.objects.filter(pk=page.pk).update(findings={group.current.finding_id: group.verdict})


def _publish(
    room: Room, slug: str, thing: dict[str, Any], *, lang: str, places: list[Place], at: datetime, by: Membership
) -> None:
    said = thing[lang]
    claims = [said["claim"]] if "claim" in said else []
    page = write_page(
        room, kind=thing["kind"], slug=slug, lang=lang, title=said["title"], summary=said["summary"],
        body=said.get("body_before", said["body"]), claims=claims, places=places, by=by,
    )  # fmt: skip
    if thing["kind"] == "story":
        record_consent(
            page, person="N", text_shown=said["body"], lang=lang, scopes=["web", "print"], method="witnessed",
            given_at=at - HOUR, expires_at=at + timedelta(days=730), by=by,
        )  # fmt: skip
    first = page.latest
    Page.objects.filter(pk=page.pk).update(published=first, published_at=at, state=PageState.PUBLISHED)
    if "body_before" in said and first is not None:
        now = change_page(page, title=said["title"], summary=said["summary"], body=said["body"], claims=claims, by=by)
        assert now is not None
        Correction.objects.create(page=page, at=at + HOUR, was=first, now=now, why=said["why"])
        Page.objects.filter(pk=page.pk).update(published=now)
