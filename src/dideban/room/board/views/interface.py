"""The interface for programs, as a page for people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from dideban.room.access import enter
from dideban.room.board.presenters.interface import calls, described
from dideban.room.board.views.common import page
from dideban.room.wording.interface import CHANGES


def interface(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every call, with examples; a call can be tried with a token. About 5 queries."""
    access = enter(request, slug)
    base = request.build_absolute_uri("/").rstrip("/")
    return page(
        request, access, "board/interface.html", calls=calls(described(request), room=slug, base=base), base=base,
        changes=CHANGES,
    )  # fmt: skip
