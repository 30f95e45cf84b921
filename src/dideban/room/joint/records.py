"""The record of an epoch in the room's database: what was accepted, in order, and the same for every process."""

from __future__ import annotations

import hashlib
import threading

import orjson
from django.db import transaction

from dideban.errors import InputError
from dideban.joint.charter import Charter, read_charter
from dideban.joint.record import EpochRecord
from dideban.joint.wire import MessageKind, parse_envelope
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.models import JointEpoch, Outgoing, RecordMessage

_LOCK = threading.Lock()
_KNOWN: dict[tuple[int, str], EpochRecord] = {}
"""Records that this process has read; the database decides."""
MOST_KNOWN = 8


def charter_of(epoch: JointEpoch) -> Charter:
    """Return the charter of an epoch."""
    return read_charter(epoch.charter.encode())


def record_of(epoch: JointEpoch) -> EpochRecord:
    """Return the record as the database has it. Two queries where nothing is new; never change what is returned."""
    with _LOCK:
        return _caught_up(epoch)


def _caught_up(epoch: JointEpoch) -> EpochRecord:
    key = epoch.pk, epoch.digest
    record = _KNOWN.get(key)
    if record is None or not _is_prefix(epoch, record):
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        record = EpochRecord(charter_of(epoch))
    new = RecordMessage.objects.filter(epoch=epoch, seq__gte=len(record.messages)).order_by("seq")
    for body in new.values_list("body", flat=True).iterator():
        record.accept(body.encode())
    _KNOWN[key] = record
    return record


def _is_prefix(epoch: JointEpoch, record: EpochRecord) -> bool:
    """Return whether the database holds what this process knows: a transaction may have come to nothing."""
    if not record.messages:
        return True
    last = RecordMessage.objects.filter(epoch=epoch, seq=len(record.messages) - 1).values_list("sha256", flat=True)
    return last.first() == sha256_of(record.messages[-1])


def sha256_of(data: bytes) -> str:
    """Return the hash of a message as it is sent."""
    return hashlib.sha256(data).hexdigest()


def take(epoch: JointEpoch, data: bytes) -> bool:
    """Take a message into the record; False where it is there already.

    Raises
    ------
    InputError
        It may not be said, or was signed with the key of this room and not by it.
    """
    if b"\n" in data:
        data = orjson.dumps(orjson.loads(data), option=orjson.OPT_SORT_KEYS)
    with transaction.atomic():
        JointEpoch.objects.select_for_update().get(pk=epoch.pk)
        with _LOCK:
            record = _caught_up(epoch)
            _check_key(epoch, record.charter, data)
            before = len(record.messages)
            record.accept(data)
            if len(record.messages) == before:
                return False
            RecordMessage.objects.create(epoch=epoch, seq=before, body=data.decode(), sha256=sha256_of(data))
    return True


def _check_key(epoch: JointEpoch, charter: Charter, data: bytes) -> None:
    """Refuse what carries the room's own signature and was not made here: two rooms with one key are none."""
    envelope = parse_envelope(data, charter)
    if envelope["kind"] == MessageKind.CLOSE or envelope["sender"] != public_key_of(epoch.room.slug):
        return
    if not Outgoing.objects.filter(epoch=epoch, sha256=sha256_of(data)).exists():
        raise InputError("joint.key-elsewhere", hint="joint.make-new-key")


def page_of(epoch: JointEpoch, request: bytes) -> bytes:
    """Return messages of the record to a room of the charter that asks.

    Raises
    ------
    InputError
        It is none, or the request is not signed by it.
    """
    from dideban.federation.host import record_page

    return record_page(record_of(epoch), request)
