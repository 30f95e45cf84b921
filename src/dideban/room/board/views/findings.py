"""Findings: the list, one finding, verdicts, discussion, downloads."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from dideban.errors import InputError
from dideban.room.access import Access, enter
from dideban.room.board.presenters.exports import FORMATS, export_finding
from dideban.room.board.presenters.finding import selfcheck_of, spark_of, view_of
from dideban.room.board.presenters.next_steps import steps_of, title_of
from dideban.room.board.presenters.silence import silence_of
from dideban.room.board.presenters.similar import similar_groups
from dideban.room.board.views.common import (
    attachment,
    key_of,
    number_of,
    open_cases,
    page,
    paged,
    places_of,
    post_action,
    record_visit,
    to,
    unknown_action,
)
from dideban.room.board.views.triage import after_verdict
from dideban.room.cases.actions import add_task, link_groups, open_case
from dideban.room.cases.models import Case
from dideban.room.findings.actions import add_comment, delete_comment, give_verdict, note_seen
from dideban.room.findings.content import content_of, with_content
from dideban.room.findings.models import FollowedGroup, VerdictKind
from dideban.room.roles import Permission
from dideban.room.wording import reading

SORTS = {
    "seen": ("-last_found_at", "-number"), "new": ("-first_found_at", "-number"),
    "size": ("-current__n_accounts", "-number"),
    "error": ("current__error_rate", "-current__n_posts", "-number"),
}  # fmt: skip
PER_PAGE = 20


def findings(request: HttpRequest, slug: str) -> HttpResponse:
    """List findings; every filter stands in the address. About 14 queries."""
    access = enter(request, slug)
    record_visit(request, access)
    found = paged(_filtered(access, request), request, per_page=PER_PAGE)
    is_filtered = any(value for key, value in request.GET.items() if key != "page")
    rows = [(group, spark_of(slug, group.current.finding_id)) for group in found if group.current]
    return page(
        request, access, "board/findings.html", found=found, rows=rows, places=list(access.places()), asked=request.GET,
        silence=silence_of(access), quiet=not found.paginator.count and not is_filtered,
        verdicts=["none", *VerdictKind], is_filtered=is_filtered,
    )  # fmt: skip


def _filtered(access: Access, request: HttpRequest) -> QuerySet[FollowedGroup]:
    asked = request.GET
    groups = with_content(access.groups().defer("members")).prefetch_related(access.seen_places())
    if asked.get("leads") != "1":
        groups = groups.filter(current__is_lead=False)
    if (verdict := asked.get("verdict", "")) in {*VerdictKind, "none"}:
        groups = groups.filter(verdict="" if verdict == "none" else verdict)
    if place := asked.get("place"):
        groups = groups.filter(places__slug=place[:60])
    if label := asked.get("label"):
        groups = groups.filter(current__label=label[:24])
    if language := asked.get("language"):
        groups = groups.annotate(said_in=Cast("current__languages", TextField())).filter(
            said_in__contains=f'"{language[:12]}"'
        )
    if asked.get("active") == "1":
        groups = groups.filter(is_active=True)
    if asked.get("new") == "1" and access.membership.new_since_at:
        since = access.membership.new_since_at
        groups = groups.filter(Q(first_found_at__gt=since) | Q(grew_at__gt=since))
    if least := number_of(asked.get("accounts")):
        groups = groups.filter(current__n_accounts__gte=least)
    return groups.order_by(*SORTS.get(asked.get("sort", ""), SORTS["seen"]))


def finding(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one group as its latest finding has it. About 20 queries."""
    access = enter(request, slug)
    group = access.group(number)
    assert group.current is not None
    note_seen(group)
    return _show(request, access, group, group.current.finding_id)


def permalink(request: HttpRequest, slug: str, finding_id: str) -> HttpResponse:
    """Show one finding as it was: it never changes."""
    access = enter(request, slug)
    one = access.finding(finding_id)
    return _show(request, access, access.group(one.group.number), finding_id)


def _show(request: HttpRequest, access: Access, group: FollowedGroup, finding_id: str) -> HttpResponse:
    one = access.finding(finding_id, group=group)
    versions = list(group.findings.defer("document").order_by("-found_at", "-pk")[:20])
    beside = access.every_group().filter(past_run=group.past_run_id, current__is_lead=one.is_lead)
    earlier = beside.filter(number__lt=group.number).order_by("-number").values_list("number", flat=True).first()
    later = beside.filter(number__gt=group.number).order_by("number").values_list("number", flat=True).first()
    timeline, claims, evidence = view_of(access, one)
    cases = list(access.cases().filter(groups=group).prefetch_related("tasks"))
    tasks = [task.title for case in cases for task in case.tasks.all()]
    return page(
        request, access, "board/finding.html", group=group, one=one, document=one.document, content=content_of(one),
        timeline=timeline, claims=claims, evidence=evidence, steps=steps_of(one.document, titles=tasks),
        is_latest=one.pk == group.current_id, versions=versions, earlier=earlier, later=later,
        verdicts=list(group.verdicts.select_related("member", "finding").defer("finding__document")[:30]),
        comments=list(group.comments.select_related("member")[:200]), kinds=list(VerdictKind),
        events=list(group.events.all()[:20]), places=list(access.places().filter(followed_groups=group)),
        cases=cases,
        opinions=list(access.arrived().filter(groups=group, stix_type="opinion")[:20]),
        open_cases=open_cases(access), formats=FORMATS, selfcheck=selfcheck_of(access.room.slug),
    )  # fmt: skip


def finding_similar(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show findings like one: a page of its own, and what the page of the finding fetches. About 10 queries."""
    access = enter(request, slug)
    group = access.group(number)
    return page(request, access, "board/similar.html", group=group, similar=similar_groups(access, group))


@post_action
def finding_act(request: HttpRequest, slug: str, number: int) -> str:
    """Give a verdict, comment, or make a case of it."""
    access = enter(request, slug, needs=Permission.WORK)
    group = access.group(number)
    match request.POST.get("do"):
        case "verdict":
            seen = access.finding(request.POST.get("finding", ""), group=group)
            kind = request.POST.get("kind", "")
            reason = request.POST.get("reason", "")
            given = give_verdict(group, finding=seen, kind=kind, reason=reason, by=access.membership)
            return after_verdict(request, access, given)
        case "comment":
            add_comment(group, text=request.POST.get("text", ""), by=access.membership)
        case "uncomment":
            comment = access.comment(group, key_of(request.POST.get("comment")))
            delete_comment(comment, by=access.membership)
        case "case":
            return _case_from(access, group, request.POST)
        case "steps":
            return _tasks_from(access, group, request.POST)
        case _:
            raise unknown_action()
    return to("finding", slug, number)


@transaction.atomic
def _tasks_from(access: Access, group: FollowedGroup, form: Any) -> str:
    """Make tasks of the chosen next steps, in the chosen case or a new one."""
    wanted = set(form.getlist("step"))
    document = group.current.document if group.current else {}
    steps = [step for step in document.get("next_steps", []) if step.get("code") in wanted]
    if not steps:
        raise InputError("room.text-empty", field="step")
    case = _case_of(access, group, form)
    for step in steps:
        add_task(case, title=title_of(step), by=access.membership)
    return f"{to('case', access.room.slug, case.number)}#tasks"


def _case_from(access: Access, group: FollowedGroup, form: Any) -> str:
    return to("case", access.room.slug, _case_of(access, group, form).number)


def _case_of(access: Access, group: FollowedGroup, form: Any) -> Case:
    """Put a finding into the case that a form names: a new one, or one that is open."""
    chosen = number_of(form.get("case"))
    if chosen is not None:
        case = access.case(chosen)
        link_groups(case, groups=[group], by=access.membership)
    else:
        places = places_of(access, group.places.values_list("slug", flat=True))
        title = form.get("title", "").strip() or _new_title(group)
        case = open_case(
            access.room, title=title, places=places, groups=[group],
            origin={"kind": "finding", "group": group.number}, by=access.membership,
        )  # fmt: skip
    return case


def _new_title(group: FollowedGroup) -> str:
    """Name a case by what its finding is: its words may have to be deleted, and a title stays."""
    return _("Finding %(number)s") % {"number": reading.number(group.number)}


def finding_file(request: HttpRequest, slug: str, finding_id: str, kind: str) -> HttpResponse:
    """Return a finding as a file."""
    access = enter(request, slug)
    one = access.finding(finding_id)
    if kind not in FORMATS:
        raise Http404
    data, media = export_finding(access, one, kind)
    return attachment(data, name=f"{one.finding_id}.{FORMATS[kind].ending}", kind=media)
