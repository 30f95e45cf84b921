"""The joint claim: what several rooms prove, what a lying one cannot, and how they share the error budget."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dideban.joint.claims import HeardGroup, JointClaim, claim_jointly, judge
from dideban.joint.evidence import N_GROUP_NULLS, N_HITS, N_NULLS, RoomShare
from dideban.joint.rehearsal import lying
from dideban.proof.placement import N_BETS

ROOMS = ("r1", "r2", "r3", "r4", "r5")
NAMES = tuple(f"name-{i}" for i in range(6))


def share(each: Sequence[float], *, group: float | None = None, left: float | None = None) -> RoomShare:
    """A room that says the same under every bet and null; ``left`` is what is left without member 0."""
    members = np.tile(np.array(each, float)[None, :, None, None], (1, 1, N_NULLS, N_HITS))
    placed = np.full((1, N_GROUP_NULLS, N_BETS), float(np.max(each)) if group is None else group)
    pairs = {} if left is None else {(i, 0): np.full((1, N_HITS), left) for i in range(1, len(each))}
    return RoomShare(group=placed, members=members, left=pairs, alone=dict.fromkeys(pairs, 3))


def heard(
    shares: dict[str, RoomShare], *, proposal: str = "p1", proposer: str = "r1", names: tuple[str, ...] = NAMES
) -> HeardGroup:
    return HeardGroup(proposal=proposal, proposer=proposer, names=names, weights=np.ones(1), shares=shares)


def claims(*some: HeardGroup) -> list[JointClaim]:
    return claim_jointly(some, fdr=0.05, n_rooms=len(ROOMS))


SILENT = share([0.0] * 6)
HONEST = share([3.0] * 6)


def test_rooms_prove_together_what_none_proves_alone() -> None:
    """Each room says 20 to 1 of every member: none of them could claim that."""
    found = claims(heard(dict.fromkeys(ROOMS, HONEST)))
    assert [one.named for one in found] == [NAMES]
    assert claims(heard({"r1": HONEST, "r2": SILENT, "r3": SILENT})) == []


def test_a_lying_room_alone_makes_no_finding() -> None:
    lie = share([600.0] * 6)
    for liar in ROOMS:
        assert claims(heard({**dict.fromkeys(ROOMS, SILENT), liar: lie}, proposer=liar)) == []


def test_a_lying_room_cannot_name_an_innocent_in_a_proved_group() -> None:
    honest = share([3.0] * 5 + [0.0])
    found = claims(heard({**dict.fromkeys(ROOMS, honest), "r5": share([3.0] * 5 + [600.0])}))
    assert [one.named for one in found] == [NAMES[:5]]


def test_a_room_that_withholds_or_denies_cannot_make_a_finding_of_nothing() -> None:
    assert claims(heard(dict.fromkeys(ROOMS[:4], SILENT))) == []
    assert claims(heard({**dict.fromkeys(ROOMS[:4], HONEST), "r5": share([-600.0] * 6)})) == []


def test_two_rooms_are_too_few() -> None:
    assert claims(heard(dict.fromkeys(ROOMS[:2], share([50.0] * 6)))) == []


def test_members_who_come_after_one_account_alone_are_not_named() -> None:
    """Fans of one account: strong evidence, and nothing left without it."""
    fans = share([0.0] + [5.0] * 5, left=-0.1)
    assert judge(heard(dict.fromkeys(ROOMS, fans))).members[1] > 20
    assert claims(heard(dict.fromkeys(ROOMS, fans))) == []


def test_fewer_than_three_proved_members_are_no_finding() -> None:
    pair = share([5.0, 5.0, 0.0, 0.0, 0.0, 0.0])
    assert claims(heard(dict.fromkeys(ROOMS, pair))) == []


def test_no_room_uses_up_the_budget_of_another() -> None:
    """A room with a thousand proposals weakens its own, and nobody else's."""
    good = heard(dict.fromkeys(ROOMS, share([2.2] * 6)), proposal="a", proposer="r1")
    noise = [heard({}, proposal=f"n{i:05d}", proposer="r2", names=(f"x{i}", f"y{i}", f"z{i}")) for i in range(1_000)]
    assert [one.named for one in claims(good)] == [NAMES]
    assert [one.named for one in claims(good, *noise)] == [NAMES]
    crowded = [heard({}, proposal=f"n{i:05d}", proposer="r1", names=(f"x{i}", f"y{i}", f"z{i}")) for i in range(1_000)]
    assert claims(good, *crowded) == []


def test_the_same_group_from_several_rooms_is_one_finding() -> None:
    some = [heard(dict.fromkeys(ROOMS, HONEST), proposal=f"p{i}", proposer=room) for i, room in enumerate(ROOMS)]
    assert len(claims(*some)) == 1


def test_claims_do_not_depend_on_the_order_of_messages() -> None:
    one = heard(dict.fromkeys(ROOMS, HONEST), proposal="a", proposer="r1")
    other = heard(dict.fromkeys(reversed(ROOMS), share([2.5] * 6)), proposal="b", proposer="r2", names=NAMES[::-1])
    found = [[(c.heard.proposal, c.named) for c in claims(*some)] for some in ((one, other), (other, one))]
    assert found[0] == found[1]


def test_the_least_of_all_nulls_counts() -> None:
    """Rooms that are convincing under all nulls but one are not convincing."""
    doubted = share([3.0] * 6)
    doubted.members[:, :, 2] = -1.0
    doubted.group[:, 2] = -1.0
    assert claims(heard(dict.fromkeys(ROOMS, doubted))) == []


@pytest.mark.parametrize(
    ("n_liars", "allowed", "is_claimed"), [(1, 1, False), (2, 1, True), (2, 2, False), (3, 2, True)]
)
def test_rooms_that_lie_together_claim_only_above_the_number_allowed_for(
    n_liars: int, allowed: int, is_claimed: bool
) -> None:
    """Five rooms, of which the honest say nothing for or against: liars say as much as they like."""
    said = lying([heard(dict.fromkeys(ROOMS, SILENT))], rooms=ROOMS[:n_liars])
    assert bool(claim_jointly(said, fdr=0.05, n_rooms=5, liars=allowed)) == is_claimed


def test_allowing_for_two_liars_takes_five_answers() -> None:
    four = heard(dict.fromkeys(ROOMS[:4], HONEST))
    assert claim_jointly([four], fdr=0.05, n_rooms=5, liars=1)
    assert not claim_jointly([four], fdr=0.05, n_rooms=5, liars=2)
