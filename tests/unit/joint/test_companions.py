"""Who is proposed beside a group: whoever was near two of it where that is rare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from dideban.joint.companions import LEAST_RARITY, find_companions
from dideban.joint.propose import MAX_MEMBERS, find_candidates
from dideban.joint.view import Cutting, RoomView, look
from dideban.schema import TRACES

CUTTING = Cutting(scales_s=(60.0,), seed=7)
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
GROUP = ["a", "b", "c"]
APART_S = 240


def view(*rows: tuple[str, str, float]) -> RoomView:
    """A room that saw these shares (account, object, seconds), among thirty others of each object, minutes apart."""
    objects = sorted({one for _, one, _ in rows})
    others = [(f"o{i:02d}", one, 700.0 + APART_S * i) for one in objects for i in range(30)]
    shares = sorted([*rows, *others])
    return look(
        TRACES.check(
            pl.DataFrame(
                {
                    "account_id": [account for account, _, _ in shares],
                    "object_kind": ["link"] * len(shares),
                    "object_id": [one for _, one, _ in shares],
                    "post_id": [f"x/{i}" for i in range(len(shares))],
                    "created_at": [START + timedelta(days=int(one[1:]), seconds=s) for _, one, s in shares],
                },
                schema=dict(TRACES.empty().schema),
            )
        ),
        cutting=CUTTING,
    )


def names(of: RoomView, found: np.ndarray) -> list[str]:
    return of.accounts.gather(found).to_list()


TWICE = [(account, one, 1_000.0 + 10 * i) for one in ("o1", "o2") for i, account in enumerate(GROUP)]
"""Three accounts, twice within twenty seconds."""


def test_who_was_near_two_members_once_is_a_companion() -> None:
    room = view(
        *TWICE, ("d", "o1", 1_025.0), ("e", "o2", 1_005.0), ("late", "o1", 5_000.0), ("elsewhere", "o3", 1_005.0)
    )
    assert names(room, find_companions(room, room.codes(GROUP), most=9)) == ["d", "e"]


def test_who_was_near_one_member_alone_is_none() -> None:
    spread = [("a", "o1", 1_000.0), ("b", "o1", 1_050.0), ("c", "o1", 1_100.0)]
    room = view(*spread, ("near-two", "o1", 1_075.0), ("near-one", "o1", 1_155.0))
    assert names(room, find_companions(room, room.codes(GROUP), most=9)) == ["near-two"]


def test_where_everybody_is_near_nobody_is_a_companion() -> None:
    crowd = [(f"p{i:02d}", "o1", 1_000.0 + 3 * i) for i in range(40)]
    room = view(*TWICE[:3], *crowd)
    block = room.strata[0].blocks
    assert -np.log(block.near_share.max()) < LEAST_RARITY
    assert len(find_companions(room, room.codes(GROUP), most=9)) == 0


def test_the_rarest_come_first_and_ties_go_by_code() -> None:
    room = view(*TWICE, ("z", "o1", 1_025.0), ("d", "o1", 1_025.0), ("both", "o1", 1_030.0), ("both", "o2", 1_030.0))
    codes = room.codes(GROUP)
    assert names(room, find_companions(room, codes, most=1)) == ["both"]
    assert names(room, find_companions(room, codes, most=2)) == ["both", "d"]
    assert len(find_companions(room, codes, most=0)) == 0


def test_what_the_whole_proposes_holds_companions_and_uses_their_stretches_too() -> None:
    room = view(*TWICE, ("d", "o1", 1_025.0), ("e", "o2", 1_005.0), ("d", "o3", 1_000.0), ("e", "o3", 1_010.0))
    whole = [one for one in find_candidates(room, most=40) if one.is_whole]
    grown = next(one for one in whole if {"a", "b", "c", "d", "e"} <= set(names(room, one.members)))
    for one in whole:
        assert one.used == set(room.occasions(one.members))
        assert len(one.members) <= MAX_MEMBERS
    beside_o3 = set(room.occasions(room.codes(["d", "e"]))) - set(room.occasions(room.codes(GROUP)))
    assert beside_o3
    assert beside_o3 <= grown.used
