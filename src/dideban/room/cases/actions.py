"""Everything that changes a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from dideban.errors import InputError
from dideban.messages import Message, say
from dideban.room.audit.actions import reason_digest, record
from dideban.room.cases.models import (
    Case,
    CaseFile,
    CaseLink,
    CaseReview,
    CaseSearch,
    CaseStatus,
    Handover,
    Note,
    NoteKind,
    Severity,
    Task,
)  # fmt: skip
from dideban.room.cases.storage import file_name, keep_file
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room

MAX_CHARS = 100_000
MOST_TASKS = 20
SAID = ("went_well", "went_badly", "changes")


@transaction.atomic
def open_case(
    room: Room,
    *,
    title: str,
    summary: str = "",
    severity: Severity | str = Severity.MEDIUM,
    owner: Member | None = None,
    places: Sequence[Place] = (),
    groups: Sequence[FollowedGroup] = (),
    narratives: Sequence[Narrative] = (),
    origin: dict[str, Any] | None = None,
    by: Membership,
) -> Case:
    """Open a case; without an owner it is the opener's.

    Raises
    ------
    InputError
        No title, an unknown severity, an owner who is not in the room.
    """
    by.require(Permission.WORK)
    now, summary = timezone.now(), summary.replace("\x00", "")[:MAX_CHARS]
    made = Case.objects.create(
        room=room, number=_next_number(room), title=_text(title, "title", 200), summary=summary,
        severity=_one_of(severity, Severity), owner=_in_room(room, owner or by.member),
        origin=origin or {"kind": "hand"},
        opened_by=by.member, opened_at=now, changed_at=now,
    )  # fmt: skip
    made.places.set(places)
    made.groups.set(groups)
    made.narratives.set(narratives)
    made.watchers.add(by.member)
    record(room, "case.open", by=by, subject=f"case:{made.number}", details={"origin": made.origin.get("kind")})
    return made


@transaction.atomic
def change_case(case: Case, *, by: Membership, **values: Any) -> None:
    """Change title, summary, severity, owner or places."""
    by.require(Permission.WORK)
    if unknown := set(values) - {"title", "summary", "severity", "owner", "places"}:
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    if "title" in values:
        case.title = _text(values["title"], "title", 200)
    if "summary" in values:
        case.summary = str(values["summary"]).replace("\x00", "")[:MAX_CHARS]
    if "severity" in values:
        case.severity = _one_of(values["severity"], Severity)
    if "owner" in values:
        case.owner = _in_room(case.room, values["owner"])
    if "places" in values:
        case.places.set(by.within(values["places"], before=case.places.all()))
    case.save()
    _touched(case, "case.change", by, fields=sorted(values))


@transaction.atomic
def set_status(
    case: Case, *, status: CaseStatus | str, outcome: str = "", review: ReviewText | None = None,
    reason_against: str = "", by: Membership,
) -> None:  # fmt: skip
    """Open, set waiting or close; closing asks for an outcome, and for a review or a reason against one.

    Raises
    ------
    InputError
        Closing without an outcome, or with neither a review nor a reason against one.
    """
    by.require(Permission.WORK)
    wanted = _one_of(status, CaseStatus)
    is_closed = wanted == CaseStatus.CLOSED
    if is_closed and case.status != CaseStatus.CLOSED:
        _text(outcome, "outcome", MAX_CHARS)
        _review(case, review, reason_against, by)
    case.status = wanted
    case.outcome = _text(outcome, "outcome", MAX_CHARS) if is_closed else case.outcome
    case.closed_at = timezone.now() if is_closed else None
    case.save()
    _touched(case, "case.status", by, status=case.status)


@dataclass(frozen=True, kw_only=True)
class ReviewText:
    """What people say of a case that is closed, beside what the record says. About the work, never a person."""

    went_well: str = ""
    went_badly: str = ""
    changes: str = ""
    tasks: Sequence[str] = ()
    """Titles of what will be done otherwise."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """What the record says (review.situation)."""


def _review(case: Case, text: ReviewText | None, reason_against: str, by: Membership) -> None:
    """Keep the review of a case, or why there is none."""
    against = reason_against.strip().replace("\x00", "")[:500]
    said = {name: getattr(text, name, "").strip().replace("\x00", "")[:MAX_CHARS] for name in SAID}
    if not any(said.values()) and not against:
        raise InputError("room.case-needs-review", hint="room.case-needs-review-hint")
    made = CaseReview.objects.create(
        case=case, at=timezone.now(), by=by.member, record=dict(text.record) if text else {},
        reason_against="" if any(said.values()) else against, **said,
    )  # fmt: skip
    for title in [one.strip() for one in (text.tasks if text else ())][:MOST_TASKS]:
        if title:
            made.tasks.add(add_task(case, title=title, by=by))
    details = {"sha256": reason_digest(made.reason_against)} if made.reason_against else {"n": made.tasks.count()}
    _touched(case, "case.review", by, **details)


@transaction.atomic
def link_groups(case: Case, *, groups: Iterable[FollowedGroup], by: Membership) -> None:
    """Add followed groups to a case."""
    by.require(Permission.WORK)
    chosen = list(groups)
    if any(group.room_id != case.room_id for group in chosen):
        raise InputError("room.finding-of-another-room")
    case.groups.add(*chosen)
    _touched(case, "case.link-findings", by, groups=sorted(group.number for group in chosen))


@transaction.atomic
def unlink_group(case: Case, *, group: FollowedGroup, by: Membership) -> None:
    """Take a followed group out of a case."""
    by.require(Permission.WORK)
    case.groups.remove(group)
    _touched(case, "case.unlink-finding", by, group=group.number)


@transaction.atomic
def link_narrative(case: Case, *, narrative: Narrative, by: Membership) -> None:
    """Add a narrative to a case."""
    by.require(Permission.WORK)
    if narrative.room_id != case.room_id:
        raise InputError("room.narrative-of-another-room")
    case.narratives.add(narrative)
    _touched(case, "case.link-narrative", by, narrative=narrative.number)


@transaction.atomic
def unlink_narrative(case: Case, *, narrative: Narrative, by: Membership) -> None:
    """Take a narrative out of a case."""
    by.require(Permission.WORK)
    case.narratives.remove(narrative)
    _touched(case, "case.unlink-narrative", by, narrative=narrative.number)


@transaction.atomic
def keep_search(case: Case, *, query: Mapping[str, Any], name: str = "", by: Membership) -> CaseSearch:
    """Keep a search (``posts.search.Query.to_dict``) with a case; the same search is kept once.

    Raises
    ------
    InputError
        The search asks for nothing.
    """
    by.require(Permission.WORK)
    if not (asked := dict(query)):
        raise InputError("room.search-empty")
    if (same := next((one for one in case.searches.all() if one.query == asked), None)) is not None:
        return same
    title = (name.strip() or str(query.get("text", "")) or "—").replace("\x00", "")[:120]
    made = CaseSearch.objects.create(case=case, name=title, query=asked, member=by.member, at=timezone.now())
    _touched(case, "case.keep-search", by, search=made.pk)
    return made


@transaction.atomic
def drop_search(kept: CaseSearch, *, by: Membership) -> None:
    """Take a search out of a case."""
    by.require(Permission.WORK)
    _touched(kept.case, "case.drop-search", by, search=kept.pk)
    kept.delete()


@transaction.atomic
def link_cases(case: Case, *, other: Case, reason: str = "", by: Membership) -> CaseLink:
    """Link two cases."""
    by.require(Permission.WORK)
    if case.pk == other.pk or case.room_id != other.room_id:
        raise InputError("room.case-link")
    a, b = sorted((case, other), key=lambda one: one.number)
    link, _ = CaseLink.objects.update_or_create(a=a, b=b, defaults={"reason": reason.strip()[:200]})
    _touched(case, "case.link-case", by, other=other.number)
    return link


@transaction.atomic
def unlink_cases(link: CaseLink, *, by: Membership) -> None:
    """Take a link back."""
    by.require(Permission.WORK)
    _touched(link.a, "case.unlink-case", by, other=link.b.number)
    link.delete()


@transaction.atomic
def set_watching(case: Case, *, is_watching: bool, by: Membership) -> None:
    """Watch a case, or stop."""
    by.require(Permission.VIEW)
    (case.watchers.add if is_watching else case.watchers.remove)(by.member)
    record(case.room, "case.watch" if is_watching else "case.unwatch", by=by, subject=f"case:{case.number}")


@transaction.atomic
def add_task(
    case: Case, *, title: str, owner: Member | None = None, due_at: datetime | None = None,
    remind_at: datetime | None = None, by: Membership,
) -> Task:  # fmt: skip
    """Add a task; a reminder goes to its owner."""
    by.require(Permission.WORK)
    made = Task.objects.create(
        case=case, title=_text(title, "title", 200), owner=_in_room(case.room, owner), due_at=due_at,
        remind_at=remind_at or due_at,
    )  # fmt: skip
    _touched(case, "task.add", by, task=made.pk)
    return made


@transaction.atomic
def add_readers_task(room: Room, *, case: Case | None, number: int, due_at: datetime) -> Task:
    """Make a letter of a reader a task: of the case that its page belongs to, else of one that gathers them.

    The room itself does so: no member is there when a reader writes.
    """
    if case is None or case.status == CaseStatus.CLOSED:
        case = Case.objects.filter(room=room, origin={"kind": "letters"}).exclude(status=CaseStatus.CLOSED).first()
    if case is None:
        now, title = timezone.now(), say(Message("public.letters-case"), room.language)
        case = Case.objects.create(
            room=room, number=_next_number(room), title=title, origin={"kind": "letters"}, opened_at=now, changed_at=now
        )
        record(room, "case.open", by=None, subject=f"case:{case.number}", details={"origin": "letters"})
    title = say(Message("public.letter-task", number=number), room.language)
    made = Task.objects.create(case=case, title=title, owner=case.owner, due_at=due_at, remind_at=due_at)
    record(room, "task.add", by=None, subject=f"case:{case.number}", details={"task": made.pk})
    return made


@transaction.atomic
def change_task(
    task: Task, *, title: str, owner: Member | None, due_at: datetime | None, remind_at: datetime | None, by: Membership
) -> None:
    """Change a task; a changed reminder comes again."""
    by.require(Permission.WORK)
    if remind_at != task.remind_at:
        task.reminded_at = None
    task.title, task.due_at, task.remind_at = _text(title, "title", 200), due_at, remind_at or due_at
    task.owner = _in_room(task.case.room, owner)
    task.save()
    _touched(task.case, "task.change", by, task=task.pk)


@transaction.atomic
def set_task_done(task: Task, *, is_done: bool, by: Membership) -> None:
    """Tick a task off, or open it again."""
    by.require(Permission.WORK)
    task.done_at, task.done_by = (timezone.now(), by.member) if is_done else (None, None)
    task.save(update_fields=["done_at", "done_by"])
    _touched(task.case, "task.done" if is_done else "task.reopen", by, task=task.pk)


@transaction.atomic
def add_note(case: Case, *, text: str, kind: NoteKind | str = NoteKind.NOTE, by: Membership) -> Note:
    """Add a note or a decision (Markdown)."""
    by.require(Permission.WORK)
    made = Note.objects.create(
        case=case,
        kind=_one_of(kind, NoteKind),
        text=_text(text, "text", MAX_CHARS),
        member=by.member,
        at=timezone.now(),
    )
    _touched(case, f"{made.kind}.add", by, note=made.pk)
    return made


@transaction.atomic
def edit_note(note: Note, *, text: str, by: Membership) -> None:
    """Change one's own note; a decision stands as it was made.

    Raises
    ------
    InputError
        It is a decision.
    """
    _own(note, by)
    if note.kind == NoteKind.DECISION:
        raise InputError("room.decision-fixed", hint="room.decision-replace")
    note.text, note.edited_at = _text(text, "text", MAX_CHARS), timezone.now()
    note.save(update_fields=["text", "edited_at"])
    _touched(note.case, "note.edit", by, note=note.pk)


@transaction.atomic
def delete_note(note: Note, *, by: Membership) -> None:
    """Delete one's own note: its text goes, that it was there stays.

    Raises
    ------
    InputError
        It is a decision: these are withdrawn.
    """
    _own(note, by)
    if note.kind == NoteKind.DECISION:
        raise InputError("room.decision-stays", hint="room.withdraw-it")
    note.text, note.deleted_at = "", timezone.now()
    note.save(update_fields=["text", "deleted_at"])
    _touched(note.case, "note.delete", by, note=note.pk)


@transaction.atomic
def withdraw_decision(note: Note, *, reason: str, by: Membership) -> None:
    """Withdraw a decision: it stands as it was made, with why it holds no more.

    Raises
    ------
    InputError
        No reason, no decision, or it was withdrawn already.
    """
    by.require(Permission.WORK)
    why = _text(reason, "reason", MAX_CHARS)
    if note.kind != NoteKind.DECISION:
        raise InputError("room.no-decision")
    now = timezone.now()
    standing = Note.objects.filter(pk=note.pk, withdrawn_at=None)
    if not standing.update(withdrawn_at=now, withdrawn_because=why, withdrawn_by=by.member):
        raise InputError("room.withdrawn-already")
    _touched(note.case, "decision.withdraw", by, note=note.pk, sha256=reason_digest(why))


@transaction.atomic
def add_file(case: Case, *, name: str, chunks: Iterable[bytes], by: Membership) -> CaseFile:
    """Keep a file with a case.

    Raises
    ------
    InputError
        Larger than cases.storage.MAX_BYTES, or empty.
    StoreError
        The disk is full.
    """
    by.require(Permission.WORK)
    sha256, n_bytes = keep_file(case.room.slug, chunks)
    clean = file_name(name)
    made = CaseFile.objects.create(
        case=case, name=clean, sha256=sha256, n_bytes=n_bytes, member=by.member, at=timezone.now()
    )
    _touched(case, "file.add", by, file=made.pk, sha256=sha256)
    return made


@transaction.atomic
def delete_file(file: CaseFile, *, by: Membership) -> None:
    """Take a file out of a case; its bytes go unless another case keeps the same file."""
    from dideban.room.cases.storage import drop_file

    by.require(Permission.WORK)
    file.deleted_at = timezone.now()
    file.save(update_fields=["deleted_at"])
    same = CaseFile.objects.filter(case__room=file.case.room, sha256=file.sha256, deleted_at__isnull=True)
    if not same.exists():
        slug, sha256 = file.case.room.slug, file.sha256
        transaction.on_commit(lambda: drop_file(slug, sha256))
    _touched(file.case, "file.delete", by, file=file.pk, sha256=file.sha256)


@transaction.atomic
def hand_over(
    room: Room, *, text: str, to: Member | None = None, cases: Sequence[Case] = (), by: Membership
) -> Handover:
    """Write a hand-over note for the next shift."""
    by.require(Permission.WORK)
    made = Handover.objects.create(
        room=room, member=by.member, to=_in_room(room, to), text=_text(text, "text", MAX_CHARS), at=timezone.now()
    )
    made.cases.set(cases)
    record(room, "handover.write", by=by, subject=f"handover:{made.pk}")
    return made


@transaction.atomic
def read_handover(note: Handover, *, by: Membership) -> None:
    """Record that a hand-over note was read."""
    by.require(Permission.VIEW)
    if Handover.objects.filter(pk=note.pk, read_at__isnull=True).update(read_at=timezone.now()):
        record(note.room, "handover.read", by=by, subject=f"handover:{note.pk}")


def _touched(case: Case, action: str, by: Membership, **details: Any) -> None:
    case.changed_at = timezone.now()
    Case.objects.filter(pk=case.pk).update(changed_at=case.changed_at)
    record(case.room, action, by=by, subject=f"case:{case.number}", details=details)


def _next_number(room: Room) -> int:
    Room.objects.select_for_update().get(pk=room.pk)
    return int(Case.objects.filter(room=room).aggregate(last=Max("number"))["last"] or 0) + 1


def _text(value: object, name: str, limit: int) -> str:
    if not (text := str(value).strip().replace("\x00", "")[:limit]):
        raise InputError("room.text-empty", field=name)
    return text


def _one_of(value: str, kind: type[CaseStatus] | type[Severity] | type[NoteKind]) -> str:
    if value not in set(kind):
        raise InputError("room.not-a-choice", value=value)
    return str(value)


def _in_room(room: Room, member: Member | None) -> Member | None:
    if member is not None and not Membership.objects.filter(room=room, member=member).exists():
        raise InputError("room.not-a-member")
    return member


def _own(note: Note, by: Membership) -> None:
    by.require(Permission.WORK)
    if note.member_id != by.member_id or note.deleted_at:
        raise PermissionDenied
