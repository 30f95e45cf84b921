"""The public version of a year's self-review: one file, every language, counts of the whole room and no names."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dideban.messages import languages, locale
from dideban.room.board.presenters.self_review import KINDS, SelfReview
from dideban.room.review.figures import FEWEST_JUDGED
from dideban.room.wording import reading

SMALL = 3
"""A place with fewer findings is not told: so few could point at somebody."""


def render_year(review: SelfReview, *, year: int) -> str:
    """Return a self-contained page: figures once, said in each language."""
    judged = review.judged
    shown: dict[str, Any] = {
        "room": review.access.room, "year": year, "until": review.period.until, "delays": review.delays,
        "judged": judged, "wrong": judged.wrong, "unjudged": judged.unjudged, "fewest": FEWEST_JUDGED,
        "bands": review.bands, "kinds": KINDS, "waiting": review.open_work(), "slept_s": review.slept_s(),
        "places": [row for row in review.coverage() if row["n_findings"] >= SMALL], "small": SMALL,
        "made_at": timezone.now(),
    }  # fmt: skip
    token = reading.READER.set(reading.ReadingHabits())
    try:
        parts = [_said(language, shown) for language in languages()]
    finally:
        reading.READER.reset(token)
    return render_to_string("board/public_year.html", {"parts": parts, "year": year})


def _said(language: str, shown: dict[str, Any]) -> dict[str, Any]:
    with translation.override(language):
        html = render_to_string("board/public_year_said.html", shown)
    return {"language": language, "name": locale(language).name, "dir": locale(language).direction, "html": html}
