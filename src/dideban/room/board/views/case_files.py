"""A case as a report to print, and as one file with everything it stands on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from dideban.messages import languages
from dideban.room.access import enter
from dideban.room.board.presenters.case_report import bundle, report
from dideban.room.board.views.common import attachment


def case_report(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a case as a report, in the language that the address asks for. About 14 queries."""
    access = enter(request, slug)
    own = (translation.get_language() or "en").split("-")[0]
    language = request.GET.get("lang", own)
    return HttpResponse(
        report(access, access.case(number), language=language if language in languages() else own, is_file=False)
    )


def case_export(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Return a case as a zip: the report in every language, packages of findings, files."""
    access = enter(request, slug)
    one = access.case(number)
    return attachment(bundle(access, one), name=f"case-{one.number}.zip", kind="application/zip")
