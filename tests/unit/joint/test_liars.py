"""Rooms that lie in a whole round: they can silence others, and name nobody who did nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dideban.errors import InputError
from dideban.joint.bodies import holding_body, reply_body
from dideban.joint.evidence import N_GROUP_NULLS, N_HITS, N_NULLS, RoomShare
from dideban.joint.names import account_input, blinded_names
from dideban.joint.party import Party
from dideban.joint.propose import MIN_MEMBERS
from dideban.joint.record import EpochRecord, Phase
from dideban.joint.wire import MessageKind, signed
from dideban.proof.blocks import MAX_SLOTS
from dideban.proof.placement import N_BETS
from joint_federation import KEYS, advance, charter, finished, holders, parties, stream

MUCH = 9_999.0


class Liar(Party):
    """Claims every stretch that a room could have named, and says of every group as much as a message holds."""

    def __init__(self, honest: Party, others: list[Party]) -> None:
        super().__init__(honest.charter, honest.view, honest.holders, key=honest.key)
        self.others = others

    def next_messages(self, record: EpochRecord) -> Iterator[bytes]:
        """Say what is due, and lie."""
        if record.phase is Phase.PROPOSING:
            yield from super().next_messages(record)
            return
        kind = MessageKind.HOLDING if record.phase is Phase.HOLDING else MessageKind.REPLY
        for proposal in record.proposals.values():
            names = proposal.body.names
            body = (
                holding_body(self._all_stretches(names)) if kind is MessageKind.HOLDING else reply_body(lie(len(names)))
            )
            data = signed(self.charter, kind=kind, about=proposal.id, body=body, key=self.key)
            if kind is MessageKind.HOLDING or record.state_of(proposal.id).get(self.room) == "held":
                yield data

    def _all_stretches(self, names: tuple[str, ...]) -> dict[str, tuple[int, int]]:
        """Return the stretches of every room with more slots and members than any of them has."""
        found: set[int] = set()
        for party in [self, *self.others]:
            party.names()
            codes = np.array([party._codes.get(name, -1) for name in names], np.int32)
            known = np.sort(codes[codes >= 0])
            found |= set(party.view.occasions(known)) if len(known) >= MIN_MEMBERS else set()
        stretches = sorted(found)
        return dict.fromkeys(self._stretch_names(names, stretches), (len(names), MAX_SLOTS))


def lie(n: int) -> RoomShare:
    n_strata = len(charter().cutting.strata)
    return RoomShare(
        group=np.full((n_strata, N_GROUP_NULLS, N_BETS), MUCH), members=np.full((n_strata, n, N_NULLS, N_HITS), MUCH),
        left={}, alone={}, orders=((),),
    )  # fmt: skip


def resolved(names: tuple[str, ...]) -> set[str]:
    accounts = sorted(stream().traces["account_id"].unique().to_list())
    known = dict(zip(blinded_names([account_input(one) for one in accounts], holders()), accounts, strict=True))
    return {known[name] for name in names}


def test_a_room_that_claims_every_stretch_and_lies_about_all_names_no_innocent() -> None:
    """It owns what others saw, so that they have nothing left to say: findings become fewer, never wrong."""
    given = charter()
    some, record = parties(given), EpochRecord(given)
    some[3] = Liar(some[3], some[:3])
    while record.phase is not Phase.DONE:
        advance(record, some)
    owned = [record.owners(one).get(some[3].room, frozenset()) for one in record.proposals]
    assert sum(map(len, owned)) > 0
    planted = set(stream().truth["account_id"].to_list())
    named = {name for one in record.claims() for name in resolved(one.named)}
    assert named <= planted
    again = EpochRecord.replay(given, record.messages)
    assert [one.named for one in again.claims()] == [one.named for one in record.claims()]


@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("how", ["left out", "twice", "swapped", "of another epoch", "one byte"])
def test_a_record_that_was_changed_anywhere_does_not_replay(how: str, place: float) -> None:
    """Whoever holds it notices, with nothing but the charter."""
    good = finished().record.messages
    messages: list[Any] = list(good)
    at = round(place * (len(messages) - 2))
    if how == "left out":
        del messages[at]
    elif how == "twice":
        messages.insert(at, messages[at])
    elif how == "swapped":
        messages[at], messages[at + 1] = messages[at + 1], messages[at]
    elif how == "of another epoch":
        body = {"stretches": None}
        messages[at] = signed(charter(epoch="2025-4"), kind=MessageKind.HOLDING, about="0" * 64, body=body, key=KEYS[0])
    else:
        data = bytearray(messages[at])
        data[len(data) // 2] ^= 1
        messages[at] = bytes(data)
    if how == "twice":  # said again is said once
        assert EpochRecord.replay(charter(), messages).digest == finished().record.digest
        return
    with pytest.raises(InputError):
        EpochRecord.replay(charter(), messages)
