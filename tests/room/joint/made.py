"""A joint epoch and finding as rows, for tests of pages and access."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from dideban.joint.charter import Charter, charter_bytes
from dideban.joint.oprf import derive_key, public_key
from dideban.joint.wire import public_of
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.models import EpochState, JointEpoch, JointFinding
from dideban.room.joint.statement import statement_digest
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Place, Room


def _seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def made_charter(room: Room, *, federation: str) -> Charter:
    """A charter of this room and two others; this room keeps the record."""
    own, now = public_key_of(room.slug), datetime.now(UTC).replace(microsecond=0)
    one, other = (public_key(derive_key(_seed(name), info=b"made")).hex() for name in ("one", "other"))
    return Charter(
        federation=federation, epoch="1", host=own, holders=(one, other), scales_s=(60.0,),
        rooms={own: room.name, public_of(_seed("b")): "Coast", public_of(_seed("c")): "Capital"},
        since=(now - timedelta(days=14)).isoformat(), until=now.isoformat(), ends=(now + timedelta(days=60)).isoformat(),
    )  # fmt: skip


def put_joint(
    room: Room, boss: Membership, places: Iterable[Place], *, number: int = 1, mark: str = "Rooms"
) -> tuple[JointEpoch, JointFinding]:
    """An epoch under way and something that was proved in it."""
    charter, now = made_charter(room, federation=f"{mark} federation"), timezone.now()
    epoch = JointEpoch.objects.create(
        room=room, number=number, federation=charter.federation, epoch=charter.epoch, digest=charter.digest,
        charter=charter_bytes(charter).decode(), holder_urls=["https://one.example", "https://other.example"],
        statement=statement_digest(), asked_by=boss.member, state=EpochState.OPEN, phase_since=now, n_erased=1,
        trouble={"code": "joint.not-reached", "values": {}}, n_fails=2, is_left_out=True, next_at=now + timedelta(days=1),
    )  # fmt: skip
    said = [("answered", "for"), ("answered", "against"), ("too-few", "nothing")]
    rooms = [
        {"name": name, "state": state, "side": side, "n_owned": 4, "n_members": 3}
        for name, (state, side) in zip(charter.rooms.values(), said, strict=True)
    ]
    found = JointFinding.objects.create(
        room=room, epoch=epoch, number=number, proposal="0" * 64, n_named=7, own=["a" * 17], n_erased=1, found_at=now,
        days={"2026-03-02": 4, "2026-04-03": 2},
        facts={"n_named": 7, "n_asked": 9, "proposer": "Coast", "together": 9_000, "without": 450, "strongest": 12,
               "needed": 400, "rooms": rooms},
    )  # fmt: skip
    found.places.set(places)
    return epoch, found
