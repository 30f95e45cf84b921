"""Everything that changes an exercise."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from dideban.errors import InputError
from dideban.exercises import forms_for, make_exercise, material_of
from dideban.exercises.forms.parts import YES
from dideban.exercises.material import VERDICTS
from dideban.exercises.words import spoken
from dideban.room.audit.actions import record
from dideban.room.cases.models import Case, CaseStatus
from dideban.room.exercises.models import ExerciseState, ItemCount, KeptExercise
from dideban.room.exercises.standing import BY_MEMBER, basis_of, fallen
from dideban.room.findings.models import FollowedGroup
from dideban.room.findings.packages import package_of
from dideban.room.members.models import Membership
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room

MOST_SHEETS = 10_000
"""Sheets of one entry."""
SEED_BITS = 62


def make_drafts(case: Case, *, group: FollowedGroup, by: Membership) -> list[KeptExercise]:
    """Make an exercise of each form that a finding of a closed case can become.

    Raises
    ------
    InputError
        The case is not closed, the finding is not in it, or has no verdict that exercises are made of.
    ExchangeError
        The package of the finding is not there.
    """
    by.require(Permission.WORK)
    if case.status != CaseStatus.CLOSED:
        raise InputError("exercises.case-open", hint="exercises.case-open-hint")
    if group.current is None or not case.groups.filter(pk=group.pk).exists():
        raise InputError("room.finding-of-another-room")
    if group.verdict not in VERDICTS:
        raise InputError("exercises.no-verdict", hint="exercises.no-verdict-hint")
    material = material_of(package_of(case.room.slug, group.current.finding_id), verdict=group.verdict)
    seed = secrets.randbits(SEED_BITS)
    made = {
        form: {lang: make_exercise(material, form=form, lang=lang, seed=seed) for lang in spoken()}
        for form in forms_for(material)
    }
    with transaction.atomic():
        Room.objects.select_for_update().get(pk=case.room_id)
        number = int(KeptExercise.objects.filter(room=case.room).aggregate(last=Max("number"))["last"] or 0)
        kept = KeptExercise.objects.bulk_create(
            KeptExercise(
                room=case.room, number=number + step, case=case, group=group, form=form,
                documents={lang: one.to_dict() for lang, one in texts.items()}, basis=basis_of(case, group),
                difficulty=next(iter(texts.values())).difficulty, made_by=by.member, made_at=timezone.now(),
            )
            for step, (form, texts) in enumerate(made.items(), 1)
        )  # fmt: skip
        details = {"exercises": [one.number for one in kept], "group": group.number}
        record(case.room, "exercise.make", by=by, subject=f"case:{case.number}", details=details)
    return kept


@transaction.atomic
def review_exercise(exercise: KeptExercise, *, by: Membership) -> None:
    """Note that a second member went through an exercise in every language.

    Raises
    ------
    InputError
        It is no draft, it was made by the same member, or it does not stand any more.
    """
    by.require(Permission.WORK)
    one = _locked(exercise, state=ExerciseState.DRAFT)
    if one.made_by_id == by.member.pk:
        raise InputError("exercises.own", hint="exercises.own-hint")
    one.state, one.reviewer, one.reviewed_at = ExerciseState.REVIEWED, by.member, timezone.now()
    _keep(one, "exercise.review", by)


@transaction.atomic
def publish_exercise(exercise: KeptExercise, *, by: Membership) -> None:
    """Let the public see an exercise that was reviewed.

    Raises
    ------
    InputError
        It was not reviewed, or it does not stand any more.
    """
    by.require(Permission.SHARE)
    one = _locked(exercise, state=ExerciseState.REVIEWED)
    one.state, one.published_at = ExerciseState.PUBLISHED, timezone.now()
    _keep(one, "exercise.publish", by)


@transaction.atomic
def withdraw_exercise(exercise: KeptExercise, *, by: Membership) -> None:
    """Take an exercise back, for good."""
    by.require(Permission.WORK)
    one = KeptExercise.objects.select_for_update(of=("self",)).select_related("room").get(pk=exercise.pk)
    if one.state != ExerciseState.WITHDRAWN:
        _withdraw(one, BY_MEMBER, by)


def withdraw_fallen(room: Room) -> int:
    """Withdraw what does not stand any more; return how many. Called every minute, and before anything is built."""
    found = KeptExercise.objects.filter(room=room).exclude(state=ExerciseState.WITHDRAWN)
    n = 0
    for one in found.select_related("room", "case", "group__current"):
        if why := fallen(one):
            with transaction.atomic():
                _withdraw(one, why, None)
            n += 1
    return n


@transaction.atomic
def add_sheets(exercise: KeptExercise, *, n_sheets: int, n_right: Sequence[int], by: Membership) -> None:
    """Add the totals of a pile of sheets: how many there were, and how many answered each item rightly.

    Raises
    ------
    InputError
        Totals that cannot be, or an exercise that was never published.
    """
    by.require(Permission.WORK)
    items = next(iter(exercise.documents.values()))["items"]
    if exercise.published_at is None:
        raise InputError("exercises.not-public")
    if not 1 <= n_sheets <= MOST_SHEETS or len(n_right) != len(items) or not all(0 <= n <= n_sheets for n in n_right):
        raise InputError("exercises.totals", hint="exercises.totals-hint", n=MOST_SHEETS)
    today = timezone.now().date()
    week = today - timedelta(days=today.weekday())
    for position, (item, right) in enumerate(zip(items, n_right, strict=True), 1):
        is_binary = item["is_signal"] is not None
        yes = (right if item["key"] == YES else n_sheets - right) if is_binary else 0
        count, _ = ItemCount.objects.get_or_create(exercise=exercise, item=position, week=week)
        ItemCount.objects.filter(pk=count.pk).update(
            n=F("n") + n_sheets, n_right=F("n_right") + right, n_yes=F("n_yes") + yes
        )
    record(exercise.room, "exercise.count", by=by, subject=f"exercise:{exercise.number}", details={"n": n_sheets})


def _locked(exercise: KeptExercise, *, state: ExerciseState) -> KeptExercise:
    found = KeptExercise.objects.select_for_update(of=("self",)).select_related("room", "case", "group__current")
    one = found.get(pk=exercise.pk)
    if one.state != state:
        raise InputError("exercises.other-state", hint="exercises.other-state-hint")
    if fallen(one):
        raise InputError("exercises.fallen", hint="exercises.fallen-hint")
    return one


def _withdraw(one: KeptExercise, why: str, by: Membership | None) -> None:
    one.state, one.withdrawn_at, one.withdrawn_why = ExerciseState.WITHDRAWN, timezone.now(), why
    one.documents = one.documents if why == BY_MEMBER else {}  # its words rest on what does not hold
    _keep(one, "exercise.withdraw", by)


def _keep(one: KeptExercise, action: str, by: Membership | None) -> None:
    one.save()
    details = {"why": one.withdrawn_why} if one.withdrawn_why else {}
    record(one.room, action, by=by, subject=f"exercise:{one.number}", details=details)
