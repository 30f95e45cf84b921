"""The record of the room's own work for its public site: figures of the last year and what was published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dideban.messages import languages
from dideban.room.access import Access, whole_room
from dideban.room.board.presenters.public_year import SMALL
from dideban.room.board.presenters.self_review import KINDS, Period, SelfReview
from dideban.room.review.figures import FEWEST_JUDGED
from dideban.room.rooms.models import Room
from dideban.room.wording import reading

YEAR = timedelta(days=365)


def record_of(room: Room, *, now: datetime) -> dict[str, str]:
    """Return a fragment in each language: counts of the whole room, no names. About 30 queries."""
    access = whole_room(room)
    until = timezone.make_aware(datetime(now.year, now.month, now.day)) + timedelta(days=1)
    review = SelfReview(access, Period(since=until - YEAR, until=until))
    judged = review.judged
    shown: dict[str, Any] = {
        "room": room, "year": now.year, "until": now, "delays": review.delays, "judged": judged, "wrong": judged.wrong,
        "unjudged": judged.unjudged, "fewest": FEWEST_JUDGED, "bands": review.bands, "kinds": KINDS,
        "waiting": review.open_work(), "slept_s": review.slept_s(), "small": SMALL,
        "places": [row for row in review.coverage() if row["n_findings"] >= SMALL], **_published(access),
    }  # fmt: skip
    token = reading.READER.set(reading.ReadingHabits())
    try:
        return {lang: _said(lang, shown) for lang in languages()}
    finally:
        reading.READER.reset(token)


def _published(access: Access) -> dict[str, int]:
    pages, letters = access.pages(), access.letters()
    return {
        "n_published": pages.exclude(published=None).count(), "n_withdrawn": pages.exclude(withdrawn_at=None).count(),
        "n_corrected": pages.filter(corrections__isnull=False).distinct().count(),
        "n_fell": pages.filter(withdrawn_reason="finding").count(), "n_erased": access.erasures().count(),
        "n_complaints": letters.filter(kind="complaint").count(),
        "n_answered": letters.filter(kind="complaint").exclude(answered_at=None).count(),
    }  # fmt: skip


def _said(language: str, shown: dict[str, Any]) -> str:
    with translation.override(language):
        html = render_to_string("board/public_record.html", shown)
    wide = html.replace("<table>", '<table tabindex="0">')  # they scroll: by keys too
    return wide.replace("<h2>", "<h3>").replace("</h2>", "</h3>").replace("<h1>", "<h2>").replace("</h1>", "</h2>")
