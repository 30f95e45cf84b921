"""The record of an epoch: all messages in the order of the host, and what follows from them for whoever reads it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from dideban.errors import InputError
from dideban.joint.bodies import (
    HoldingBody,
    ProposalBody,
    capped,
    read_holding,
    read_proposal,
    read_reply,
)
from dideban.joint.charter import Charter
from dideban.joint.claims import HeardGroup, JointClaim, claim_jointly
from dideban.joint.evidence import RoomShare
from dideban.joint.ownership import assign_stretches
from dideban.joint.wire import JointMessage, MessageKind, parse_envelope, read_message, signed


class Phase(IntEnum):
    """What rooms may say now. A phase ends when the host closes it, never by a clock."""

    PROPOSING = 0
    HOLDING = 1
    REPLYING = 2
    DONE = 3


SAID_IN = {
    MessageKind.PROPOSAL: Phase.PROPOSING,
    MessageKind.HOLDING: Phase.HOLDING,
    MessageKind.REPLY: Phase.REPLYING,
}


@dataclass(frozen=True, kw_only=True)
class JointProposal:
    """A proposal of the record."""

    id: str
    room: str
    body: ProposalBody


class EpochRecord:
    """Messages of one epoch, accepted one by one; the same messages in the same order always give the same record.

    Parameters
    ----------
    charter : Charter
    """

    def __init__(self, charter: Charter) -> None:
        self.charter = charter
        self.phase = Phase.PROPOSING
        self.messages: list[bytes] = []
        self.proposals: dict[str, JointProposal] = {}
        self._holdings: dict[str, dict[str, HoldingBody]] = {}
        self._replies: dict[str, dict[str, RoomShare | None]] = {}
        self._said: dict[tuple[str, str, str], str] = {}
        self._known: set[bytes] = set()
        self._budget: Counter[str] = Counter()
        self._owned: dict[str, dict[str, frozenset[str]]] = {}

    @classmethod
    def replay(cls, charter: Charter, messages: Iterable[bytes]) -> EpochRecord:
        """Return the record that messages make up.

        Raises
        ------
        InputError
            One of them could not have been accepted where it stands.
        """
        record = cls(charter)
        for data in messages:
            record.accept(data)
        return record

    @property
    def digest(self) -> str:
        """SHA-256 over all messages in order."""
        seen = hashlib.sha256(self.charter.digest.encode())
        for data in self.messages:
            seen.update(hashlib.sha256(data).digest())
        return seen.hexdigest()

    def accept(self, data: bytes) -> JointMessage | None:
        """Take a message in; None where it is there already.

        Raises
        ------
        InputError
            It may not be said, not now, not by its sender, or not in this form. Nothing changes.
        """
        envelope = parse_envelope(data, self.charter)
        room = envelope["sender"]
        if envelope["kind"] == MessageKind.PROPOSAL and self._budget[room] >= self.charter.most_proposals:
            self._refuse_more(data)  # before a signature is looked at: a million proposals cost little
        message = read_message(data, self.charter)
        if message.kind not in (*SAID_IN, MessageKind.CLOSE):
            raise InputError("joint.not-now")
        key = (message.kind.value, message.sender, message.about or message.id)
        if message.kind is MessageKind.CLOSE:
            return self._close(message, data)
        if key in self._said:
            if self._said[key] == message.id:
                return None
            raise InputError("joint.said-already")
        if SAID_IN[message.kind] != self.phase:
            raise InputError("joint.not-now")
        self._take(message)
        self._said[key] = message.id
        self._keep(data)
        return message

    def _keep(self, data: bytes) -> None:
        self.messages.append(data)
        self._known.add(hashlib.sha256(data).digest())

    def _refuse_more(self, data: bytes) -> None:
        if hashlib.sha256(data).digest() not in self._known:
            raise InputError("joint.over-budget", most=self.charter.most_proposals)

    def _take(self, message: JointMessage) -> None:
        n_strata = len(self.charter.cutting.strata)
        if message.kind is MessageKind.PROPOSAL:
            if message.about:
                raise InputError("joint.bad-body", field="about")
            body = read_proposal(message.body, n_strata=n_strata)
            self.proposals[message.id] = JointProposal(id=message.id, room=message.sender, body=body)
            self._budget[message.sender] += 1
            return
        if message.about not in self.proposals:
            raise InputError("joint.no-such-proposal")
        n_members = len(self.proposals[message.about].body.names)
        if message.kind is MessageKind.HOLDING:
            self._holdings.setdefault(message.about, {})[message.sender] = read_holding(
                message.body, n_members=n_members
            )
            return
        n_kinds = len(self.charter.kinds) if self.charter.has_orders else None
        said = read_reply(message.body, n_members=n_members, n_strata=n_strata, n_kinds=n_kinds)
        if said is not None and message.sender not in self.owners(message.about):
            raise InputError("joint.held-nothing")
        self._replies.setdefault(message.about, {})[message.sender] = said

    def _close(self, message: JointMessage, data: bytes) -> JointMessage | None:
        """End a phase: the host names the record that it closes, so that nobody can be shown another."""
        phase = message.body.get("phase")
        if set(message.body) != {"phase", "digest"} or type(phase) is not int or message.about:
            raise InputError("joint.bad-body", field="phase")
        if hashlib.sha256(data).digest() in self._known:
            return None
        if phase != self.phase + 1 or message.body["digest"] != self.digest:
            raise InputError("joint.other-record")
        self.phase = Phase(phase)
        self._keep(data)
        return message

    def owners(self, proposal: str) -> dict[str, frozenset[str]]:
        """Return which blinded stretches each room owns that knows enough of a group, once holdings are closed."""
        if self.phase < Phase.REPLYING:
            return self._assigned(proposal)
        if proposal not in self._owned:
            self._owned[proposal] = self._assigned(proposal)
        return self._owned[proposal]

    def _assigned(self, proposal: str) -> dict[str, frozenset[str]]:
        held = {
            room: one.stretches for room, one in self._holdings.get(proposal, {}).items() if one.stretches is not None
        }
        return assign_stretches(held, used=self.proposals[proposal].body.used)

    def state_of(self, proposal: str) -> dict[str, str]:
        """Return what each room said of a group: ``answered``, ``held``, ``too-few`` or ``silent``."""
        states = {}
        for room in self.charter.rooms:
            held = self._holdings.get(proposal, {}).get(room)
            replied = self._replies.get(proposal, {})
            if room in replied:
                states[room] = "too-few" if replied[room] is None else "answered"
            else:
                states[room] = "silent" if held is None else "too-few" if held.stretches is None else "held"
        return states

    @property
    def is_complete(self) -> bool:
        """Whether no room has anything left to say in this phase. Of the first phase nobody can know."""
        waiting = {Phase.HOLDING: "silent", Phase.REPLYING: "held"}.get(self.phase)
        return waiting is not None and all(waiting not in self.state_of(one).values() for one in self.proposals)

    def heard(self) -> list[HeardGroup]:
        """Return every proposal with what rooms answered, each no more than its own holdings allow."""
        return [self._heard(one) for one in self.proposals.values()]

    def _heard(self, proposal: JointProposal) -> HeardGroup:
        owned, holdings = self.owners(proposal.id), self._holdings.get(proposal.id, {})
        shares = {}
        for room, share in self._replies.get(proposal.id, {}).items():
            held = holdings[room].stretches if room in holdings else None
            if share is not None and held is not None:
                shares[room] = capped(share, [held[one] for one in sorted(owned[room])])
        return HeardGroup(
            proposal=proposal.id, proposer=proposal.room, names=proposal.body.names, weights=proposal.body.weights,
            shares=shares,
        )  # fmt: skip

    def claims(self) -> list[JointClaim]:
        """Return the joint claims: of a record that is done, and of nothing else.

        Raises
        ------
        InputError
            Rooms may still answer: claims would be made while looking.
        """
        if self.phase is not Phase.DONE:
            raise InputError("joint.not-done")
        return self._claims

    @cached_property
    def _claims(self) -> list[JointClaim]:
        given = self.charter
        return claim_jointly(self.heard(), fdr=given.fdr, n_rooms=len(given.rooms), liars=given.liars)


def close_phase(record: EpochRecord, *, key: bytes) -> bytes:
    """Return the host's message that ends the phase of a record."""
    body = {"phase": int(record.phase) + 1, "digest": record.digest}
    return signed(record.charter, kind=MessageKind.CLOSE, about="", body=body, key=key)
