"""A round among rooms: it finds what none of them could, and anybody can follow it from the record."""

from __future__ import annotations

import dataclasses

import pytest

from dideban.errors import InputError
from dideban.joint.charter import charter_bytes, read_charter
from dideban.joint.claims import claim_jointly
from dideban.joint.names import account_input, blinded_names
from dideban.joint.record import EpochRecord, Phase, close_phase
from dideban.joint.rehearsal import hear_all
from dideban.joint.wire import public_of
from joint_federation import (
    HOST,
    KEYS,
    advance,
    charter,
    finished,
    holders,
    parties,
    stream,
)


def planted() -> set[str]:
    return set(stream().truth["account_id"].to_list())


def resolved(names: tuple[str, ...]) -> set[str]:
    accounts = sorted(stream().traces["account_id"].unique().to_list())
    known = dict(zip(blinded_names([account_input(a) for a in accounts], holders()), accounts, strict=True))
    return {known[name] for name in names}


def test_the_rooms_find_the_planted_group_and_nobody_else() -> None:
    claims = finished().record.claims()
    assert len(claims) == 1
    assert len(resolved(claims[0].named)) >= 3
    assert resolved(claims[0].named) <= planted()


def test_the_round_claims_what_a_rehearsal_without_names_and_keys_claims() -> None:
    """Up to an account or two: which of two rooms owns a stretch that both saw alike follows from its blinded name."""
    views = {party.room: party.view for party in finished().parties}
    given = finished().record.charter
    claims = claim_jointly(hear_all(views, most=given.most_proposals), fdr=given.fdr, n_rooms=len(views))
    rehearsed = [set(one.named) for one in claims]
    played = [set(resolved(one.named)) for one in finished().record.claims()]
    assert len(rehearsed) == len(played) == 1
    assert len(rehearsed[0] & played[0]) >= 0.75 * len(rehearsed[0] | played[0])


def test_anybody_can_compute_the_claims_again_from_the_messages() -> None:
    record = finished().record
    again = EpochRecord.replay(record.charter, record.messages)
    assert again.digest == record.digest
    assert [(c.heard.proposal, c.named, c.judged.log_e) for c in again.claims()] == [
        (c.heard.proposal, c.named, c.judged.log_e) for c in record.claims()
    ]


def test_a_record_of_the_first_version_is_read_and_claimed_as_it_was() -> None:
    given = dataclasses.replace(charter(epoch="2026-0", most_proposals=1), version=1)
    some, record = parties(given), EpochRecord(given)
    while record.phase is not Phase.DONE:
        advance(record, some)
    assert not any(b'"orders"' in one for one in record.messages)
    again = EpochRecord.replay(read_charter(charter_bytes(given)), record.messages)
    assert [one.named for one in again.claims()] == [one.named for one in record.claims()] != []
    new = EpochRecord(charter(epoch="2026-0", most_proposals=1))
    with pytest.raises(InputError):
        new.accept(record.messages[0])


def test_each_room_knows_its_own_members_and_no_others() -> None:
    named = finished().record.claims()[0].named
    for party in finished().parties:
        own = {party.account_of(name) for name in named} - {None}
        assert own == resolved(named) & set(party.view.accounts.to_list())


def test_no_account_object_or_time_is_in_any_message() -> None:
    said = b"\n".join(finished().record.messages)
    for word in (b"acc_", b"https", b"site", b"2026-03", b"created"):
        assert word not in said


def test_a_room_says_the_same_again_after_it_was_started_anew() -> None:
    record = finished().record
    early = EpochRecord(record.charter)
    fresh = parties(record.charter)[0]
    assert list(fresh.next_messages(early)) == [
        one for one in record.messages if f'"sender":"{fresh.room}"'.encode() in one and b'"kind":"proposal"' in one
    ]


def test_a_room_that_left_in_the_middle_counts_as_silent() -> None:
    given = charter()
    some, record = parties(given), EpochRecord(given)
    advance(record, some)
    advance(record, some)
    gone = some.pop()
    advance(record, some)
    assert record.phase is Phase.DONE
    assert {record.state_of(one)[gone.room] for one in record.proposals} <= {"held", "too-few"}
    assert all(gone.room not in one.shares for one in record.heard())
    for one in record.claims():
        assert resolved(one.named) <= planted()


def test_an_epoch_that_ends_in_the_middle_claims_nothing() -> None:
    given = charter()
    some, record = parties(given), EpochRecord(given)
    advance(record, some)
    for _ in range(2):
        record.accept(close_phase(record, key=HOST))
    assert record.claims() == []


def test_claims_wait_until_the_round_is_done() -> None:
    with pytest.raises(InputError) as caught:
        EpochRecord(charter()).claims()
    assert caught.value.message.code == "joint.not-done"


def test_the_same_feed_in_all_rooms_makes_no_wrong_finding() -> None:
    given = charter()
    some, record = parties(given, overlap=1.0), EpochRecord(given)
    while record.phase is not Phase.DONE:
        advance(record, some)
    for one in record.claims():
        assert resolved(one.named) <= planted()
    for proposal in record.proposals:
        owned = [stretch for some in record.owners(proposal).values() for stretch in some]
        assert len(owned) == len(set(owned))
        assert not set(owned) & record.proposals[proposal].body.used


def test_rooms_speak_when_they_are_online_whatever_their_clocks_say() -> None:
    """One room at a time, in another order in each phase: the same claims."""
    given = charter()
    some, record = parties(given), EpochRecord(given)
    for turn in range(3):
        for party in some[turn:] + some[:turn]:
            for data in list(party.next_messages(record)):
                record.accept(data)
                record.accept(data)
        record.accept(close_phase(record, key=HOST))
    assert {frozenset(one.named) for one in record.claims()} == {
        frozenset(one.named) for one in finished().record.claims()
    }
    assert {public_of(key) for key in KEYS} == set(given.rooms)
