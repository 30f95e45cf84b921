"""Narratives: the list, one narrative, putting one into a case."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from dideban.room.access import Access, enter
from dideban.room.alerts.words import label_of
from dideban.room.board.presenters.narrative import days_of, examples_of, shares, spark, spread_of, timeline_of
from dideban.room.board.views.common import number_of, open_cases, page, paged, post_action, to, unknown_action
from dideban.room.cases.actions import link_groups, link_narrative, open_case
from dideban.room.narratives.follow import last_step
from dideban.room.narratives.lines import read_lines
from dideban.room.narratives.models import Narrative
from dideban.room.narratives.write import search_form
from dideban.room.roles import Permission
from dideban.room.wording import reading

SORTS = {
    "matters": ("-weight", "-recent", "-number"),
    "growth": ("-growth", "-recent", "-number"), "recent": ("-recent", "-number"), "size": ("-n_posts", "-number"),
    "new": ("-found_at", "-number"), "first": ("-first_at", "-number"),
    "accounts": ("-n_accounts", "-number"),
}  # fmt: skip
PER_PAGE = 20


def narratives(request: HttpRequest, slug: str) -> HttpResponse:
    """List narratives; every filter stands in the address. About 12 queries."""
    access = enter(request, slug)
    found = paged(_filtered(access, request), request, per_page=PER_PAGE)
    return page(
        request, access, "board/narratives.html", found=found, rows=[(one, spark(one)) for one in found],
        lines=read_lines(slug, found, places=access.scope().places),
        places=list(access.places()), sources=list(access.sources()), asked=request.GET, step=last_step(slug),
        is_filtered=any(value for key, value in request.GET.items() if key not in ("page", "sort")),
    )  # fmt: skip


def _filtered(access: Access, request: HttpRequest) -> QuerySet[Narrative]:
    asked = request.GET
    found = access.narratives().filter(merged_into=None).prefetch_related(access.seen_places())
    state = asked.get("state", "")
    if state == "bursting":
        found = found.filter(burst_at__isnull=False)
    if state != "all":
        found = found.filter(is_active=True)
    if place := asked.get("place"):
        found = found.filter(places__slug=place[:60])
    if source := asked.get("source"):
        found = found.filter(source_counts__has_key=source[:60])
    if language := asked.get("language"):
        found = found.filter(languages__has_key=language[:12])
    if (word := asked.get("word", "").replace("\x00", "").strip()[:60]) and (form := search_form([word]).rstrip()):
        found = found.filter(words__contains=form)
    if least := number_of(asked.get("posts")):
        found = found.filter(n_posts__gte=least)
    if asked.get("proved") == "1":
        found = found.filter(n_proved__gt=0)
    if asked.get("new") == "1" and access.membership.new_since_at:
        found = found.filter(found_at__gt=access.membership.new_since_at)
    return found.order_by(*SORTS.get(asked.get("sort", ""), SORTS["matters"]))


def narrative(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one narrative. About 18 queries."""
    access = enter(request, slug)
    one = access.narrative(number)
    groups = access.groups().filter(number__in=[int(n) for n in one.proved]).select_related("current")
    kept = {group.number: group for group in groups.defer("members", "current__document")}
    later = access.narratives().filter(merged_into=None, is_active=True).order_by("number")
    places_by = {place.slug: place for place in access.places()}
    source_names = {source.slug: source.name for source in access.sources()}
    return page(
        request, access, "board/narrative.html", one=one, places_by=places_by, source_names=source_names,
        label=label_of(one), line=read_lines(slug, [one], places=access.scope().places).get(number, ""),
        timeline=timeline_of(one),
        days=days_of(one), examples=examples_of(access, one), spread=spread_of(access, one),
        groups=[(kept[int(n)], posts) for n, posts in one.proved.items() if int(n) in kept],
        places=shares(one.place_counts, places_by), sources=shares(one.source_counts, source_names),
        languages=shares(one.languages), platforms=shares(one.platforms), domains=shares(one.domains),
        cases=list(access.cases().filter(narratives=one)[:20]), open_cases=open_cases(access),
        alerts=list(access.alerts().filter(narrative=one).order_by("-at")[:10]),
        merged=list(access.narratives().filter(merged_into=one).values_list("number", flat=True)[:20]),
        earlier_one=later.filter(number__lt=number).values_list("number", flat=True).last(),
        later_one=later.filter(number__gt=number).values_list("number", flat=True).first(),
    )  # fmt: skip


@post_action
def narrative_act(request: HttpRequest, slug: str, number: int) -> str:
    """Put a narrative into a case: a new one, or one that is open."""
    access = enter(request, slug, needs=Permission.WORK)
    one = access.narrative(number)
    if request.POST.get("do") != "case":
        raise unknown_action()
    groups = list(access.groups().filter(number__in=[int(n) for n in one.proved])) if request.POST.get("groups") else []
    if (chosen := number_of(request.POST.get("case"))) is not None:
        case = access.case(chosen)
        link_narrative(case, narrative=one, by=access.membership)
        if groups:
            link_groups(case, groups=groups, by=access.membership)
    else:
        title = request.POST.get("title", "").strip() or _("Narrative %(number)s") % {
            "number": reading.number(one.number)
        }
        case = open_case(
            access.room, title=title, places=list(access.places().filter(narratives=one)), groups=groups,
            narratives=[one], origin={"kind": "narrative", "narrative": one.number}, by=access.membership,
        )  # fmt: skip
    return to("case", slug, case.number)


def bursting(access: Access, *, most: int = 5) -> list[tuple[Narrative, str]]:
    """Return the narratives that burst now and the line that names each, those with most posts first. One query."""
    found = access.narratives().filter(is_active=True, burst_at__isnull=False)
    kept = list(found.order_by(F("burst_posts").desc(), "number")[:most])
    lines = read_lines(access.room.slug, kept, places=access.scope().places)
    return [(one, lines.get(one.number, "")) for one in kept]
