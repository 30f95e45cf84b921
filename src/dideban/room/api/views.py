"""The programming interface under /api/v1: the same rules as the pages, with tokens."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.pagination import paginate

from dideban.errors import DidebanError
from dideban.messages import Message
from dideban.room.access import Access
from dideban.room.alerts.models import Alert
from dideban.room.alerts.words import link, sentence
from dideban.room.api import schemas as s
from dideban.room.api.auth import IntakeAuth, TokenAuth, enter_by_token
from dideban.room.api.common import PROBLEMS, Mapped, Pagination, small
from dideban.room.api.joint import router as joint
from dideban.room.api.narratives import plain_narrative, whole_narrative
from dideban.room.api.past import plain_period, plain_run
from dideban.room.api.responses import router as responses
from dideban.room.budget import MIB, REQUEST, TooLargeError
from dideban.room.cases.actions import add_note, open_case
from dideban.room.cases.models import Case
from dideban.room.deferred_writes import deferred
from dideban.room.findings.actions import give_verdict
from dideban.room.findings.models import FollowedGroup
from dideban.room.middleware import status_of
from dideban.room.posts.intake import origin_of, room_for_more, take_request
from dideban.room.posts.search import Query as Search
from dideban.room.posts.search import get_posts, search_posts
from dideban.room.roles import Permission
from dideban.room.sources.health import health_of, note_rejects
from dideban.room.sources.models import Source
from dideban.room.sources.poll import note_lag
from dideban.room.wording.problems import problem, problem_of, said_plainly

WAIT_S = 5
api = NinjaAPI(
    title="Dideban room", version="1", auth=TokenAuth(), urls_namespace="api", docs_url=None,
    description="Findings, posts, cases and alerts of a room. Tokens are made by members, for one room, with scopes.",
)  # fmt: skip
api.add_router("", responses)
api.add_router("", joint)


@api.exception_handler(DidebanError)
def _ours(request: HttpRequest, error: DidebanError) -> HttpResponse:
    return api.create_response(request, problem_of(error), status=status_of(error))


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return api.create_response(request, problem(_why(error)), status=403)


def _why(error: PermissionDenied) -> Message:
    return error.args[0] if error.args and isinstance(error.args[0], Message) else Message("room.not-allowed")


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return api.create_response(request, problem(Message("room.not-found")), status=404)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [".".join(str(part) for part in one.get("loc", ())[1:]) or "?" for one in error.errors]
    return api.create_response(request, problem(Message("room.request-invalid", names=sorted(set(fields)))), status=422)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return api.create_response(request, problem(Message("room.token-invalid")), status=401)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return api.create_response(request, problem(Message("room.unreadable")), status=error.status_code)


@api.get("/rooms/{slug:room}", response={200: s.RoomOut, **PROBLEMS}, tags=["room"])
def get_room(request: HttpRequest, room: str) -> dict[str, Any]:
    """Return the room of the token, and what the token may do."""
    access = enter_by_token(request, room, scope="read")
    found = access.room
    return {
        "slug": found.slug, "name": found.name, "horizon_days": found.horizon_days, "tick_s": found.tick_s,
        "role": access.membership.role, "scopes": request.auth.scopes,  # type: ignore[attr-defined]
    }  # fmt: skip


@api.get("/rooms/{slug:room}/groups", response={200: list[s.GroupOut], **PROBLEMS}, tags=["findings"])
@paginate(Pagination)
def list_groups(
    request: HttpRequest, room: str, verdict: str = "", lead: bool | None = None, active: bool | None = None,
    place: str = "",
) -> Any:  # fmt: skip
    """Return followed groups with their current findings, the latest first. ``verdict=none``: without one."""
    access = enter_by_token(request, room, scope="read")
    found = access.groups().prefetch_related(access.seen_places())
    if verdict:
        found = found.filter(verdict="" if verdict == "none" else verdict[:12])
    if lead is not None:
        found = found.filter(current__is_lead=lead)
    if active is not None:
        found = found.filter(is_active=active)
    if place:
        found = found.filter(places__slug=place[:60])
    return Mapped(found.order_by("-last_found_at", "-number"), partial(_group, access))


@api.get("/rooms/{slug:room}/groups/{int:number}", response={200: s.GroupOut, **PROBLEMS}, tags=["findings"])
def get_group(request: HttpRequest, room: str, number: int) -> dict[str, Any]:
    """Return one followed group."""
    access = enter_by_token(request, room, scope="read")
    return _group(access, access.group(small(number)))


@api.get("/rooms/{slug:room}/findings/{slug:finding_id}", response={200: s.FindingOut, **PROBLEMS}, tags=["findings"])
def get_finding(request: HttpRequest, room: str, finding_id: str) -> dict[str, Any]:
    """Return one finding by its id, whole."""
    found = enter_by_token(request, room, scope="read").finding(finding_id)
    return {
        "finding_id": found.finding_id, "group": found.group.number, "past_run": plain_period(found.group),
        "found_at": found.found_at,
        "redacted_at": found.redacted_at, "document": found.document,
    }  # fmt: skip


@api.get(
    "/rooms/{slug:room}/groups/{int:number}/verdicts", response={200: list[s.VerdictOut], **PROBLEMS}, tags=["findings"]
)
def list_verdicts(request: HttpRequest, room: str, number: int) -> list[dict[str, Any]]:
    """Return the verdicts on a group, the latest first."""
    group = enter_by_token(request, room, scope="read").group(small(number))
    return [_verdict(verdict) for verdict in group.verdicts.select_related("member", "finding")[:200]]


@api.post(
    "/rooms/{slug:room}/groups/{int:number}/verdicts", response={201: s.VerdictOut, **PROBLEMS}, tags=["findings"]
)
def post_verdict(request: HttpRequest, room: str, number: int, body: s.VerdictIn) -> Status[dict[str, Any]]:
    """Give a verdict."""
    access = enter_by_token(request, room, scope="write", needs=Permission.WORK)
    group = access.group(small(number))
    given = give_verdict(
        group,
        finding=access.finding(body.finding_id, group=group),
        kind=body.kind,
        reason=body.reason,
        by=access.membership,
    )
    return Status(201, _verdict(given))


@api.get("/rooms/{slug:room}/past-runs", response={200: list[s.PastRunOut], **PROBLEMS}, tags=["findings"])
@paginate(Pagination)
def list_past_runs(request: HttpRequest, room: str) -> Any:
    """Return runs over past periods, the latest first."""
    access = enter_by_token(request, room, scope="read")
    return Mapped(access.past_runs().order_by("-number"), partial(plain_run, access))


@api.get("/rooms/{slug:room}/past-runs/{int:number}", response={200: s.PastRunOut, **PROBLEMS}, tags=["findings"])
def get_past_run(request: HttpRequest, room: str, number: int) -> dict[str, Any]:
    """Return one run over a past period."""
    access = enter_by_token(request, room, scope="read")
    return plain_run(access, access.past_run(small(number)))


@api.get(
    "/rooms/{slug:room}/past-runs/{int:number}/groups", response={200: list[s.GroupOut], **PROBLEMS}, tags=["findings"]
)
@paginate(Pagination)
def list_past_groups(request: HttpRequest, room: str, number: int, lead: bool | None = None) -> Any:
    """Return the groups that a run over a past period found: they are in no other list."""
    access = enter_by_token(request, room, scope="read")
    found = access.groups_of(access.past_run(small(number))).prefetch_related(access.seen_places())
    if lead is not None:
        found = found.filter(current__is_lead=lead)
    return Mapped(found.order_by("number"), partial(_group, access))


@api.get("/rooms/{slug:room}/narratives", response={200: list[s.NarrativeOut], **PROBLEMS}, tags=["narratives"])
@paginate(Pagination)
def list_narratives(
    request: HttpRequest, room: str, bursting: bool | None = None, active: bool | None = True, place: str = "",
) -> Any:  # fmt: skip
    """Return narratives, those with most posts of the last 24 hours first."""
    access = enter_by_token(request, room, scope="read")
    found = access.narratives().filter(merged_into=None)
    if bursting is not None:
        found = found.filter(burst_at__isnull=not bursting)
    if active is not None:
        found = found.filter(is_active=active)
    if place:
        found = found.filter(places__slug=place[:60])
    return Mapped(found.order_by("-recent", "-n_posts", "-number"), partial(plain_narrative, access))


@api.get(
    "/rooms/{slug:room}/narratives/{int:number}", response={200: s.OneNarrativeOut, **PROBLEMS}, tags=["narratives"]
)
def get_narrative(request: HttpRequest, room: str, number: int) -> dict[str, Any]:
    """Return one narrative, with its timeline and who told it first."""
    access = enter_by_token(request, room, scope="read")
    return whole_narrative(access, access.narrative(small(number)))


@api.get("/rooms/{slug:room}/posts", response={200: s.PostsOut, **PROBLEMS}, tags=["posts"])
def list_posts(
    request: HttpRequest, room: str, text: str = "", since: str = "", until: str = "", place: str = "",
    source: str = "", platform: str = "", lang: str = "", object: str = "", account: str = "", finding: str = "",
    narrative: str = "",
    limit: Annotated[int, Field(ge=1, le=500)] = 50, after: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Search posts; pass ``next`` as ``after`` for the page that follows."""
    access = enter_by_token(request, room, scope="posts")
    query = Search.from_dict(
        {"text": text, "since": since, "until": until, "places": [place], "sources": [source],
         "platforms": [platform], "languages": [lang], "object": object, "account": account, "finding": finding,
         "narrative": narrative}
    )  # fmt: skip
    found = search_posts(room, query, scope=access.scope(), limit=limit, after=after)
    return {"items": found.posts.to_dicts(), "count": found.n_total, "next": found.next}


@api.get(
    "/rooms/{slug:room}/posts/{slug:platform}/{path:post_id}", response={200: s.PostOut, **PROBLEMS}, tags=["posts"]
)
def get_post(request: HttpRequest, room: str, platform: str, post_id: str) -> dict[str, Any]:
    """Return one post by its name."""
    access = enter_by_token(request, room, scope="posts")
    found = get_posts(room, [f"{platform}/{post_id}"], scope=access.scope())
    if found.is_empty():
        raise Http404
    return found.row(0, named=True)


@api.get("/rooms/{slug:room}/alerts", response={200: list[s.AlertOut], **PROBLEMS}, tags=["alerts"])
@paginate(Pagination)
def list_alerts(request: HttpRequest, room: str, open: bool | None = None, kind: str = "") -> Any:
    """Return alerts, the latest first."""
    found = enter_by_token(request, room, scope="read").alerts().select_related("room", "task")
    if open is not None:
        found = found.filter(handled_at__isnull=open)
    if kind:
        found = found.filter(kind=kind[:20])
    return Mapped(found.order_by("-at", "-pk"), _alert)


@api.get("/rooms/{slug:room}/cases", response={200: list[s.CaseOut], **PROBLEMS}, tags=["cases"])
@paginate(Pagination)
def list_cases(request: HttpRequest, room: str, status: str = "") -> Any:
    """Return cases, the latest changed first."""
    access = enter_by_token(request, room, scope="read")
    found = access.cases().prefetch_related(*_seen(access))
    if status:
        found = found.filter(status=status[:10])
    return Mapped(found.order_by("-changed_at", "-number"), _case)


@api.post("/rooms/{slug:room}/cases", response={201: s.CaseOut, **PROBLEMS}, tags=["cases"])
def post_case(request: HttpRequest, room: str, body: s.CaseIn) -> Status[dict[str, Any]]:
    """Open a case."""
    access = enter_by_token(request, room, scope="write", needs=Permission.WORK)
    groups = [access.group(small(number)) for number in body.groups]
    narratives = [access.narrative(small(number)) for number in body.narratives]
    places = [] if not access.is_limited else list(access.places())
    made = open_case(
        access.room, title=body.title, summary=body.summary, severity=body.severity, groups=groups, places=places,
        narratives=narratives, by=access.membership,
    )  # fmt: skip
    return Status(201, _one_case(access, made.number))


@api.get("/rooms/{slug:room}/cases/{int:number}", response={200: s.CaseOut, **PROBLEMS}, tags=["cases"])
def get_case(request: HttpRequest, room: str, number: int) -> dict[str, Any]:
    """Return one case."""
    return _one_case(enter_by_token(request, room, scope="read"), small(number))


@api.get("/rooms/{slug:room}/cases/{int:number}/notes", response={200: list[s.NoteOut], **PROBLEMS}, tags=["cases"])
def list_notes(request: HttpRequest, room: str, number: int) -> list[dict[str, Any]]:
    """Return the notes and decisions of a case, oldest first."""
    case = enter_by_token(request, room, scope="read").case(small(number))
    return [_note(note) for note in case.notes.filter(deleted_at__isnull=True).select_related("member")[:500]]


@api.post("/rooms/{slug:room}/cases/{int:number}/notes", response={201: s.NoteOut, **PROBLEMS}, tags=["cases"])
def post_note(request: HttpRequest, room: str, number: int, body: s.NoteIn) -> Status[dict[str, Any]]:
    """Add a note or a decision."""
    access = enter_by_token(request, room, scope="write", needs=Permission.WORK)
    made = add_note(access.case(small(number)), text=body.text, kind=body.kind, by=access.membership)
    return Status(201, _note(made))


@api.get("/rooms/{slug:room}/sources", response={200: list[s.SourceOut], **PROBLEMS}, tags=["sources"])
@paginate(Pagination)
def list_sources(request: HttpRequest, room: str) -> Any:
    """Return sources and how they are."""
    return Mapped(enter_by_token(request, room, scope="read").sources().order_by("slug"), _source)


@api.post(
    "/intake", auth=IntakeAuth(), tags=["intake"],
    response={200: s.TakenOut, 400: s.Problem, 403: s.Problem, 413: s.Problem, 429: s.Problem, 503: s.Problem},
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/x-ndjson": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}},
    }}},
)  # fmt: skip
def post_intake(request: HttpRequest, response: HttpResponse) -> Status[dict[str, Any]]:
    """Send posts: NDJSON or CSV in any shape that files may have, plain or gzip.

    200 means that every accepted post is on the disk. 429 and 503 mean that nothing was taken: send the same again
    after ``Retry-After`` seconds; what was taken before is recognised and counts once.
    """
    source: Source = request.auth  # type: ignore[attr-defined]
    if source.is_paused or source.room.is_paused:
        return Status(403, problem(Message("room.intake-paused")))
    if not room_for_more(source.room.slug):
        response["Retry-After"] = str(WAIT_S)
        return Status(429, problem(Message("room.queue-full"), Message("room.wait", seconds=WAIT_S)))
    try:
        body = request.body
    except RequestDataTooBig:
        return Status(413, problem(Message("room.fetch-too-large", n=REQUEST.max_bytes // MIB)))
    is_csv = "csv" in (request.content_type or "")
    mapping = source.settings.get("mapping") or None
    name = "intake.csv" if is_csv else "intake.ndjson"
    try:
        taken = take_request(body, name=name, origin=origin_of(source), mapping=mapping)
    except TooLargeError as error:
        return Status(413, problem(error.message, error.hint))
    # acknowledged whatever holds the database: the figures of the source follow when it is free
    deferred.put(("lag", source.pk), partial(note_lag, source, taken))
    deferred.put(("rejects", source.pk, time.monotonic_ns()), partial(note_rejects, source, taken.n_rejects))
    return Status(200, taken.to_dict())


def _group(access: Access, group: FollowedGroup) -> dict[str, Any]:
    finding = group.current
    assert finding is not None  # access.groups() sees to it
    seen = access.source_slugs()
    return {
        "number": group.number, "finding_id": finding.finding_id, "first_found_at": group.first_found_at,
        "last_found_at": group.last_found_at, "is_active": group.is_active, "is_lead": finding.is_lead,
        "label": finding.label, "method": finding.method, "error_rate": finding.error_rate,
        "n_accounts": finding.n_accounts, "n_posts": finding.n_posts, "n_objects": finding.n_objects,
        "first_at": finding.first_at, "last_at": finding.last_at, "verdict": group.verdict,
        "places": sorted(place.slug for place in group.places.all() if access.sees_place(place.pk)),
        "sources": [slug for slug in finding.sources if seen is None or slug in seen],
        "languages": finding.languages, "statement": finding.document.get("statement", {}),
        "past_run": plain_period(group),
    }  # fmt: skip


def _verdict(verdict: Any) -> dict[str, Any]:
    return {
        "finding_id": verdict.finding.finding_id, "kind": verdict.kind, "reason": verdict.reason,
        "member": str(verdict.member or ""), "at": verdict.at,
    }  # fmt: skip


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk, "kind": alert.kind, "at": alert.at, "text": sentence(alert), "link": link(alert),
        "group": alert.group.number if alert.group else None, "source": alert.source.slug if alert.source else None,
        "handled_at": alert.handled_at,
    }  # fmt: skip


def _one_case(access: Access, number: int) -> dict[str, Any]:
    return _case(access.cases().prefetch_related(*_seen(access)).get(pk=access.case(number).pk))


def _seen(access: Access) -> tuple[Prefetch[Any], ...]:
    """Return how cases read what belongs to them: as far as the member may see it."""
    return (
        access.seen_places(), Prefetch("groups", access.every_group()), Prefetch("narratives", access.narratives())
    )  # fmt: skip


def _case(case: Case) -> dict[str, Any]:
    return {
        "number": case.number, "title": case.title, "status": case.status, "severity": case.severity,
        "owner": str(case.owner or ""), "places": sorted(place.slug for place in case.places.all()),
        "groups": sorted(group.number for group in case.groups.all()),
        "narratives": sorted(one.number for one in case.narratives.all()), "opened_at": case.opened_at,
        "changed_at": case.changed_at, "closed_at": case.closed_at,
    }  # fmt: skip


def _note(note: Any) -> dict[str, Any]:
    return {"id": note.pk, "kind": note.kind, "text": note.text, "member": str(note.member or ""), "at": note.at}


def _source(source: Source) -> dict[str, Any]:
    return {
        "slug": source.slug, "name": source.name, "kind": source.kind, "health": str(health_of(source)),
        "place": source.place.slug if source.place else None, "language": source.language,
        "last_post_at": source.last_post_at, "lag_s": source.lag_s, "last_error": said_plainly(source.last_error),
        "n_posts": source.n_posts, "n_rejects": source.n_rejects,
    }  # fmt: skip
