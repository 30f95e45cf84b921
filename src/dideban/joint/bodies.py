"""What messages say, checked field by field: nothing of another size, sign or kind gets in."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from dideban.arrays import F8
from dideban.errors import InputError
from dideban.joint.evidence import N_GROUP_NULLS, N_HITS, N_NULLS, RoomShare
from dideban.joint.names import NAME_CHARS
from dideban.joint.orders import MOST_ORDERS, Order, Orders
from dideban.joint.propose import MAX_MEMBERS, MIN_MEMBERS
from dideban.proof.blocks import MAX_SLOTS
from dideban.proof.placement import N_BETS

NAME = re.compile(rf"[0-9a-f]{{{NAME_CHARS}}}", re.ASCII)
MOST_STRETCHES = 3_000
MOST_LOG = 10_000.0
"""No room says more, whatever it holds."""
DECIMALS = 3


@dataclass(frozen=True, kw_only=True)
class ProposalBody:
    """A group that a room asks the others about."""

    names: tuple[str, ...]
    weights: F8
    used: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class HoldingBody:
    """In which stretches a room saw members of a group together; None = too few."""

    stretches: dict[str, tuple[int, int]] | None


def proposal_body(*, names: tuple[str, ...], weights: F8, used: frozenset[str]) -> dict[str, Any]:
    """Write a proposal."""
    return {"names": list(names), "weights": [float(one) for one in weights], "used": sorted(used)}


def read_proposal(body: dict[str, Any], *, n_strata: int) -> ProposalBody:
    """Read a proposal: 3 to 80 different names in order, and weights that add up to one."""
    _fields(body, "names", "weights", "used")
    names, used = _names(body["names"], most=MAX_MEMBERS), _names(body["used"], most=MOST_STRETCHES)
    if len(names) < MIN_MEMBERS:
        raise InputError("joint.bad-body", field="names")
    weights = _floats(body["weights"], (n_strata,), field="weights")
    if (weights < 0).any() or not 0.999 < weights.sum() < 1.001:
        raise InputError("joint.bad-body", field="weights")
    return ProposalBody(names=names, weights=weights / weights.sum(), used=frozenset(used))


def holding_body(stretches: dict[str, tuple[int, int]] | None) -> dict[str, Any]:
    """Write where a room saw members together; None = too few."""
    return {"stretches": None if stretches is None else {key: list(one) for key, one in sorted(stretches.items())}}


def read_holding(body: dict[str, Any], *, n_members: int) -> HoldingBody:
    """Read where a room saw members together: no more than the group has, in no more slots than a block has."""
    _fields(body, "stretches")
    if body["stretches"] is None:
        return HoldingBody(stretches=None)
    if not isinstance(body["stretches"], dict) or len(body["stretches"]) > MOST_STRETCHES:
        raise InputError("joint.bad-body", field="stretches")
    found = {}
    for key, counts in body["stretches"].items():
        whole = isinstance(counts, list) and len(counts) == 2 and all(type(one) is int for one in counts)
        if not whole or not NAME.fullmatch(key):
            raise InputError("joint.bad-body", field="stretches")
        if not (2 <= counts[0] <= n_members and counts[0] < counts[1] <= MAX_SLOTS):
            raise InputError("joint.bad-body", field="stretches")
        found[key] = (counts[0], counts[1])
    return HoldingBody(stretches=found)


def reply_body(share: RoomShare | None, *, with_orders: bool = True) -> dict[str, Any]:
    """Write what a room says of a group; None = too few. Rounded down: never more than was computed.

    Parameters
    ----------
    with_orders : bool
        Whether the charter asks for them (:attr:`Charter.has_orders`).
    """
    if share is None:
        return {"said": None}
    left = [
        [member, other, share.alone[member, other], _down(bets)] for (member, other), bets in sorted(share.left.items())
    ]
    said: dict[str, Any] = {"group": _down(share.group), "members": _down(share.members), "left": left}
    if with_orders:
        said["orders"] = [[[list(some) for some in act] for act in kind] for kind in share.orders]
    return {"said": said}


def read_reply(body: dict[str, Any], *, n_members: int, n_strata: int, n_kinds: int | None = None) -> RoomShare | None:
    """Read what a room says of a group.

    Parameters
    ----------
    n_kinds : count
        Kinds of objects whose orders are told; None = the charter asks for none.
    """
    _fields(body, "said")
    if body["said"] is None:
        return None
    said = body["said"]
    if not isinstance(said, dict):
        raise InputError("joint.bad-body", field="said")
    _fields(said, "group", "members", "left", *([] if n_kinds is None else ["orders"]))
    share = RoomShare(
        group=_floats(said["group"], (n_strata, N_GROUP_NULLS, N_BETS), field="group"),
        members=_floats(said["members"], (n_strata, n_members, N_NULLS, N_HITS), field="members"),
        left={},
        alone={},
        orders=() if n_kinds is None else _read_orders(said["orders"], n_members=n_members, n_kinds=n_kinds),
    )
    if not isinstance(said["left"], list) or len(said["left"]) > n_members * (n_members - 1):
        raise InputError("joint.bad-body", field="left")
    for one in said["left"]:
        _read_left(one, share, n_members=n_members, n_strata=n_strata)
    return share


def _read_left(one: Any, share: RoomShare, *, n_members: int, n_strata: int) -> None:
    if not isinstance(one, list) or len(one) != 4 or not all(type(part) is int for part in one[:3]):
        raise InputError("joint.bad-body", field="left")
    member, other, n = one[:3]
    good = 0 <= member < n_members and 0 <= other < n_members and member != other and 1 <= n <= 1_000_000
    if not good or (member, other) in share.left:
        raise InputError("joint.bad-body", field="left")
    share.left[member, other] = _floats(one[3], (n_strata, N_HITS), field="left")
    share.alone[member, other] = n


def _read_orders(value: Any, *, n_members: int, n_kinds: int) -> Orders:
    """Read who came before whom: every member at most once in an act, two of them at least."""
    is_whole = isinstance(value, list) and len(value) == n_kinds and all(isinstance(kind, list) for kind in value)
    if not is_whole or sum(map(len, value)) > MOST_ORDERS:
        raise InputError("joint.bad-body", field="orders")
    return tuple(tuple(_read_order(act, n_members=n_members) for act in kind) for kind in value)


def _read_order(act: Any, *, n_members: int) -> Order:
    if not isinstance(act, list) or not all(isinstance(some, list) and some for some in act):
        raise InputError("joint.bad-body", field="orders")
    members = [one for some in act for one in some]
    known = all(type(one) is int and 0 <= one < n_members for one in members)
    if not known or not 2 <= len(members) == len(set(members)):
        raise InputError("joint.bad-body", field="orders")
    return tuple(tuple(sorted(some)) for some in act)


def capped(share: RoomShare, owned: list[tuple[int, int]]) -> RoomShare:
    """Return what a room says, and no more than the stretches that it owns could say at best.

    Parameters
    ----------
    owned : (most members together, most slots) of each stretch

    Notes
    -----
    The bet on one placement of m members in s slots wins at most the number of placements, which is below s ** m; that
    on one member at most s, in each of the sixteen sittings of fifteen minutes that a stretch of four hours can hold.
    """
    group = sum(m * math.log(s) for m, s in owned)
    member = sum(16 * math.log(s) for _, s in owned)
    return RoomShare(
        group=np.minimum(share.group, group),
        members=np.minimum(share.members, member),
        left={key: np.minimum(bets, member) for key, bets in share.left.items()},
        alone=share.alone,
        orders=share.orders,
    )


def _down(values: F8) -> Any:
    return (np.floor(np.clip(values, -MOST_LOG, MOST_LOG) * 10**DECIMALS) / 10**DECIMALS).tolist()


def _fields(body: dict[str, Any], *names: str) -> None:
    if set(body) != set(names):
        raise InputError("joint.bad-body", field=", ".join(sorted(set(body) ^ set(names))[:5])[:100])


def _names(value: Any, *, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most or not all(isinstance(one, str) for one in value):
        raise InputError("joint.bad-body", field="names")
    if not all(NAME.fullmatch(one) for one in value) or sorted(set(value)) != value:
        raise InputError("joint.bad-body", field="names")
    return tuple(value)


def _floats(value: Any, shape: tuple[int, ...], *, field: str) -> F8:
    """Read numbers in lists of lists of exactly this shape, each finite and within MOST_LOG."""
    flat: list[float] = []
    _flatten(value, shape, flat, field=field)
    array = np.array(flat, np.float64).reshape(shape)
    if not np.isfinite(array).all() or (np.abs(array) > MOST_LOG).any():
        raise InputError("joint.bad-body", field=field)
    return array


def _flatten(value: Any, shape: tuple[int, ...], flat: list[float], *, field: str) -> None:
    if not shape:
        if type(value) not in (int, float):
            raise InputError("joint.bad-body", field=field)
        flat.append(float(max(min(value, 2 * MOST_LOG), -2 * MOST_LOG)))
        return
    if not isinstance(value, list) or len(value) != shape[0]:
        raise InputError("joint.bad-body", field=field)
    for one in value:
        _flatten(one, shape[1:], flat, field=field)
