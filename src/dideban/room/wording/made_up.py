"""Names and titles that a demo writes where members would: shown in the language of the reader, kept in English."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

WORKS = "Correction (made up: it works)"
NOTHING = "Bulletin (made up: it does nothing)"
BACKFIRES = "Conversation (made up: it backfires)"
REMOVED = "Report (made up: posts are removed)"
MOVES = "Letter (made up: activity moves elsewhere)"
MONTHS, PAST = "Three months (made up)", "Past days (made up)"
CASE = "Three months of responses (made up)"
NOTE = "A demo: what each response really does stands in its title, so that the pages can be held against it."
STREAM, COAST = "Simulated stream", "Coast desk"

SAID: dict[str, Any] = {
    WORKS: _("Correction (made up: it works)"),
    NOTHING: _("Bulletin (made up: it does nothing)"),
    BACKFIRES: _("Conversation (made up: it backfires)"),
    REMOVED: _("Report (made up: posts are removed)"),
    MOVES: _("Letter (made up: activity moves elsewhere)"),
    MONTHS: _("Three months (made up)"),
    PAST: _("Past days (made up)"),
    CASE: _("Three months of responses (made up)"),
    NOTE: _("A demo: what each response really does stands in its title, so that the pages can be held against it."),
    STREAM: _("Simulated stream"),
    COAST: _("Coast desk"),
}


def in_own_words(text: object) -> object:
    """Return a text of a demo in the language of the reader; any other text stays as it is."""
    return str(SAID[text]) if isinstance(text, str) and text in SAID else text


__all__ = ["SAID", "in_own_words"]
