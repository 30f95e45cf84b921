"""What others may do to a federation of rooms: each is refused, with a clear trace, and the rest goes on."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import orjson
import pytest
from django.test import Client

from dideban.errors import InputError
from dideban.joint.bodies import proposal_body, reply_body
from dideban.joint.evidence import N_GROUP_NULLS, N_HITS, N_NULLS, RoomShare
from dideban.joint.record import Phase
from dideban.joint.wire import MOST_BYTES, MessageKind, public_of, signed
from dideban.messages import Message
from dideban.proof.placement import N_BETS
from dideban.room.joint.keys import signing_key
from dideban.room.joint.models import EpochState, JointFinding, Outgoing
from dideban.room.rooms.sealed_ids import open_accounts
from room.joint.cast import HOLDERS, Together, agree, planted


def address(together: Together, what: str) -> str:
    return f"/joint/north/{together.charter.digest}/{what}"


def post(together: Together, data: bytes, what: str = "messages") -> Any:
    return Client().post(address(together, what), data=data, content_type="application/json")


def code_of(answer: Any) -> str:
    return Message.from_dict(orjson.loads(answer.content)).code


def proposal(together: Together, room: str, names: list[str]) -> bytes:
    weights = np.full(len(together.charter.cutting.strata), 1 / len(together.charter.cutting.strata))
    body = proposal_body(names=tuple(sorted(names)), weights=weights, used=frozenset())
    return signed(together.charter, kind=MessageKind.PROPOSAL, about="", body=body, key=signing_key(room))


def made_up(n: int = 3) -> list[str]:
    return [f"{i:064x}" for i in range(1, n + 1)]


def test_two_rooms_with_one_key_are_found_out(together: Together) -> None:
    """A copy of Coast's key speaks for it: Coast sees it in the record, stops, and says why."""
    assert post(together, proposal(together, "coast", made_up())).status_code == 200
    together.turn(only=(1,))
    coast = together.epochs[1]
    assert (coast.state, coast.trouble["code"]) == (EpochState.HALTED, "joint.key-elsewhere")
    together.turn(only=(1,))
    assert not Outgoing.objects.filter(epoch=coast).exists()
    together.turn(only=(0,))
    assert together.epochs[0].state == EpochState.OPEN


def test_the_host_refuses_what_carries_its_own_key(together: Together) -> None:
    answer = post(together, proposal(together, "north", made_up()))
    assert (answer.status_code, code_of(answer)) == (400, "joint.key-elsewhere")
    assert together.record.messages == []


def test_a_message_replayed_is_there_once_and_one_changed_by_a_byte_is_not(together: Together) -> None:
    said = proposal(together, "coast", made_up())
    for at in (10, len(said) // 2, len(said) - 10):
        changed = said[:at] + (b"0" if said[at : at + 1] != b"0" else b"1") + said[at + 1 :]
        assert post(together, changed).status_code == 400
    assert together.record.messages == []
    assert [post(together, said).status_code for _ in range(3)] == [200] * 3
    assert together.record.messages == [said]


def test_what_the_way_changes_is_sent_again(together: Together) -> None:
    def flip(url: str, body: bytes) -> bytes:
        return body.replace(b'"version":1', b'"version":2') if url.endswith("/messages") else body

    together.wire.change = flip
    together.turn(only=(1,))
    assert together.epochs[1].trouble["code"] == "joint.refused"
    together.wire.change = lambda url, body: body
    together.turn(only=(1,))
    waiting = Outgoing.objects.filter(epoch=together.epochs[1], sent_at=None)
    assert not waiting.exists()
    assert [one.decode() for one in together.record.messages] == list(
        Outgoing.objects.filter(epoch=together.epochs[1]).values_list("body", flat=True)
    )


def test_names_of_one_room_alone_are_too_few_everywhere_else(together: Together) -> None:
    said = proposal(together, "coast", made_up())
    Outgoing.objects.create(epoch=together.epochs[1], phase=0, body=said.decode(), sha256="", sent_at=None)
    assert post(together, said).status_code == 200
    together.close()
    together.turn(only=(0,))
    together.turn(only=(2, 0))
    states = together.record.state_of(next(iter(together.record.proposals)))
    assert sorted(states.values()) == ["silent", "too-few", "too-few"]


def test_names_that_are_not_on_the_curve_are_refused_on_both_sides(together: Together) -> None:
    bad = b"\xff" * 32
    body = {"points": [bad.hex()], "number": 1}
    ask = signed(together.charter, kind=MessageKind.ASK, about="", body=body, key=signing_key("coast"))
    with pytest.raises(InputError) as caught:
        together.wire.desks[HOLDERS[0]].answer(ask)
    assert caught.value.message.code == "joint.bad-point"

    def off(url: str, answer: bytes) -> bytes:
        if not url.endswith("/names"):
            return answer
        content = orjson.loads(answer)
        return orjson.dumps({**content, "points": [bad.hex()] * len(content["points"])})

    together.wire.answer = off
    together.turn(only=(1,))
    assert together.epochs[1].trouble["code"] == "joint.bad-point"
    assert together.epochs[1].said == -1
    assert together.record.messages == []


def test_a_peer_that_sends_100_mb_costs_nothing(together: Together) -> None:
    class Large:
        """A body that must not be read."""

        def read(self, *args: object) -> bytes:
            raise AssertionError("read")

        readline = read

    large: Any = {"wsgi.input": Large(), "CONTENT_LENGTH": str(100_000_000)}
    answer = Client().generic("POST", address(together, "messages"), b"", content_type="application/json", **large)
    assert answer.status_code == 413
    assert post(together, b"x" * (MOST_BYTES + 1)).status_code == 413
    together.wire.answer = lambda url, answer: b" " * 100_000_000 if url.endswith("/record") else answer
    together.turn(only=(1,))
    assert together.epochs[1].trouble["code"] == "joint.too-large"
    together.wire.answer = lambda url, answer: answer
    together.turn(only=(1,))
    assert not together.epochs[1].trouble


@pytest.mark.parametrize(
    "answer",
    [b"", b"[]", b"{}", b'{"messages":1,"n":1}', b'{"messages":[1],"n":1}', b'{"messages":["x"],"n":1}', b"\xff\xfe"],
)
def test_a_host_that_answers_nonsense_is_noted(together: Together, answer: bytes) -> None:
    together.wire.answer = lambda url, data: answer if url.endswith("/record") else data
    together.turn(only=(1,))
    assert together.epochs[1].trouble["code"] == "joint.not-a-message"
    assert together.epochs[1].state == EpochState.OPEN


def test_a_host_that_promises_more_for_ever_is_left(together: Together) -> None:
    said = proposal(together, "capital", made_up()).decode()
    page = orjson.dumps({"messages": [said], "n": 10})
    together.wire.answer = lambda url, data: page if url.endswith("/record") else data
    together.turn(only=(1,))
    assert together.epochs[1].trouble["code"] == "joint.host-circles"


def test_who_is_not_of_the_charter_sees_and_says_nothing(together: Together) -> None:
    stranger = signed(together.charter, kind=MessageKind.READ, about="", body={"after": 0}, key=b"s" * 32)
    answer = post(together, stranger, "record")
    assert (answer.status_code, code_of(answer)) == (400, "joint.not-a-room")
    good = signed(together.charter, kind=MessageKind.READ, about="", body={"after": 0}, key=signing_key("coast"))
    assert post(together, good, "record").status_code == 200
    elsewhere = "f" * 64
    assert Client().post(f"/joint/north/{elsewhere}/record", data=good, content_type="a/b").status_code == 404
    assert (
        Client().post(f"/joint/coast/{together.charter.digest}/record", data=good, content_type="a/b").status_code
        == 404
    )
    assert Client().get(address(together, "record")).status_code == 405


def test_no_new_epoch_begins_with_a_charter_under_which_accounts_can_be_accused(together: Together) -> None:
    old = dataclasses.replace(together.charter, epoch="another", version=1)
    boss = together.bosses[1]
    with pytest.raises(InputError) as refused:
        agree(together.rooms[1], old, boss)
    assert refused.value.message.code == "joint.bad-charter"
    assert agree(together.rooms[1], dataclasses.replace(old, version=together.charter.version), boss)


def test_a_lying_room_makes_no_claim_alone(together: Together) -> None:
    """Capital says as much as a message can hold about every group; who is named is still planted, or nobody."""
    together.turn(only=(1, 2))
    together.close()
    together.turn(only=(0,))
    together.turn(only=(1, 2, 0))
    record = together.record
    assert record.phase is Phase.REPLYING, "every room has said where it saw members: the phase ends by itself"
    n_strata, key = len(together.charter.cutting.strata), signing_key("capital")
    liar = public_of(key)
    for one in record.proposals.values():
        most = RoomShare(
            group=np.full((n_strata, N_GROUP_NULLS, N_BETS), 9_999.0),
            members=np.full((n_strata, len(one.body.names), N_NULLS, N_HITS), 9_999.0), left={}, alone={}, orders=((),),
        )  # fmt: skip
        lie = signed(together.charter, kind=MessageKind.REPLY, about=one.id, body=reply_body(most), key=key)
        answer = post(together, lie)
        assert answer.status_code == 200 or code_of(answer) == "joint.held-nothing"
    together.turn(only=(1, 0, 1))
    assert together.record.phase is Phase.DONE, "nobody has anything left to say"
    assert any(liar in one.shares for one in together.record.heard())
    for found in JointFinding.objects.all():
        assert set(open_accounts(found.room.slug, found.own).values()) <= planted()
        assert found.facts["without"] <= found.facts["together"]
