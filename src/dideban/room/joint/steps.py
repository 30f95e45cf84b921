"""What the worker does in an epoch: read the record, say what is due, send it until it is there, keep what came out.

Nothing is lost by being away: the record says which phase it is, and what was made is sent again as the same bytes.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dideban.errors import DidebanError, InputError, SourceError
from dideban.federation.client import MOST_BYTES, holder_over
from dideban.joint.charter import Charter
from dideban.joint.names import KeyHolder
from dideban.joint.party import Party
from dideban.joint.record import EpochRecord, Phase, close_phase
from dideban.joint.wire import MessageKind, signed
from dideban.messages import Message
from dideban.room.joint.actions import note
from dideban.room.joint.findings import keep_findings
from dideban.room.joint.keys import signing_key
from dideban.room.joint.models import EpochState, JointEpoch, Outgoing
from dideban.room.joint.own_view import OwnView, keep_names, load_names, see
from dideban.room.joint.records import charter_of, record_of, sha256_of, take
from dideban.room.joint.transport import send as guarded

log = logging.getLogger("dideban.room.joint")
Send = Callable[[str, bytes], bytes]
HOST_LOOKS = timedelta(minutes=1)
AFTER_A_CRASH = timedelta(minutes=5)
FIRST_WAIT_S, LONGEST_WAIT_S = 60, 3_600
"""A room may be online for a few minutes of every hour: nobody is given up, and nobody waits for longer."""
HALTS = ("joint.key-elsewhere", "joint.other-record")
"""Troubles that more tries do not mend: a member has to look."""
FOR_GOOD = frozenset(
    f"joint.{slug}"
    for slug in ("said-already", "not-now", "over-budget", "held-nothing", "no-such-proposal", "bad-body")
)
"""Answers of the host after which the same message is not sent again; what the way changed is."""


def due(now: datetime) -> list[JointEpoch]:
    """Return the epochs in which something may be due."""
    found = JointEpoch.objects.filter(state=EpochState.OPEN, next_at__lte=now, room__is_paused=False)
    return list(found.select_related("room")[:20])


def due_within(seconds: float, *, room: str, now: datetime) -> float | None:
    """Return the seconds until something is due in a room; None where it is later than that."""
    found = JointEpoch.objects.filter(state=EpochState.OPEN, room__slug=room, room__is_paused=False)
    first = found.filter(next_at__isnull=False).order_by("next_at").values_list("next_at", flat=True).first()
    wait = None if first is None else max((first - now).total_seconds(), 0.0)
    return wait if wait is not None and wait <= seconds else None


def step(epoch: JointEpoch, *, send: Send = guarded, now: datetime | None = None) -> None:
    """Do what is due in an epoch; trouble is noted and tried again later, never raised."""
    now = now or timezone.now()
    epoch.refresh_from_db()
    if epoch.state != EpochState.OPEN:
        return
    JointEpoch.objects.filter(pk=epoch.pk).update(next_at=now + AFTER_A_CRASH)
    try:
        _advance(epoch, send, now)
    except DidebanError as error:
        log.warning("a step with other rooms failed: %s", error, extra={"room": epoch.room.slug})
        _note_trouble(epoch, error.message, now)
        return
    every = timedelta(seconds=settings.JOINT_S)
    wait = min(HOST_LOOKS, every) if epoch.is_host else every
    JointEpoch.objects.filter(pk=epoch.pk).update(trouble={}, n_fails=0, next_at=now + wait)


def _note_trouble(epoch: JointEpoch, problem: Message, now: datetime) -> None:
    code = _inner(problem).code
    wait = min(FIRST_WAIT_S * 2 ** min(epoch.n_fails, 10), LONGEST_WAIT_S)
    with transaction.atomic():
        JointEpoch.objects.filter(pk=epoch.pk).update(
            trouble=problem.to_dict(), n_fails=F("n_fails") + 1, next_at=now + timedelta(seconds=wait)
        )
        if code in HALTS:
            JointEpoch.objects.filter(pk=epoch.pk).update(state=EpochState.HALTED, next_at=None)
            note(epoch, "joint.halt", None, reason=code)


def _inner(problem: Message) -> Message:
    """Return what the other side said, where it refused."""
    inner = problem.values.get("problem")
    return inner if isinstance(inner, Message) else problem


def _advance(epoch: JointEpoch, send: Send, now: datetime) -> None:
    charter = charter_of(epoch)
    if charter.period is not None and charter.period[2] <= now:
        _end(epoch, EpochState.VOID, "joint.void")
        return
    if not epoch.is_host:
        pull(epoch, charter, send)
    record = record_of(epoch)
    _note_phase(epoch, record, now)
    flush(epoch, send, now)
    own: OwnView | None = None
    if record.phase < Phase.DONE and epoch.said < record.phase:
        own = see(epoch.room, charter)
        _say(epoch, record, _party(epoch, charter, own, send))
        flush(epoch, send, now)
    if epoch.is_host and _may_close(epoch, record, now):
        take(epoch, close_phase(record, key=signing_key(epoch.room.slug)))
        record = record_of(epoch)
        note_closed(epoch, record, now)
    if record.phase is Phase.DONE:
        own = own or see(epoch.room, charter)
        _finish(epoch, record, own, _party(epoch, charter, own, send))


def pull(epoch: JointEpoch, charter: Charter, send: Send) -> int:
    """Bring the room's copy of the record up to date, every message checked; return how many were new.

    Raises
    ------
    SourceError, InputError
        The host cannot be reached, or shows a record that cannot be.
    """
    key, n_new = signing_key(epoch.room.slug), 0
    while True:
        have = len(record_of(epoch).messages)
        request = signed(charter, kind=MessageKind.READ, about="", body={"after": have}, key=key)
        messages, n = _page(send(f"{epoch.host_url}/record", request))
        for data in messages:
            n_new += take(epoch, data.encode())
        now_have = len(record_of(epoch).messages)
        if not messages or now_have >= n:
            return n_new
        if now_have == have:
            raise SourceError("joint.host-circles", url=epoch.host_url)


def _page(answer: bytes) -> tuple[list[str], int]:
    if len(answer) > MOST_BYTES:
        raise InputError("joint.too-large", n=len(answer), most=MOST_BYTES)
    try:
        content = orjson.loads(answer)
        messages, n = content["messages"], content["n"]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("joint.not-a-message") from error
    if not isinstance(messages, list) or not all(isinstance(one, str) for one in messages) or type(n) is not int:
        raise InputError("joint.not-a-message")
    return messages, n


def flush(epoch: JointEpoch, send: Send, now: datetime) -> None:
    """Send what waits, in order, as the bytes that were made; what is refused for good is kept with its reason."""
    for one in epoch.outgoing.filter(sent_at=None, trouble={}).order_by("pk"):
        data = one.body.encode()
        try:
            if epoch.is_host:
                take(epoch, data)
            else:
                send(f"{epoch.host_url}/messages", data)
        except (SourceError, InputError) as error:
            if _inner(error.message).code not in FOR_GOOD:
                raise
            Outgoing.objects.filter(pk=one.pk).update(trouble=error.message.to_dict())
            continue
        Outgoing.objects.filter(pk=one.pk).update(sent_at=now)


def _party(epoch: JointEpoch, charter: Charter, own: OwnView, send: Send) -> Party:
    key = signing_key(epoch.room.slug)
    ask = functools.partial(_count_asked, epoch, send)
    holders: list[KeyHolder] = [
        holder_over(charter, public=public, address=address, key=key, send=ask, clock=functools.partial(_next, epoch))
        for public, address in zip(charter.holders, epoch.holder_urls, strict=True)
    ]
    names = load_names(epoch.room.slug, epoch.digest)
    party = Party(charter, own.view, holders, key=key, public_ids=own.public_ids, asked=names)
    party.names()
    if party.asked() != names:
        keep_names(epoch.room.slug, epoch.digest, party.asked())
    return party


def _next(epoch: JointEpoch) -> int:
    """Return a number above those of all requests before, over restarts and whatever the clock does."""
    epoch.asked_number = max(time.time_ns(), epoch.asked_number + 1)
    JointEpoch.objects.filter(pk=epoch.pk).update(asked_number=epoch.asked_number)
    return epoch.asked_number


def _count_asked(epoch: JointEpoch, send: Send, url: str, body: bytes) -> bytes:
    n = len(orjson.loads(body)["body"]["points"]) if url.startswith(epoch.holder_urls[0]) else 0
    answer = send(url, body)
    JointEpoch.objects.filter(pk=epoch.pk).update(n_names=F("n_names") + n)
    return answer


def _say(epoch: JointEpoch, record: EpochRecord, party: Party) -> None:
    """Make what the room has to say in a phase, once: a later look at the posts changes nothing of it."""
    phase = record.phase
    made = [Outgoing(epoch=epoch, phase=phase, body=one.decode(), sha256=sha256_of(one))
            for one in party.next_messages(record)]  # fmt: skip
    with transaction.atomic():
        Outgoing.objects.bulk_create(made)
        JointEpoch.objects.filter(pk=epoch.pk).update(said=int(phase))
        note(epoch, "joint.say", None, phase=int(phase), n=len(made))
    epoch.said = int(phase)


def _note_phase(epoch: JointEpoch, record: EpochRecord, now: datetime) -> None:
    if record.phase != epoch.phase:
        JointEpoch.objects.filter(pk=epoch.pk).update(phase=int(record.phase), phase_since=now)
        epoch.phase, epoch.phase_since = int(record.phase), now


def _may_close(epoch: JointEpoch, record: EpochRecord, now: datetime) -> bool:
    """Return whether a phase is over: its time has come, or there is nothing left that a room could say in it."""
    if record.phase is Phase.DONE:
        return False
    if epoch.phase_since is None or now - epoch.phase_since >= timedelta(hours=epoch.phase_hours):
        return True
    return record.is_complete


def note_closed(epoch: JointEpoch, record: EpochRecord, now: datetime) -> None:
    """Note that this room, which keeps the record, closed a phase."""
    with transaction.atomic():
        _note_phase(epoch, record, now)
        note(epoch, "joint.close", None, phase=int(record.phase), n=len(record.messages))


def _finish(epoch: JointEpoch, record: EpochRecord, own: OwnView, party: Party) -> None:
    there = {sha256_of(one) for one in record.messages}
    sent = epoch.outgoing.exclude(sent_at=None).values_list("sha256", flat=True)
    is_left_out = any(one not in there for one in sent)
    with transaction.atomic():
        n = keep_findings(epoch, record, own, party)
        JointEpoch.objects.filter(pk=epoch.pk).update(is_left_out=is_left_out)
        _end(epoch, EpochState.DONE, "joint.done", n=n, left_out=is_left_out)


def _end(epoch: JointEpoch, state: EpochState, action: str, **details: object) -> None:
    """Close an epoch for the room: the names of its accounts are forgotten."""
    with transaction.atomic():
        JointEpoch.objects.filter(pk=epoch.pk).update(state=state, next_at=None, trouble={})
        note(epoch, action, None, **details)
    keep_names(epoch.room.slug, epoch.digest, {})
    epoch.state = state
