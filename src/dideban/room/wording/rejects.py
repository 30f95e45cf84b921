"""Why posts were set aside, in the language of the page."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dideban.ingest.reasons import REASONS, meaning
from dideban.messages import say


def _in_language_of_page(slug: str) -> str:
    return say(meaning(slug), (get_language() or "en").split("-")[0])


_engine_words = lazy(_in_language_of_page, str)
REJECTS: dict[str, Any] = {
    **{slug: _engine_words(slug) for slug in REASONS},
    "account-erased": _("of an account that was deleted on request"),
    "time-in-future": _("dated more than a day ahead"), "older-than-kept": _("older than the room keeps posts"),
}  # fmt: skip
"""Why a post was set aside (ingest.reasons, posts.intake)."""
