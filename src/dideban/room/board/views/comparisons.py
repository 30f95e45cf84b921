"""Comparisons of several searches over time: made from the address, kept by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from dideban.errors import DidebanError
from dideban.room.access import Access, enter
from dideban.room.board.presenters.comparison import Compared, asked_of, compare_searches
from dideban.room.board.views.common import key_of, page, paged, post_action, to, unknown_action
from dideban.room.posts.actions import remove_comparison, save_comparison
from dideban.room.posts.comparisons import BYS, MOST_SEARCHES
from dideban.room.roles import Permission
from dideban.room.wording import reading
from dideban.room.wording.problems import error_words

KEPT_PER_PAGE = 25


def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Show searches beside each other, or the kept comparisons. About 12 queries."""
    access = enter(request, slug)
    asked, found, trouble = dict[str, Any](), None, ("", "")
    try:
        asked = asked_of(request.GET)
        found = compare_searches(access, asked, names=_names(access))
    except DidebanError as error:
        trouble = error_words(error)
    written = asked.get("q", [])
    fields = [*written, *[""] * max(1, 2 - len(written))][:MOST_SEARCHES]
    return page(
        request, access, "board/compare.html", asked=asked, found=found, trouble=trouble, fields=fields, bys=BYS,
        further=range(len(fields) + 1, MOST_SEARCHES + 1),
        kept=paged(access.comparisons(), request, per_page=KEPT_PER_PAGE), address=_address(asked),
        lines=_lines(found),
    )  # fmt: skip


def _lines(found: Compared | None) -> list[str]:
    """Return the heads of the table's columns: the search before the kind where lines are split."""
    if found is None:
        return []
    return [
        f"{chart.name} · {line.name}" if chart.name else line.name for chart in found.charts for line in chart.lines
    ]


def _names(access: Access) -> dict[str, Mapping[str, str]]:
    language = reading.language()
    return {
        "place": {one.slug: str(one.names.get(language) or one.name) for one in access.places()},
        "source": {one.slug: one.name for one in access.sources()},
    }


def _address(asked: Mapping[str, Any]) -> str:
    return urlencode({name: value for name, value in asked.items() if value}, doseq=True)


@post_action
def compare_act(request: HttpRequest, slug: str) -> str:
    """Keep a comparison by name, or forget one."""
    access = enter(request, slug, needs=Permission.WORK)
    form = request.POST
    match form.get("do"):
        case "save":
            asked = asked_of(form)
            save_comparison(access.room, name=form.get("name", ""), asked=asked, by=access.membership)
            return f"{to('compare', slug)}?{_address(asked)}"
        case "remove":
            remove_comparison(access.comparison(key_of(form.get("comparison"))), by=access.membership)
            return to("compare", slug)
        case _:
            raise unknown_action()
