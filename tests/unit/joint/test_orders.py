"""In which order members act together, told room by room: who was accused by others is not named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools

import numpy as np
import polars as pl
import pytest

from dideban.joint.bodies import read_reply, reply_body
from dideban.joint.claims import HeardGroup, claim_jointly
from dideban.joint.evidence import N_GROUP_NULLS, N_HITS, N_NULLS, RoomShare, share_of
from dideban.joint.orders import MOST_ORDERS, Order, orders_of, placed_by
from dideban.joint.rehearsal import hear_all
from dideban.joint.view import Cutting, RoomView, look
from dideban.proof.placement import N_BETS
from dideban.schema import TRACES
from dideban.simulate import make_stream

BEGIN = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
HOUR = 3600.0


def traces(*rows: tuple[str, str, float]) -> pl.DataFrame:
    """(account, link, seconds) of each share."""
    return pl.DataFrame(
        {
            "account_id": [one[0] for one in rows], "object_kind": ["link"] * len(rows),
            "object_id": [one[1] for one in rows], "post_id": [f"x/{i}" for i in range(len(rows))],
            "created_at": [BEGIN + dt.timedelta(seconds=one[2]) for one in rows],
        },
        schema=TRACES.dtypes,
    )  # fmt: skip


def seen(table: pl.DataFrame, *, seed: int = 3) -> RoomView:
    return look(table, cutting=Cutting(seed=seed))


def told(view: RoomView, names: list[str], *, hours: tuple[float, float] = (0, 24)) -> tuple[Order, ...]:
    codes = view.codes(names)
    order = np.argsort(codes)
    begin = BEGIN.timestamp()
    some = {int((begin + HOUR * h) // view.cutting.stretch_s) for h in np.arange(*hours, 0.5)}
    return orders_of(view, codes[order], positions=order, stretches=some)[0]


TABLE = traces(
    ("c", "one", 10), ("a", "one", 15), ("b", "one", 15), ("z", "one", 16),
    ("b", "two", 5 * HOUR), ("c", "two", 5 * HOUR + 8), ("z", "two", 5 * HOUR + 9),
    ("a", "three", 9 * HOUR), ("z", "three", 9 * HOUR + 1),
    ("c", "four", 13 * HOUR + 5), ("a", "four", 13 * HOUR), ("z", "four", 14 * HOUR),
)  # fmt: skip


def test_acts_are_told_by_who_came_before_whom_and_never_when() -> None:
    """The third link has one member only; accounts of one instant stand together; others are left out."""
    assert told(seen(TABLE), ["a", "b", "c"]) == (((0,), (2,)), ((1,), (2,)), ((2,), (0, 1)))
    assert told(seen(TABLE), ["c", "a", "b"]) == (((0,), (1, 2)), ((1,), (0,)), ((2,), (0,)))


def test_each_act_is_told_by_the_room_whose_stretch_it_began_in() -> None:
    whole = told(seen(TABLE), ["a", "b", "c"])
    parts = [told(seen(TABLE), ["a", "b", "c"], hours=some) for some in ((0, 4), (4, 12), (12, 24))]
    assert [len(one) for one in parts] == [1, 1, 1]
    assert tuple(sorted(sum(parts, ()))) == whole


def test_no_more_is_told_than_a_message_holds() -> None:
    n = MOST_ORDERS + 50
    rows = [(name, f"link-{i}", 900.0 * i + s) for i in range(n) for s, name in enumerate("ab")]
    view = seen(traces(*rows, ("c", "link-0", 2.0)))
    found = told(view, ["a", "b", "c"], hours=(0, n / 4 + 1))
    assert len(found) == MOST_ORDERS
    assert ((0,), (1,), (2,)) in found, "the earliest are told"


def test_a_message_holds_the_orders_and_gives_them_back() -> None:
    view = seen(TABLE)
    share = share_of(view, view.codes(["a", "b", "c"]), owned={int(BEGIN.timestamp() // view.cutting.stretch_s)})
    body = reply_body(share)
    again = read_reply(body, n_members=3, n_strata=len(view.cutting.strata), n_kinds=1)
    assert again is not None
    assert again.orders == share.orders == ((((2,), (0, 1)),),)
    before = reply_body(share, with_orders=False)
    old = read_reply(before, n_members=3, n_strata=len(view.cutting.strata))
    assert old is not None
    assert old.orders == ()


def strong(orders: tuple[Order, ...]) -> RoomShare:
    """A room with the same strong evidence for each of five members."""
    return RoomShare(
        group=np.full((1, N_GROUP_NULLS, N_BETS), 9.0), members=np.full((1, 5, N_NULLS, N_HITS), 9.0), left={},
        alone={}, orders=(orders,),
    )  # fmt: skip


def named(shares: list[tuple[Order, ...]]) -> tuple[int, ...]:
    heard = HeardGroup(
        proposal="p", proposer="r0", names=tuple("abcde"), weights=np.ones(1),
        shares={f"r{i}": strong(one) for i, one in enumerate(shares)},
    )  # fmt: skip
    return tuple("abcde".index(name) for one in claim_jointly([heard], fdr=0.05, n_rooms=5) for name in one.named)


def shuffled(rng: np.random.Generator, n: int, *, last: int | None) -> tuple[Order, ...]:
    """Acts of three or four members in any order; one member after all others, or nowhere apart."""
    acts = []
    for _ in range(n):
        some = rng.permutation([i for i in range(5) if i != last])[:3].tolist()
        acts.append(tuple((one,) for one in [*some, *([] if last is None else [last])]))
    return tuple(sorted(acts))


def test_members_in_any_order_are_named() -> None:
    rng = np.random.default_rng(1)
    assert named([shuffled(rng, 12, last=None) for _ in range(5)]) == (0, 1, 2, 3, 4)


def test_an_account_that_others_run_ahead_of_is_not_named_though_no_room_sees_enough() -> None:
    rng = np.random.default_rng(2)
    some = [shuffled(rng, 2, last=4) for _ in range(5)]
    assert not any(placed_by([(one,)], np.arange(5)).any() for one in some)
    assert named(some) == (0, 1, 2, 3)


def test_a_room_that_hides_or_invents_orders_accuses_nobody() -> None:
    rng = np.random.default_rng(3)
    some = [shuffled(rng, 4, last=4) for _ in range(5)]
    invented = tuple(tuple((one,) for one in rng.permutation(5).tolist()) for _ in range(1_500))
    for lie in ((), invented):
        for liar in range(5):
            assert 4 not in named([lie if i == liar else one for i, one in enumerate(some)])


def test_orders_are_looked_at_again_among_those_who_are_left() -> None:
    """Attackers run ahead of 3, who often runs ahead of 4: only without 4 does 3 come after others alone."""
    rng = np.random.default_rng(4)
    ahead = [tuple((one,) for one in [*rng.permutation(3).tolist(), 3]) for _ in range(4)]
    among = [tuple((one,) for one in rng.permutation(3).tolist()) for _ in range(10)]
    acts = [*ahead, *[((3,), (4,))] * 6, *among]
    assert placed_by([(tuple(acts),)], np.arange(5)).tolist() == [False, False, False, False, True]
    assert named([tuple(sorted(acts[i::5])) for i in range(5)]) == (0, 1, 2)


@functools.cache
def accused() -> tuple[pl.DataFrame, list[str], str]:
    """A crowd, and three accounts that post seconds before one of it wherever that one shares what is popular."""
    rng = np.random.default_rng(8)
    crowd = make_stream(seed=31, n_accounts=400, n_shares=8_000, crowds=()).traces
    shared = crowd.group_by("object_id").agg(at="created_at").filter(pl.col("at").list.len() >= 12).sort("object_id")
    attackers, rows = ["x1", "x2", "x3"], []
    for link, times in shared.sample(90, seed=8).iter_rows():
        at = (sorted(times)[len(times) // 2] - BEGIN).total_seconds() + rng.uniform(20, 60)
        rows.append(("victim", link, at))
        rows += [(one, link, at - rng.uniform(1, 6)) for one in attackers if rng.random() < 0.9]
    return pl.concat([crowd, traces(*rows)]), attackers, "victim"


def heard_of(table: pl.DataFrame, *, n_rooms: int) -> list[HeardGroup]:
    home = pl.col("object_id").hash(seed=5) % n_rooms
    return hear_all({f"room {i}": seen(table.filter(home == i)) for i in range(n_rooms)}, most=10)


@pytest.mark.parametrize("n_rooms", [3, 5])
def test_attackers_who_run_ahead_are_named_and_whom_they_accuse_is_not(n_rooms: int) -> None:
    table, attackers, victim = accused()
    heard = heard_of(table, n_rooms=n_rooms)
    found = {name for one in claim_jointly(heard, fdr=0.05, n_rooms=n_rooms) for name in one.named}
    assert found == set(attackers)
    silent = [
        dataclasses.replace(
            one, shares={room: dataclasses.replace(share, orders=()) for room, share in one.shares.items()}
        )
        for one in heard
    ]
    before = {name for one in claim_jointly(silent, fdr=0.05, n_rooms=n_rooms) for name in one.named}
    assert victim in before, "the evidence alone names it"
