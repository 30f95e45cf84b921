"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from dideban.room.members.models import Member


def board(request: HttpRequest) -> dict[str, Any]:
    """Return how the reader likes to read. Costs no query where the member is known already."""
    user = getattr(request, "user", None)
    member = user if isinstance(user, Member) else None
    lang = (translation.get_language() or "en").split("-")[0]
    return {
        "reader": member,
        "theme": member.theme if member is not None else "auto",
        "lang": lang,
        "dir": "rtl" if translation.get_language_bidi() else "ltr",
        "all_languages": settings.LANGUAGES,
    }
