"""What members decide about proving together: joining an epoch takes two of them, leaving one."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from dideban.errors import InputError
from dideban.joint.charter import charter_bytes, read_charter
from dideban.room.audit.actions import record
from dideban.room.fetch import origin_of
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.models import EpochState, JointEpoch
from dideban.room.joint.statement import statement_digest
from dideban.room.members.models import Membership
from dideban.room.posts.actions import not_a_second
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room

MOST_HOURS = 24 * 14


@transaction.atomic
def ask_epoch(
    room: Room, *, charter: bytes, host_url: str, holder_urls: list[str], statement: str, phase_hours: int = 24,
    by: Membership,
) -> JointEpoch:  # fmt: skip
    """Ask that the room takes part in an epoch; a second member has to agree.

    Parameters
    ----------
    charter :
        As all rooms have it, to the byte of its meaning: its hash is part of every message.
    statement :
        Hash of the leak statement that the member saw.

    Raises
    ------
    InputError
        No charter, none that names this room and a period, addresses that are none, or another statement.
    """
    by.require(Permission.PEERS)
    given = read_charter(charter)
    if not given.has_orders:  # an old charter would let accounts be accused, so no new epoch begins with one
        raise InputError("joint.bad-charter", field="version")
    own = public_key_of(room.slug)
    if own not in given.rooms:
        raise InputError("joint.not-in-charter", hint="joint.give-key")
    if given.period is None:
        raise InputError("joint.no-period")
    if given.period[2] <= timezone.now():
        raise InputError("joint.epoch-over")
    if statement != statement_digest():
        raise InputError("joint.other-statement", hint="joint.read-again")
    is_host = given.host == own
    if not is_host and not host_url.strip():
        raise InputError("joint.needs-host")
    if JointEpoch.objects.filter(room=room, digest=given.digest).exists():
        raise InputError("joint.known-epoch")
    last = JointEpoch.objects.filter(room=Room.objects.select_for_update().get(pk=room.pk))
    made = JointEpoch.objects.create(
        room=room, number=(last.aggregate(last=Max("number"))["last"] or 0) + 1, federation=given.federation,
        epoch=given.epoch, charter=charter_bytes(given).decode(), digest=given.digest,
        host_url="" if is_host else _address(host_url), holder_urls=[_address(one) for one in holder_urls[:2]],
        phase_hours=min(max(phase_hours, 1), MOST_HOURS), statement=statement, asked_by=by.member,
    )  # fmt: skip
    if len(made.holder_urls) != 2:
        raise InputError("joint.needs-holders")
    note(made, "joint.ask", by, rooms=len(given.rooms), statement=statement)
    return made


def _address(url: str) -> str:
    url = url.strip().rstrip("/")
    if not url or len(url) > 500 or origin_of(url)[0] not in ("http", "https"):
        raise InputError("joint.not-address", value=url[:100])
    return url


@transaction.atomic
def decide_epoch(epoch: JointEpoch, *, is_agreed: bool, by: Membership) -> None:
    """Agree that the room takes part, or refuse: never what one asked for oneself.

    Raises
    ------
    InputError
        It was one's own, one is no second person, or it is decided already.
    """
    by.require(Permission.PEERS)
    epoch = JointEpoch.objects.select_for_update().select_related("room", "asked_by").get(pk=epoch.pk)
    if epoch.state != EpochState.WAITING:
        raise InputError("room.decided-already")
    if is_agreed:
        _require_second(epoch, by)
    now = timezone.now()
    epoch.state = EpochState.OPEN if is_agreed else EpochState.REFUSED
    epoch.decided_by, epoch.decided_at = by.member, now
    epoch.phase_since = epoch.next_at = now if is_agreed else None
    epoch.save()
    note(epoch, "joint.agree" if is_agreed else "joint.refuse", by, statement=epoch.statement)


def _require_second(epoch: JointEpoch, by: Membership) -> None:
    if epoch.asked_by_id is None or epoch.asked_by_id == by.member_id:
        raise InputError("sharing.two-members", hint="sharing.somebody-else")
    if by.joined_at > epoch.asked_at:
        raise InputError("room.reveal-too-new", hint="sharing.somebody-else")
    if fault := not_a_second(epoch, by):
        raise InputError(f"reveal.{fault}", hint="sharing.somebody-else", days=settings.SECOND_MEMBER_DAYS)


@transaction.atomic
def leave_epoch(epoch: JointEpoch, *, by: Membership) -> None:
    """Say nothing more in an epoch. What was said cannot be taken back; a record that this room keeps stays readable.

    Raises
    ------
    InputError
        The room takes no part in it.
    """
    by.require(Permission.PEERS)
    going = (EpochState.WAITING, EpochState.OPEN, EpochState.HALTED)
    left = JointEpoch.objects.filter(pk=epoch.pk, state__in=going).update(
        state=EpochState.LEFT, left_by=by.member, left_at=timezone.now(), next_at=None
    )
    if not left:
        raise InputError("joint.not-in-it")
    epoch.outgoing.filter(sent_at=None).delete()
    note(epoch, "joint.leave", by)


@transaction.atomic
def end_phase(epoch: JointEpoch, *, by: Membership) -> None:
    """Close the phase at the next step, before its time: of a record that this room keeps.

    Raises
    ------
    InputError
        Another room keeps it, or it is not under way.
    """
    by.require(Permission.PEERS)
    now = timezone.now()
    begun = datetime(2000, 1, 1, tzinfo=now.tzinfo)
    changed = JointEpoch.objects.filter(pk=epoch.pk, state=EpochState.OPEN, host_url="").update(
        phase_since=begun, next_at=now
    )
    if not changed:
        raise InputError("joint.not-host")
    note(epoch, "joint.end-phase", by, phase=epoch.phase)


def note(epoch: JointEpoch, action: str, by: Membership | None, **details: object) -> None:
    """Leave an audit event about an epoch."""
    said = {"federation": epoch.federation, "epoch": epoch.epoch, "sha256": epoch.digest, **details}
    record(epoch.room, action, by=by, subject=f"joint:{epoch.number}", details=said)
