"""What a room says of a proposed group: the bets of a single room, cut so that rooms can be multiplied."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from dideban.joint.evidence import RoomShare, share_of
from dideban.joint.ownership import assign_stretches
from dideban.joint.propose import find_candidates
from dideban.joint.view import Cutting, RoomView, look
from dideban.proof.directed_exchange import find_occasions, log_e_members
from dideban.proof.placement import Hypotheses, log_e_values, seat_groups
from dideban.simulate import Plant, Stream, make_stream, split_stream

CUTTING = Cutting(scales_s=(60.0, 600.0), seed=7)


@functools.cache
def stream() -> Stream:
    plants = [Plant(n_accounts=7, n_operations=12, jitter_s=30.0, others=12, participation=1.0)]
    return make_stream(seed=11, n_accounts=500, n_shares=8_000, crowds=(), plants=plants)


def seen(part: Stream) -> RoomView:
    return look(part.traces, objects=part.objects, moments=part.moments, cutting=CUTTING)


@functools.cache
def whole() -> RoomView:
    return seen(stream())


def members() -> list[str]:
    return stream().truth["account_id"].sort().to_list()


def everything(view: RoomView) -> set[int]:
    return set(view.occasions(view.codes(members())))


def test_the_even_null_is_that_of_a_single_room() -> None:
    view = whole()
    codes, groups = view.codes(members()), Hypotheses([view.codes(members())])
    share = share_of(view, codes, owned=everything(view))
    watch = view.watch([codes])
    for c, stratum in enumerate(view.strata):
        allowed = np.ones(len(view.stretch_of_block[c]), bool)
        follows = find_occasions(stratum.blocks, stratum.rows, groups, allowed=allowed, clocks=watch.clocks)
        single = log_e_members(follows, watch.sittings[c], n_members=len(codes))
        joined = np.logaddexp.reduce(share.members[c, :, 0], axis=1) - np.log(share.members.shape[-1])
        assert joined == pytest.approx(single)
        seats = seat_groups(stratum.blocks, stratum.rows, groups, allowed=allowed)
        placed = np.logaddexp.reduce(share.group[c, 0]) - np.log(share.group.shape[-1])
        assert placed == pytest.approx(log_e_values(stratum.blocks, seats, groups)[0])


def test_stretches_multiply() -> None:
    """What two sets of stretches say apart adds up to what they say together, null by null and bet by bet."""
    view = whole()
    codes, owned = view.codes(members()), sorted(everything(view))
    parts = [share_of(view, codes, owned=set(owned[i::2])) for i in range(2)]
    both = share_of(view, codes, owned=set(owned))
    assert parts[0].members + parts[1].members == pytest.approx(both.members)
    assert parts[0].group + parts[1].group == pytest.approx(both.group)


def test_a_room_that_owns_nothing_or_knows_nobody_says_nothing() -> None:
    view = whole()
    codes = view.codes(members())
    for share in (
        share_of(view, codes, owned=set()),
        share_of(view, np.full(len(codes), -1, np.int32), owned=everything(view)),
    ):
        assert not share.members.any()
        assert not share.group.any()
        assert share.left == {}


def test_the_order_of_names_changes_nothing() -> None:
    view = whole()
    codes, owned = view.codes(members()), everything(view)
    one, other = share_of(view, codes, owned=owned), share_of(view, codes[::-1].copy(), owned=owned)
    assert other.members[:, ::-1] == pytest.approx(one.members)
    n = len(codes) - 1
    assert {(n - a, n - b): k for (a, b), k in other.alone.items()} == one.alone


def test_five_copies_of_one_feed_say_what_one_says() -> None:
    """Every post is in all rooms: ownership lets each stretch speak once."""
    parts = [seen(part) for part in split_stream(stream(), n_rooms=5, overlap=1.0, seed=1)]
    held = {
        f"r{i}": {str(s): n for s, n in view.occasions(view.codes(members())).items()} for i, view in enumerate(parts)
    }
    owned = assign_stretches(held)
    shares = [
        share_of(view, view.codes(members()), owned={int(s) for s in owned[f"r{i}"]}) for i, view in enumerate(parts)
    ]
    view = whole()
    alone = share_of(view, view.codes(members()), owned=everything(view))
    assert sum((one.members for one in shares), np.zeros(1)) == pytest.approx(alone.members)
    assert sum((one.group for one in shares), np.zeros(1)) == pytest.approx(alone.group)


def test_what_only_one_followed_is_named_with_it() -> None:
    share: RoomShare = share_of(whole(), whole().codes(members()), owned=everything(whole()))
    assert share.left
    assert set(share.left) == set(share.alone)
    for (member, other), bets in share.left.items():
        assert member != other
        assert np.isfinite(bets).all()
        assert bets.shape == share.members[:, member, 0].shape


def test_candidates_hold_the_planted_group_and_name_what_they_used() -> None:
    view = whole()
    found = find_candidates(view, most=10)
    planted = set(view.codes(members()).tolist())
    alike = [one for one in found if len(planted & set(one.members.tolist())) >= 5]
    assert alike
    for one in found:
        assert one.weights.sum() == pytest.approx(1)
        assert one.used <= set(view.occasions(one.members))
        if one.is_whole:
            assert one.used == set(view.occasions(one.members))
