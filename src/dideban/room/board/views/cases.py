"""Cases and hand-over notes."""

from __future__ import annotations

import json

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Prefetch, Q, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from dideban.room.access import Access, enter
from dideban.room.board.presenters.case_evidence import evidence_of
from dideban.room.board.presenters.case_history import history_of
from dideban.room.board.presenters.narrative import with_lines
from dideban.room.board.views.common import (
    attachment,
    instant_of,
    key_of,
    member_of,
    number_of,
    page,
    paged,
    places_of,
    post_action,
    to,
    unknown_action,
)
from dideban.room.board.views.responses import KINDS, KINDS_OF_LOTS, news_of, of_case
from dideban.room.cases import actions
from dideban.room.cases.models import Case, CaseStatus, NoteKind, Severity
from dideban.room.cases.storage import path_of
from dideban.room.cases.templates import TEMPLATES
from dideban.room.findings.content import with_content
from dideban.room.findings.models import FollowedGroup
from dideban.room.responses.models import HORIZONS_H, ResponseOutcome
from dideban.room.roles import Permission

ORDERS = {"changed": "-changed_at", "opened": "-opened_at", "number": "-number"}


def cases(request: HttpRequest, slug: str) -> HttpResponse:
    """List cases; filters stand in the address. About 14 queries."""
    access = enter(request, slug)
    asked = request.GET
    found = access.cases().prefetch_related(access.seen_places())
    if (status := asked.get("status", "")) in set(CaseStatus):
        found = found.filter(status=status)
    elif status != "all":
        found = found.exclude(status=CaseStatus.CLOSED)
    if (severity := asked.get("severity", "")) in set(Severity):
        found = found.filter(severity=severity)
    if place := asked.get("place"):
        found = found.filter(places__slug=place[:60])
    if asked.get("mine") == "1":
        found = found.filter(Q(owner=access.member) | Q(watchers=access.member)).distinct()
    if words := asked.get("text", "").strip():
        found = found.filter(Q(title__icontains=words[:100]) | Q(summary__icontains=words[:100]))
    found = found.annotate(
        n_open=Count("tasks", filter=Q(tasks__done_at=None), distinct=True),
        n_late=Count("tasks", filter=Q(tasks__done_at=None, tasks__due_at__lt=timezone.now()), distinct=True),
        n_groups=Count("groups", distinct=True),
    )
    return page(
        request, access, "board/cases.html", asked=asked, places=list(access.places()), statuses=list(CaseStatus),
        severities=list(Severity),
        found=paged(found.order_by(ORDERS.get(asked.get("sort", ""), "-changed_at"), "-number"), request),
    )  # fmt: skip


def case_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form of a new case."""
    access = enter(request, slug, needs=Permission.WORK)
    return page(
        request, access, "board/case_new.html", places=list(access.places()), severities=list(Severity),
        templates=list(TEMPLATES),
        memberships=list(access.memberships()),
    )  # fmt: skip


@post_action
def case_open(request: HttpRequest, slug: str) -> str:
    """Open a case by hand."""
    access = enter(request, slug, needs=Permission.WORK)
    form = request.POST
    made = actions.open_case(
        access.room, title=form.get("title", ""), summary=form.get("summary", ""),
        severity=form.get("severity", Severity.MEDIUM), owner=member_of(access, form.get("owner")),
        places=places_of(access, form.getlist("places")), by=access.membership,
    )  # fmt: skip
    for title in TEMPLATES.get(form.get("template", ""), ()):
        actions.add_task(made, title=str(title), by=access.membership)
    return to("case", slug, made.number)


def _searched(access: Access, one: Case, words: str) -> list[FollowedGroup]:
    """Return findings in which words stand, that are not in the case yet."""
    if not (words := words.strip()[:200]):
        return []
    found = with_content(access.every_group().defer("members")).annotate(whole=Cast("current__document", TextField()))
    for word in words.split()[:8]:
        found = found.filter(Q(whole__icontains=word) | Q(whole__icontains=json.dumps(word)[1:-1]))
    return list(found.exclude(cases=one).order_by("-last_found_at", "-number")[:10])


def case(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one case. About 31 queries."""
    access = enter(request, slug)
    one = access.case(number)
    tasks, files = list(one.tasks.select_related("owner", "done_by")), list(one.files.select_related("member"))
    events = access.history_of(one)
    watchers, searches = list(one.watchers.all()), list(one.searches.all())
    groups = with_content(access.every_group().filter(cases=one).defer("members")).prefetch_related(
        access.seen_places()
    )
    kept = list(groups)
    evidence = evidence_of(access, kept, titles=[task.title for task in tasks])
    return page(
        request, access, "board/case.html", case=one, places=list(access.places().filter(cases=one)), watchers=watchers,
        is_watching=access.member in watchers, tasks=tasks,
        notes=list(one.notes.select_related("member")),
        files=[file for file in files if file.deleted_at is None],
        groups=kept, evidence=evidence, has_steps=any(row.steps for row in evidence),
        narratives=with_lines(access, access.narratives().filter(cases=one).order_by("number")),
        asked=request.GET.get("find", "")[:200], searched=_searched(access, one, request.GET.get("find", "")),
        searches=searches, links=[(link, link.b if link.a_id == one.pk else link.a) for link in access.case_links(one)],
        events=history_of(events[:100], tasks=tasks, files=files, searches=searches),
        handovers=list(access.handovers().filter(cases=one)[:10]),
        memberships=list(access.memberships()), all_places=list(access.places()), statuses=list(CaseStatus),
        severities=list(Severity), now=timezone.now(), responses=of_case(access, one.pk), response_kinds=KINDS,
        lot_kinds=KINDS_OF_LOTS, horizons=HORIZONS_H, outcomes=list(ResponseOutcome),
    )  # fmt: skip


@post_action
def case_watch(request: HttpRequest, slug: str, number: int) -> str:
    """Watch a case, or stop."""
    access = enter(request, slug)
    actions.set_watching(access.case(number), is_watching=request.POST.get("do") == "watch", by=access.membership)
    return to("case", slug, number)


@post_action
def case_act(request: HttpRequest, slug: str, number: int) -> str:
    """Change a case."""
    access = enter(request, slug, needs=Permission.WORK)
    one = access.case(number)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise unknown_action()
    act(access, one, request.POST)
    return f"{to('case', slug, number)}#{request.POST.get('at', 'case')[:20]}"


@post_action
def case_add_file(request: HttpRequest, slug: str, number: int) -> str:
    """Keep files with a case."""
    access = enter(request, slug, needs=Permission.WORK)
    one = access.case(number)
    for given in request.FILES.getlist("file")[:20]:
        assert isinstance(given, UploadedFile)
        actions.add_file(one, name=given.name or "file", chunks=given.chunks(), by=access.membership)
    return f"{to('case', slug, number)}#files"


def case_file(request: HttpRequest, slug: str, number: int, pk: int) -> HttpResponse:
    """Return a file of a case to keep."""
    access = enter(request, slug)
    kept = access.case_file(access.case(number), pk)
    try:
        data = path_of(slug, kept.sha256).read_bytes()
    except OSError as error:
        raise Http404 from error
    return attachment(data, name=kept.name, kind="application/octet-stream")


def _change(access: Access, one: Case, form: QueryDict) -> None:
    actions.change_case(
        one, title=form.get("title", ""), summary=form.get("summary", ""), severity=form.get("severity", ""),
        owner=member_of(access, form.get("owner")), places=places_of(access, form.getlist("places")),
        by=access.membership,
    )  # fmt: skip


def _status(access: Access, one: Case, form: QueryDict) -> None:
    actions.set_status(
        one, status=form.get("status", ""), outcome=form.get("outcome", ""),
        reason_against=form.get("reason_against", ""), by=access.membership,
    )  # fmt: skip


def _add_task(access: Access, one: Case, form: QueryDict) -> None:
    actions.add_task(
        one, title=form.get("title", ""), owner=member_of(access, form.get("owner")),
        due_at=instant_of(form.get("due")), remind_at=instant_of(form.get("remind")), by=access.membership,
    )  # fmt: skip


def _change_task(access: Access, one: Case, form: QueryDict) -> None:
    task = access.task(one, key_of(form.get("task")))
    actions.change_task(
        task, title=form.get("title", ""), owner=member_of(access, form.get("owner")),
        due_at=instant_of(form.get("due")), remind_at=instant_of(form.get("remind")), by=access.membership,
    )  # fmt: skip


def _tick_off(access: Access, one: Case, form: QueryDict) -> None:
    actions.set_task_done(
        access.task(one, key_of(form.get("task"))), is_done=form.get("done") == "1", by=access.membership
    )


def _add_note(access: Access, one: Case, form: QueryDict) -> None:
    actions.add_note(one, text=form.get("text", ""), kind=form.get("kind", NoteKind.NOTE), by=access.membership)


def _edit_note(access: Access, one: Case, form: QueryDict) -> None:
    actions.edit_note(access.note(one, key_of(form.get("note"))), text=form.get("text", ""), by=access.membership)


def _delete_note(access: Access, one: Case, form: QueryDict) -> None:
    actions.delete_note(access.note(one, key_of(form.get("note"))), by=access.membership)


def _withdraw(access: Access, one: Case, form: QueryDict) -> None:
    note = access.note(one, key_of(form.get("note")))
    actions.withdraw_decision(note, reason=form.get("reason", ""), by=access.membership)


def _delete_file(access: Access, one: Case, form: QueryDict) -> None:
    actions.delete_file(access.case_file(one, key_of(form.get("file"))), by=access.membership)


def _link_case(access: Access, one: Case, form: QueryDict) -> None:
    other = access.case(number_of(form.get("other")) or 0)
    actions.link_cases(one, other=other, reason=form.get("reason", ""), by=access.membership)


def _unlink_case(access: Access, one: Case, form: QueryDict) -> None:
    actions.unlink_cases(access.case_link(one, key_of(form.get("link"))), by=access.membership)


def _add_group(access: Access, one: Case, form: QueryDict) -> None:
    actions.link_groups(one, groups=[access.group(number_of(form.get("group")) or 0)], by=access.membership)


def _drop_group(access: Access, one: Case, form: QueryDict) -> None:
    actions.unlink_group(one, group=access.group(number_of(form.get("group")) or 0), by=access.membership)


def _add_narrative(access: Access, one: Case, form: QueryDict) -> None:
    narrative = access.narrative(number_of(form.get("narrative")) or 0)
    actions.link_narrative(one, narrative=narrative, by=access.membership)


def _drop_narrative(access: Access, one: Case, form: QueryDict) -> None:
    narrative = access.narrative(number_of(form.get("narrative")) or 0)
    actions.unlink_narrative(one, narrative=narrative, by=access.membership)


def _drop_search(access: Access, one: Case, form: QueryDict) -> None:
    actions.drop_search(access.case_search(one, key_of(form.get("search"))), by=access.membership)


ACTS = {
    "change": _change, "status": _status, "task": _add_task, "task-change": _change_task, "task-done": _tick_off,
    "note": _add_note, "note-edit": _edit_note, "note-delete": _delete_note, "withdraw": _withdraw,
    "file-delete": _delete_file,
    "link": _link_case, "unlink": _unlink_case, "group": _add_group, "group-drop": _drop_group,
    "narrative": _add_narrative, "narrative-drop": _drop_narrative, "search-drop": _drop_search,
}  # fmt: skip


def handovers(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what shifts told each other. About 12 queries."""
    access = enter(request, slug)
    return page(
        request, access, "board/handovers.html", memberships=list(access.memberships()),
        found=paged(access.handovers().prefetch_related(Prefetch("cases", access.cases())), request),
        cases=list(access.cases().exclude(status=CaseStatus.CLOSED)[:50]), news=news_of(access),
    )  # fmt: skip


@post_action
def handover_write(request: HttpRequest, slug: str) -> str:
    """Write a hand-over note."""
    access = enter(request, slug, needs=Permission.WORK)
    numbers = [number for text in request.POST.getlist("cases") if (number := number_of(text)) is not None]
    actions.hand_over(
        access.room, text=request.POST.get("text", ""), to=member_of(access, request.POST.get("to")),
        cases=list(access.cases().filter(number__in=numbers)), by=access.membership,
    )  # fmt: skip
    return to("handovers", slug)


@post_action
def handover_read(request: HttpRequest, slug: str, pk: int) -> str:
    """Record that a note was read."""
    access = enter(request, slug)
    actions.read_handover(access.handover(pk), by=access.membership)
    return to("handovers", slug)
