"""Planted campaigns: known truth inside a simulated stream."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from dideban.arrays import B1, F8, I8
from dideban.errors import ConfigError
from dideban.simulate.background import organic_times
from dideban.simulate.draws import DAY_S, HOUR_S, draw_distinct, generator, rhythm_times
from dideban.simulate.model import Plant
from dideban.simulate.world import Shares, World

POPULAR_SHARE = 0.02
"""An object is popular when it is among this share of all objects by number of shares."""
LIFE_S = 12 * HOUR_S
"""*Any moment* of an object is one of its first hours, so many at most."""
OTHERS_MEDIAN_S = 5_400.0
"""Median delay of the other sharers of an object that a plant brings along."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One campaign as it happened; arrays of operations have one entry per operation."""

    plant: Plant
    name: str
    members: I8
    object: I8
    trigger_s: F8
    is_popular: I8
    shares: Shares
    others: Shares = dataclasses.field(default_factory=lambda: Shares.join([]))
    """Shares by others of the objects that the plant brings along."""


def add_plant(world: World, plant: Plant, *, number: int, crowd: Shares, language: int | None = None) -> Planted:
    """Add one campaign to the world.

    Popular operations take an object that many share and a trigger near a share by somebody else; exclusive ones make
    a new object of an origin that others share from. Members and popular objects are of one language where given.

    Raises
    ------
    ConfigError
        There are too few accounts left, or no shares to hide among.
    """
    rng = generator(world.seed, f"plant {number}")
    members = np.sort(world.take_back(plant.n_accounts, language=language))
    if members.size < plant.n_accounts:
        raise ConfigError("simulate.too-few-accounts", key="plants", number=number, n=plant.n_accounts)
    period = _active(rng, world, plant)
    kind = _kind_codes(world, plant)
    is_popular = _which_are_popular(plant)
    obj, trigger_s = np.zeros(plant.n_operations, np.int64), np.zeros(plant.n_operations)
    popular = np.flatnonzero(is_popular)
    others = Shares.join([])
    if plant.others is None:
        obj[popular], trigger_s[popular] = popular_objects(
            rng, world, crowd, kind=kind[popular], period=period, language=language
        )
    else:
        obj[popular], others = _with_others(rng, world, plant, members, kind=kind[popular], period=period)
        trigger_s[popular] = _near_a_share(rng, others, obj[popular], period=(0.0, world.end_s))
    if plant.moment != "crowd":
        shared = others if plant.others is not None else crowd
        trigger_s[popular] = _moment(rng, world, plant, shared, obj[popular], until_s=period[1])
    exclusive = np.flatnonzero(is_popular == 0)
    obj[exclusive], trigger_s[exclusive] = exclusive_objects(rng, world, members, kind=kind[exclusive], period=period)
    shares = _join_in(rng, plant, members, obj, trigger_s)
    return Planted(
        plant=plant,
        name=f"plant-{number:02d}",
        members=members,
        object=obj,
        trigger_s=trigger_s,
        is_popular=is_popular,
        shares=shares.keep(shares.at_s < world.end_s),
        others=others,
    )


def settle_posts(world: World, planted: Planted, *, shares: Shares, alone: Shares) -> tuple[Shares, Shares]:
    """Give the members of a plant the number of posts it asks for, joint ones included.

    Shares of their own are left out at random where there are too many; posts that share nothing fill up the rest.
    """
    rate = planted.plant.posts_per_day
    if rate is None:
        return shares, alone
    rng = generator(world.seed, f"posts of {planted.name}")
    members = planted.members
    joint = np.bincount(np.searchsorted(members, planted.shares.account), minlength=members.size)
    room = np.maximum(np.round(rate * world.days).astype(np.int64) - joint, 0)
    kept = _at_most(rng, shares, members, room // 2)
    shares = shares.keep(kept)
    left = room - np.bincount(_places(shares, members), minlength=members.size)
    account = np.repeat(members, left)
    at_s = rhythm_times(rng, offset_s=world.zone_s[account], days=world.days)
    plain = Shares(account=account, object=np.full(account.size, -1), at_s=at_s)
    return shares, Shares.join([alone.keep(~np.isin(alone.account, members)), plain])


def _places(shares: Shares, members: I8) -> I8:
    """Return the position among the members of everybody who is one."""
    account = shares.account[np.isin(shares.account, members)]
    return np.asarray(np.searchsorted(members, account), np.int64)


def _at_most(rng: np.random.Generator, shares: Shares, members: I8, most: I8) -> B1:
    """Return which shares stay when each member keeps at most so many."""
    mine = np.flatnonzero(np.isin(shares.account, members))
    order = mine[np.lexsort((rng.random(mine.size), shares.account[mine]))]
    place = np.searchsorted(members, shares.account[order])
    first = np.searchsorted(place, np.arange(members.size))
    kept = np.ones(len(shares), np.bool_)
    kept[order[np.arange(order.size) - first[place] >= most[place]]] = False
    return kept


def _with_others(
    rng: np.random.Generator,
    world: World,
    plant: Plant,
    members: I8,
    *,
    kind: I8,
    period: tuple[float, float],
) -> tuple[I8, Shares]:
    """Make new objects, born while the plant is active, and let as many other accounts share each in their own time."""
    start_s, stop_s = period
    born_s = start_s + rng.random(kind.size) * max(stop_s - start_s, 1.0)
    origin = rng.integers(0, max(world.objects.n_origins, 1), kind.size)
    world.objects.n_origins = max(world.objects.n_origins, 1)
    home = np.full(kind.size, world.community[members[0]])
    codes = world.objects.add(born_s, origin=origin, kind=kind, home=home)
    weights = world.activity.copy()
    weights[members] = 0.0
    who = [draw_distinct(rng, weights, plant.others or 0) for _ in codes]
    account = np.concatenate([*who, np.zeros(0, np.int64)])
    code = np.repeat(codes, [one.size for one in who])
    at_s = organic_times(
        rng,
        world.objects.birth_s[code],
        median_s=np.full(code.size, OTHERS_MEDIAN_S),
        zone_s=world.zone_s[account],
        end_s=world.end_s,
    )
    return codes, Shares(account=account, object=code, at_s=at_s)


def _moment(rng: np.random.Generator, world: World, plant: Plant, shared: Shares, obj: I8, *, until_s: float) -> F8:
    """Return a trigger at birth, or at any moment of the life of each object."""
    born_s = world.objects.birth_s[obj]
    if plant.moment == "first":
        return born_s
    last_s = born_s.copy()
    place = np.full(world.objects.birth_s.size, -1)
    place[obj] = np.arange(obj.size)
    rows = np.flatnonzero(place[shared.object] >= 0)
    np.maximum.at(last_s, place[shared.object[rows]], shared.at_s[rows])
    stop_s = np.minimum(np.minimum(last_s, born_s + LIFE_S), np.maximum(until_s, born_s))
    return np.asarray(born_s + rng.random(obj.size) * (stop_s - born_s))


def _active(rng: np.random.Generator, world: World, plant: Plant) -> tuple[float, float]:
    last_s = max(world.end_s - plant.jitter_s - 1.0, 0.0)
    length = min(world.end_s if plant.days is None else plant.days * DAY_S, last_s)
    start = rng.uniform(0.0, last_s - length)
    return start, start + length


def _kind_codes(world: World, plant: Plant) -> I8:
    missing = [kind for kind in plant.kinds if kind not in world.objects.kinds]
    if missing:
        raise ConfigError("simulate.no-such-kind", key="plant.kinds", value=missing[0])
    codes = [world.objects.kinds.index(kind) for kind in plant.kinds]
    return np.resize(np.array(codes, np.int64), plant.n_operations)


def _which_are_popular(plant: Plant) -> I8:
    """Return 1 for operations on popular objects; half of them, spread evenly over the kinds, where mixed."""
    turn = np.arange(plant.n_operations) // len(plant.kinds)
    flags = {"popular": np.ones_like(turn), "exclusive": np.zeros_like(turn), "mixed": turn % 2}
    return flags[plant.where].astype(np.int64)


def popular_objects(
    rng: np.random.Generator,
    world: World,
    crowd: Shares,
    *,
    kind: I8,
    period: tuple[float, float],
    language: int | None,
) -> tuple[I8, F8]:
    """Pick a different popular object per operation, and a trigger within 5 minutes of one of its ordinary shares."""
    start_s, stop_s = period
    if kind.size == 0:
        return np.zeros(0, np.int64), np.zeros(0)
    counts = np.bincount(crowd.object, minlength=world.objects.birth_s.size)
    active = np.zeros(counts.size, np.bool_)
    active[crowd.object[(crowd.at_s >= start_s) & (crowd.at_s < stop_s)]] = True
    if language is not None:
        active &= world.home_language[world.objects.home] == language
    chosen = np.zeros(kind.size, np.int64)
    for code in np.unique(kind):
        rows = np.flatnonzero(kind == code)
        candidates = np.flatnonzero(active & (world.objects.kind == code))
        if candidates.size < rows.size:
            raise ConfigError("simulate.too-few-objects", key="plants")
        best = candidates[np.argsort(-counts[candidates], kind="stable")]
        pool = best[: max(rows.size, int(np.ceil(POPULAR_SHARE * np.sum(world.objects.kind == code))))]
        chosen[rows] = rng.permutation(pool)[: rows.size]
    trigger_s = _near_a_share(rng, crowd, chosen, period=period)
    return chosen, np.maximum(trigger_s, world.objects.birth_s[chosen])


def _near_a_share(rng: np.random.Generator, crowd: Shares, chosen: I8, *, period: tuple[float, float]) -> F8:
    start_s, stop_s = period
    trigger_s = np.zeros(chosen.size)
    for row, code in enumerate(chosen):
        times = np.sort(crowd.at_s[crowd.object == code])
        times = times[(times >= start_s) & (times < stop_s)]
        trigger_s[row] = np.clip(rng.choice(times) + rng.uniform(-300.0, 300.0), start_s, stop_s)
    return trigger_s


def exclusive_objects(
    rng: np.random.Generator, world: World, members: I8, *, kind: I8, period: tuple[float, float]
) -> tuple[I8, F8]:
    """Make new objects from existing origins, born up to ten minutes before their trigger, at hours people are up."""
    start_s, stop_s = period
    offset_s = np.full(kind.size, np.median(world.zone_s[members]))
    at = rhythm_times(rng, offset_s=offset_s, days=world.days)
    trigger_s = start_s + np.mod(at, max(stop_s - start_s, 1.0))
    birth_s = np.maximum(trigger_s - rng.uniform(0.0, 600.0, kind.size), 0.0)
    origin = rng.integers(0, max(world.objects.n_origins, 1), kind.size)
    world.objects.n_origins = max(world.objects.n_origins, 1)
    home = np.full(kind.size, world.community[members[0]])
    return world.objects.add(birth_s, origin=origin, kind=kind, home=home), trigger_s


def _join_in(rng: np.random.Generator, plant: Plant, members: I8, obj: I8, trigger_s: F8) -> Shares:
    which, who = np.nonzero(rng.random((obj.size, members.size)) < plant.participation)
    at_s = trigger_s[which] + rng.random(which.size) * plant.jitter_s
    if plant.lag_s is not None:
        turn = rng.permutation(members.size)[who]
        order = np.lexsort((turn, which))
        first = np.searchsorted(which[order], which[order])
        at_s[order] = trigger_s[which[order]] + (np.arange(order.size) - first) * plant.lag_s
    return Shares(account=members[who], object=obj[which], at_s=at_s)
