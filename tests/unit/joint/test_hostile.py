"""What strangers, liars and broken rooms send: refused with a reason, and nothing changes."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import orjson
import pytest

from dideban.errors import InputError
from dideban.joint.bodies import capped
from dideban.joint.charter import Charter, charter_bytes, read_charter
from dideban.joint.evidence import RoomShare
from dideban.joint.orders import MOST_ORDERS
from dideban.joint.record import EpochRecord, close_phase
from dideban.joint.wire import MOST_BYTES, MessageKind, public_of, signed
from joint_federation import HOST, KEYS, charter, finished, seed


def name(i: int) -> str:
    return f"{i:064x}"


def proposal(given: Charter, *, key: bytes = KEYS[0], names: list[str] | None = None, **other: Any) -> bytes:
    n = len(given.cutting.strata)
    body = {"names": names or [name(i) for i in range(3)], "weights": [1 / n] * n, "used": [], **other}
    return signed(given, kind=MessageKind.PROPOSAL, about="", body=body, key=key)


def refused(record: EpochRecord, data: bytes) -> str:
    before = record.digest
    with pytest.raises(InputError) as caught:
        record.accept(data)
    assert record.digest == before
    return caught.value.message.code


def opened(*, phase: int = 0, most_proposals: int = 4) -> tuple[EpochRecord, str]:
    """A record with one proposal, in a phase."""
    record = EpochRecord(charter(most_proposals=most_proposals))
    record.accept(proposal(record.charter))
    for _ in range(phase):
        record.accept(close_phase(record, key=HOST))
    return record, next(iter(record.proposals))


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"{" * 5_000, b"[" * 100_000, b'{"version":1}'],
    ids=["empty", "null", "list", "object", "bytes", "braces", "brackets", "part"],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    assert refused(opened()[0], data) == "joint.not-a-message"


def test_a_message_that_is_too_large_is_not_read() -> None:
    assert refused(opened()[0], b" " * (MOST_BYTES + 1)) == "joint.too-large"


def test_another_signature_sender_or_epoch_is_refused() -> None:
    record, _ = opened()
    good = orjson.loads(proposal(record.charter, names=[name(i) for i in range(5)]))
    assert refused(record, orjson.dumps({**good, "signature": "00" * 64})) == "joint.bad-signature"
    assert refused(record, orjson.dumps({**good, "sender": public_of(KEYS[1])})) == "joint.bad-signature"
    assert refused(record, orjson.dumps({**good, "version": 2})) == "joint.other-version"
    assert refused(record, proposal(record.charter, key=seed("stranger"))) == "joint.not-a-room"
    assert refused(record, proposal(charter(epoch="2025-4"))) == "joint.other-epoch"
    changed = {**good, "body": {**good["body"], "used": [name(9)]}}
    assert refused(record, orjson.dumps(changed)) == "joint.bad-signature"


def test_a_replay_changes_nothing() -> None:
    record, _ = opened()
    before = record.digest
    assert record.accept(record.messages[0]) is None
    assert record.digest == before


def test_a_room_that_says_two_things_is_held_to_the_first() -> None:
    record, about = opened(phase=1)
    for stretches, code in (({name(1): [2, 9]}, ""), ({name(1): [3, 9]}, "joint.said-already")):
        body = {"stretches": stretches}
        data = signed(record.charter, kind=MessageKind.HOLDING, about=about, body=body, key=KEYS[1])
        if code:
            assert refused(record, data) == code
        else:
            record.accept(data)


def test_two_rooms_with_one_key_are_no_federation() -> None:
    given = charter()
    with pytest.raises(InputError):
        dataclasses.replace(given, rooms={public_of(KEYS[0]): "a", public_of(KEYS[1]): "a", public_of(KEYS[2]): "b"})
    with pytest.raises(InputError):
        dataclasses.replace(given, rooms=dict(list(given.rooms.items())[:2]))
    with pytest.raises(InputError):
        dataclasses.replace(given, holders=(given.holders[0], given.holders[0]))
    with pytest.raises(InputError):
        dataclasses.replace(given, holders=(given.holders[0], "00" * 32))


@pytest.mark.parametrize(
    "change",
    [
        {"rooms": {}}, {"rooms": []}, {"kinds": ["nothing"]}, {"kinds": []}, {"scales_s": [0.0]}, {"scales_s": "60"},
        {"fdr": 0.9}, {"fdr": "5%"}, {"most_proposals": 10**9}, {"holders": ["zz", "yy"]}, {"epoch": "\u202e"},
        {"version": 3}, {"surprise": 1},
    ],
)  # fmt: skip
def test_a_charter_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    fields = orjson.loads(charter_bytes(charter()))
    assert read_charter(orjson.dumps(fields)) == charter()
    with pytest.raises(InputError):
        read_charter(orjson.dumps({**fields, **change}))


def test_a_million_proposals_cost_little_and_change_nothing() -> None:
    """Beyond its budget a room is refused before a signature is looked at."""
    record = EpochRecord(charter(most_proposals=3))
    for i in range(3):
        record.accept(proposal(record.charter, names=[name(10 * i + k) for k in range(3)]))
    fields = orjson.loads(proposal(record.charter, names=[name(1_000 + k) for k in range(3)]))
    unsigned = orjson.dumps({**fields, "signature": "00" * 64})
    for _ in range(2_000):
        assert refused(record, unsigned) == "joint.over-budget"
    assert len(record.proposals) == len(record.messages) == 3
    record.accept(proposal(record.charter, key=KEYS[1]))
    assert len(record.proposals) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"names": [name(1), name(2)]}, {"names": [name(1)] * 3}, {"names": [name(3), name(2), name(1)]},
        {"names": ["acc_1", "acc_2", "acc_3"]}, {"names": [name(i) for i in range(81)]}, {"names": 3},
        {"weights": [1.0]}, {"weights": [2.0, -1.0]}, {"weights": ["a", "b"]}, {"weights": [True, False]},
        {"used": [name(i) for i in range(3_001)]}, {"used": ["2026-03-02"]}, {"more": 1},
    ],
)  # fmt: skip
def test_a_proposal_of_another_form_is_refused(change: dict[str, Any]) -> None:
    record, _ = opened()
    assert refused(record, proposal(record.charter, **change)) == "joint.bad-body"


@pytest.mark.parametrize(
    "stretches",
    [
        {name(1): [1, 9]}, {name(1): [4, 9]}, {name(1): [3, 3]}, {name(1): [2, 10**9]}, {name(1): [2.0, 9]},
        {name(1): [2]}, {"monday": [2, 9]}, [], {name(i): [2, 9] for i in range(3_001)}, {name(1): [True, 9]},
    ],
)  # fmt: skip
def test_a_holding_of_another_form_is_refused(stretches: Any) -> None:
    record, about = opened(phase=1)
    body = {"stretches": stretches}
    data = signed(record.charter, kind=MessageKind.HOLDING, about=about, body=body, key=KEYS[1])
    assert refused(record, data) == "joint.bad-body"


def a_reply() -> dict[str, Any]:
    found = [orjson.loads(one) for one in finished().record.messages if b'"kind":"reply"' in one]
    return next(one for one in found if one["body"]["said"] and one["body"]["said"]["left"])


@pytest.mark.parametrize("value", [1e300, -1e300, "1", None, [], True, 2**62])
@pytest.mark.parametrize("where", ["group", "members", "left"])
def test_a_reply_with_other_numbers_is_refused(where: str, value: Any) -> None:
    original = a_reply()
    said = original["body"]["said"]
    inner = said[where][0][3] if where == "left" else said[where][0] if where == "group" else said[where][0][0]
    inner[0][0] = value
    record = finished().record
    early = EpochRecord(record.charter)
    for one in record.messages:
        if b'"kind":"reply"' in one:
            break
        early.accept(one)
    key = next(key for key in KEYS if public_of(key) == original["sender"])
    data = signed(record.charter, kind=MessageKind.REPLY, about=original["about"], body={"said": said}, key=key)
    assert refused(early, data) == "joint.bad-body"


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"1" + b"0" * 400])
def test_a_reply_with_what_is_no_number_is_refused(word: bytes) -> None:
    """Neither numbers of other languages nor those that no machine holds."""
    data = next(one for one in finished().record.messages if b'"kind":"reply"' in one and b'"group":[[[' in one)
    at = data.index(b'"group":[[[') + len(b'"group":[[[')
    end = min(data.index(b",", at), data.index(b"]", at))
    record = EpochRecord(finished().record.charter)
    assert refused(record, data[:at] + word + data[end:]) in ("joint.not-a-message", "joint.bad-signature")


def test_a_reply_about_what_one_does_not_hold_is_refused() -> None:
    record, about = opened(phase=2)
    body = a_reply()["body"]
    n = len(body["said"]["members"][0])
    body["said"]["members"] = (
        [(one * 3)[:3] for one in body["said"]["members"]] if n < 3 else [one[:3] for one in body["said"]["members"]]
    )
    body["said"] |= {"left": [], "orders": [[]]}
    data = signed(record.charter, kind=MessageKind.REPLY, about=about, body=body, key=KEYS[2])
    assert refused(record, data) == "joint.held-nothing"


@pytest.mark.parametrize(
    "orders",
    [
        None, {}, [], [[], []], [[[]]], [[[[0]]]], [[[[0], [0]]]], [[[[0], []]]], [[[[0], [99]]]], [[[[0], [-1]]]],
        [[[[0], [True]]]], [[[[0], [1.0]]]], [[[0, 1]]], [[[[0], ["1"]]]], [[[[0], [1]]] * (MOST_ORDERS + 1)],
    ],
)  # fmt: skip
def test_orders_that_cannot_be_are_refused(orders: object) -> None:
    record, about = opened(phase=2)
    body = a_reply()["body"]
    members = [one[:3] for one in body["said"]["members"]]
    body["said"] |= {"members": members, "left": [], "orders": [[[[0], [1]]]]}
    good = signed(record.charter, kind=MessageKind.REPLY, about=about, body=body, key=KEYS[2])
    assert refused(record, good) == "joint.held-nothing", "but for the orders it would be read"
    body["said"]["orders"] = orders
    data = signed(record.charter, kind=MessageKind.REPLY, about=about, body=body, key=KEYS[2])
    assert refused(record, data) == "joint.bad-body"


def test_what_is_said_out_of_turn_or_about_nothing_is_refused() -> None:
    record, about = opened()
    holding = signed(record.charter, kind=MessageKind.HOLDING, about=about, body={"stretches": None}, key=KEYS[1])
    assert refused(record, holding) == "joint.not-now"
    record.accept(close_phase(record, key=HOST))
    assert refused(record, proposal(record.charter, key=KEYS[1])) == "joint.not-now"
    lost = signed(record.charter, kind=MessageKind.HOLDING, about=name(7), body={"stretches": None}, key=KEYS[1])
    assert refused(record, lost) == "joint.no-such-proposal"


def test_only_the_host_closes_and_only_the_record_that_all_see() -> None:
    record, _ = opened()
    assert refused(record, close_phase(record, key=KEYS[0])) == "joint.not-a-room"
    early = close_phase(EpochRecord(record.charter), key=HOST)
    assert refused(record, early) == "joint.other-record"


def test_no_room_says_more_than_its_stretches_allow() -> None:
    n = 5
    lie = RoomShare(
        group=np.full((1, 2, 3), 9_999.0), members=np.full((1, n, 2, 3), 9_999.0),
        left={(0, 1): np.full((1, 3), 9_999.0)}, alone={(0, 1): 3},
    )  # fmt: skip
    found = capped(lie, [(3, 10), (2, 20)])
    assert found.group.max() == pytest.approx(3 * np.log(10) + 2 * np.log(20))
    assert found.members.max() == found.left[0, 1].max() == pytest.approx(16 * np.log(200))
    nothing = capped(lie, [])
    assert not nothing.group.any()
    assert not nothing.members.any()
