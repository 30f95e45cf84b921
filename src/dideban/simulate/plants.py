"""Planted campaigns: known truth inside a simulated stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dideban.errors import ConfigError
from dideban.simulate.draws import DAY_S, Floats, Ints, generator, rhythm_times
from dideban.simulate.model import Plant
from dideban.simulate.world import Shares, World

POPULAR_SHARE = 0.02
"""An object is popular when it is among this share of all objects by number of shares."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One campaign as it happened; arrays of operations have one entry per operation."""

    plant: Plant
    name: str
    members: Ints
    object: Ints
    trigger_s: Floats
    is_popular: Ints
    shares: Shares


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
    obj[popular], trigger_s[popular] = popular_objects(
        rng, world, crowd, kind=kind[popular], period=period, language=language
    )
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
        shares=shares,
    )


def _active(rng: np.random.Generator, world: World, plant: Plant) -> tuple[float, float]:
    last_s = max(world.end_s - plant.jitter_s - 1.0, 0.0)
    length = min(world.end_s if plant.days is None else plant.days * DAY_S, last_s)
    start = rng.uniform(0.0, last_s - length)
    return start, start + length


def _kind_codes(world: World, plant: Plant) -> Ints:
    missing = [kind for kind in plant.kinds if kind not in world.objects.kinds]
    if missing:
        raise ConfigError("simulate.no-such-kind", key="plant.kinds", value=missing[0])
    codes = [world.objects.kinds.index(kind) for kind in plant.kinds]
    return np.resize(np.array(codes, np.int64), plant.n_operations)


def _which_are_popular(plant: Plant) -> Ints:
    """Return 1 for operations on popular objects; half of them, spread evenly over the kinds, where mixed."""
    turn = np.arange(plant.n_operations) // len(plant.kinds)
    flags = {"popular": np.ones_like(turn), "exclusive": np.zeros_like(turn), "mixed": turn % 2}
    return flags[plant.where].astype(np.int64)


def popular_objects(
    rng: np.random.Generator,
    world: World,
    crowd: Shares,
    *,
    kind: Ints,
    period: tuple[float, float],
    language: int | None,
) -> tuple[Ints, Floats]:
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


def _near_a_share(rng: np.random.Generator, crowd: Shares, chosen: Ints, *, period: tuple[float, float]) -> Floats:
    start_s, stop_s = period
    trigger_s = np.zeros(chosen.size)
    for row, code in enumerate(chosen):
        times = np.sort(crowd.at_s[crowd.object == code])
        times = times[(times >= start_s) & (times < stop_s)]
        trigger_s[row] = np.clip(rng.choice(times) + rng.uniform(-300.0, 300.0), start_s, stop_s)
    return trigger_s


def exclusive_objects(
    rng: np.random.Generator, world: World, members: Ints, *, kind: Ints, period: tuple[float, float]
) -> tuple[Ints, Floats]:
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


def _join_in(rng: np.random.Generator, plant: Plant, members: Ints, obj: Ints, trigger_s: Floats) -> Shares:
    which, who = np.nonzero(rng.random((obj.size, members.size)) < plant.participation)
    at_s = trigger_s[which] + rng.random(which.size) * plant.jitter_s
    return Shares(account=members[who], object=obj[which], at_s=at_s)
