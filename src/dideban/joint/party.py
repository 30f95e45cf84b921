"""A room's part in an epoch: what it sends, given what it sees and what the record holds.

No state of its own beyond names that it asked for: whatever was not sent can be made again from the record, so a room
that is online once an hour, or starts again in the middle, goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dideban.arrays import I4
from dideban.joint.bodies import holding_body, proposal_body, reply_body
from dideban.joint.charter import Charter
from dideban.joint.evidence import share_of
from dideban.joint.names import KeyHolder, account_input, blinded_names, stretch_input
from dideban.joint.propose import MIN_MEMBERS, find_candidates
from dideban.joint.record import EpochRecord, JointProposal, Phase
from dideban.joint.view import RoomView
from dideban.joint.wire import MessageKind, public_of, signed


class Party:
    """One room in one epoch.

    Parameters
    ----------
    charter : Charter
    view : RoomView
        What the room sees, cut as the charter says.
    holders : KeyHolder
        Both.
    key : bytes, 32
        Private key (Ed25519) of the room.
    public_ids : account id of the room -> id that all rooms know
        None = they are the same.
    asked : account id of the room -> blinded name
        What an earlier run asked for; the key holders count each name once.
    """

    def __init__(
        self,
        charter: Charter,
        view: RoomView,
        holders: Sequence[KeyHolder],
        *,
        key: bytes,
        public_ids: Mapping[str, str] | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> None:
        self.charter, self.view, self.holders, self.key = charter, view, holders, key
        self.room = public_of(key)
        self._public_ids = public_ids
        self._asked = dict(asked or {})
        self._names: list[str] | None = None
        self._codes: dict[str, int] = {}
        self._stretches: dict[tuple[tuple[str, ...], int], str] = {}

    def names(self) -> list[str]:
        """Return the blinded names of all accounts of the room, in the order of their codes."""
        if self._names is None:
            ids = self.view.accounts.to_list()
            new = [one for one in ids if one not in self._asked]
            known = new if self._public_ids is None else [self._public_ids[one] for one in new]
            found = blinded_names([account_input(one) for one in known], self.holders)
            self._asked.update(zip(new, found, strict=True))
            self._names = [self._asked[one] for one in ids]
            self._codes = {name: code for code, name in enumerate(self._names)}
        return self._names

    def asked(self) -> dict[str, str]:
        """Return the blinded name of each account that was ever asked for: it stays in the room."""
        return dict(self._asked)

    def account_of(self, name: str) -> str | None:
        """Return the room's own account behind a blinded name, None where it has none."""
        self.names()
        code = self._codes.get(name)
        return None if code is None else str(self.view.accounts[code])

    def next_messages(self, record: EpochRecord) -> Iterator[bytes]:
        """Make whatever the room has yet to say in the phase of the record."""
        if record.phase is Phase.PROPOSING:
            yield from self._propose(record)
        elif record.phase is Phase.HOLDING:
            yield from self._each(record, MessageKind.HOLDING)
        elif record.phase is Phase.REPLYING:
            yield from self._each(record, MessageKind.REPLY)

    def _propose(self, record: EpochRecord) -> Iterator[bytes]:
        made = {one.body.names for one in record.proposals.values() if one.room == self.room}
        names = self.names()
        left = self.charter.most_proposals - len(made)
        for one in find_candidates(self.view, most=self.charter.most_proposals):
            mine = tuple(sorted(names[code] for code in one.members.tolist()))
            if mine in made or left <= 0:
                continue
            made.add(mine)
            left -= 1
            used = frozenset(self._stretch_names(mine, sorted(one.used)))
            body = proposal_body(names=mine, weights=one.weights, used=used)
            yield signed(self.charter, kind=MessageKind.PROPOSAL, about="", body=body, key=self.key)

    def _each(self, record: EpochRecord, kind: MessageKind) -> Iterator[bytes]:
        done = "silent" if kind is MessageKind.HOLDING else "held"
        for proposal in record.proposals.values():
            if record.state_of(proposal.id).get(self.room) != done:
                continue
            body = self._holding(proposal) if kind is MessageKind.HOLDING else self._reply(record, proposal)
            yield signed(self.charter, kind=kind, about=proposal.id, body=body, key=self.key)

    def _known(self, proposal: JointProposal) -> I4:
        self.names()
        return np.array([self._codes.get(name, -1) for name in proposal.body.names], np.int32)

    def _holding(self, proposal: JointProposal) -> dict[str, object]:
        codes = self._known(proposal)
        known = np.sort(codes[codes >= 0])
        found = self.view.occasions(known) if len(known) >= MIN_MEMBERS else {}
        if not found:
            return holding_body(None)
        stretches = sorted(found)
        hidden = self._stretch_names(proposal.body.names, stretches)
        return holding_body({name: found[one] for name, one in zip(hidden, stretches, strict=True)})

    def _reply(self, record: EpochRecord, proposal: JointProposal) -> dict[str, object]:
        codes = self._known(proposal)
        owned = record.owners(proposal.id).get(self.room, frozenset())
        stretches = sorted(self.view.occasions(np.sort(codes[codes >= 0])))
        hidden = self._stretch_names(proposal.body.names, stretches)
        known = dict(zip(hidden, stretches, strict=True))
        mine = {known[name] for name in known if name in owned}
        used = proposal.body.used if proposal.room == self.room else frozenset[str]()
        also = {known[name] for name in known if name in used}
        share = share_of(self.view, codes, owned=mine, also_ordered=also)
        return reply_body(share, with_orders=self.charter.has_orders)

    def _stretch_names(self, names: tuple[str, ...], stretches: Sequence[int]) -> list[str]:
        """Return the names of stretches for one group, each asked for once."""
        new = [one for one in stretches if (names, one) not in self._stretches]
        if new:
            found = blinded_names([stretch_input(names, one) for one in new], self.holders)
            self._stretches.update(zip(((names, one) for one in new), found, strict=True))
        return [self._stretches[names, one] for one in stretches]
