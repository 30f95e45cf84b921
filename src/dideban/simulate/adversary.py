"""Adversaries that know the method: what a campaign can do to stay unseen, and the reach it gives up for it.

Each adversary changes the shares of one planted campaign by a strength from 0 (nothing) to 1. Reach is measured after
the fact, from the shares themselves. For every operation,

    visibility = max over its objects and windows of  m * m / (m + c)

where m counts shares by members and c shares by others of the object within ``window_s`` seconds: many shares of one
thing at once, times the members' share of voice. ``reach_kept`` is the sum over operations, relative to the same
campaign without disguise. ``extra_posts`` is what the disguise costs in posts instead.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dideban.arrays import B1, F8, I8
from dideban.simulate.crowds_clocks import to_marks
from dideban.simulate.draws import generator
from dideban.simulate.model import ALL_CROWDS, Plant, Stream, check_kinds, require
from dideban.simulate.plants import Planted, add_plant, exclusive_objects, popular_objects
from dideban.simulate.stream import OWN_POSTS, check_world, populate, to_stream, with_others, with_plants
from dideban.simulate.world import Shares, World, make_world

MAX_DELAY_S = 7_200.0
"""Longest delay at strength 1, seconds."""
LEAST_SUBSET = 0.1
"""Share of the members that takes part in an operation at strength 1."""
COVER_PER_OPERATION = 10.0
"""Shares of popular objects that a member adds per operation at strength 1."""
CHAFF = 10
"""Innocent accounts that the members copy to draw them into the group."""
CHAFF_PER_OPERATION = 3.0
"""Copies of posts of theirs that a member adds per operation at strength 1, each within `CHAFF_LAG_S`."""
CHAFF_LAG_S = 5.0
MAX_LAG_S = 120.0
"""Seconds from one member to the next at strength 1, always the same."""
MAX_CLOCK_S = 1_800.0
"""Seconds between the marks at which members post at strength 1, whatever they post."""
CELL_SIZE = 3
"""Members of a cell at strength 1, where cells are redrawn for every operation."""
LEAST_WINDOW_S = 60.0
"""Reach counts shares within the jitter, or within this many seconds where that is longer."""


@dataclass(frozen=True, kw_only=True)
class Adversarial:
    """A stream with disguised campaigns and the price of the disguise.

    ``reach_kept`` is 0..1 (more than 1 never happens by design, and hardly by chance); ``extra_posts`` is posts added
    per post of the campaign without disguise. Both are means over the campaigns.
    """

    stream: Stream
    adversary: str
    strength: float
    window_s: float
    reach_kept: float
    extra_posts: float


@dataclass(frozen=True, kw_only=True)
class Moves:
    """A campaign's shares with the operation that each belongs to; -1 = cover."""

    operation: I8
    shares: Shares

    def keep(self, rows: I8 | B1) -> Moves:
        """Return some of the shares."""
        return Moves(operation=self.operation[rows], shares=self.shares.keep(rows))

    def at(self, at_s: F8) -> Moves:
        """Return the same shares at other times."""
        return dataclasses.replace(self, shares=dataclasses.replace(self.shares, at_s=at_s))

    def of(self, obj: I8) -> Moves:
        """Return shares of other objects, otherwise the same."""
        return dataclasses.replace(self, shares=dataclasses.replace(self.shares, object=obj))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What an adversary can see and use."""

    rng: np.random.Generator
    world: World
    crowd: Shares
    planted: Planted
    strength: float

    @property
    def period(self) -> tuple[float, float]:
        """The stretch in which new operations may be placed."""
        return 0.0, max(self.world.end_s - self.planted.plant.jitter_s - 1.0, 0.0)


def make_adversarial_stream(
    *,
    seed: int,
    adversary: str,
    strength: float,
    plant: Plant,
    copies: int = 1,
    n_accounts: int = 6_000,
    n_shares: int = 115_000,
    days: float = 14,
    crowds: Sequence[str] = ALL_CROWDS,
    kinds: Sequence[str] = ("link",),
    window_s: float | None = None,
    own_posts: float = OWN_POSTS,
) -> Adversarial:
    """Simulate a stream in which a campaign tries not to be found.

    Parameters
    ----------
    seed : int, >= 0
        Same arguments, same bytes; streams that differ in adversary or strength alone share their background.
    adversary : name from ADVERSARIES
        See docs/methods/simulation.md.
    strength : 0..1
        How far the adversary goes; 0 = no disguise.
    plant : Plant
        The campaign. ``hide`` starts from the same campaign with objects of its own.
    copies : count, >= 1
        Campaigns of this kind in the stream, each with other members.
    window_s : seconds, > 0
        Window in which shares count for reach; None = the longer of the jitter and 60 s.
    own_posts : ratio, 0..100
        Posts that share nothing, per share.

    Returns
    -------
    Adversarial
        The stream and what the disguise cost.

    Raises
    ------
    ConfigError
        An argument is out of range or an adversary is unknown.
    """
    check_world(seed=seed, n_accounts=n_accounts, n_shares=n_shares, days=days, crowds=crowds)
    check_kinds(kinds, key="kinds")
    require(adversary in ADVERSARIES, "adversary", adversary, "one-of", allowed=list(ADVERSARIES))
    require(0 <= strength <= 1, "strength", strength, "within", least=0, most=1)
    require(1 <= copies <= 1000, "copies", copies, "within", least=1, most=1000)
    require(window_s is None or window_s > 0, "window_s", window_s, "above", least=0)
    within_s = max(LEAST_WINDOW_S, plant.jitter_s) if window_s is None else window_s
    plant = dataclasses.replace(plant, where="exclusive") if adversary == "hide" else plant
    world = make_world(seed=seed, n_accounts=n_accounts, days=float(days), kinds=tuple(kinds))
    crowd, alone, groups = populate(world, n_shares=n_shares, crowds=crowds, own_posts=own_posts)
    planted = [add_plant(world, plant, number=number, crowd=crowd) for number in range(copies)]
    crowd, alone = with_others(world, planted, crowd=crowd, alone=alone)
    plain = [_moves(p) for p in planted]
    moved = [
        disguise(generator(seed, f"adversary {number}"), world, crowd, p, adversary=adversary, strength=strength)
        for number, p in enumerate(planted)
    ]
    before = [_visibility(moves, crowd, n=plant.n_operations, window_s=within_s) for moves in plain]
    after = [_visibility(moves, crowd, n=plant.n_operations, window_s=within_s) for moves in moved]
    extra = [max(len(m.shares) - len(p.shares), 0) / max(len(p.shares), 1) for m, p in zip(moved, plain, strict=True)]
    groups += [(p.name, "plant", p.members) for p in planted]
    if strength > 0 and adversary == "chaff":
        groups += [(f"copied-{n:02d}", "copied", _bystanders(world, crowd, p)) for n, p in enumerate(planted)]
    if strength > 0 and adversary == "clock":
        crowd, alone = (_on_marks(world, some, planted, strength) for some in (crowd, alone))
    shares = with_plants(crowd, [moves.shares for moves in moved])
    shown = [_as_planted(world, p, moves, crowd) for p, moves in zip(planted, moved, strict=True)]
    return Adversarial(
        stream=to_stream(world, shares, groups=groups, planted=shown, alone=alone),
        adversary=adversary,
        strength=strength,
        window_s=within_s,
        reach_kept=float(sum(after) / sum(before)) if sum(before) else 0.0,
        extra_posts=float(np.mean(extra)),
    )


def disguise(
    rng: np.random.Generator, world: World, crowd: Shares, planted: Planted, *, adversary: str, strength: float
) -> Moves:
    """Return the shares of a campaign as an adversary would place them; those past the end of the stream are lost."""
    moves = _moves(planted)
    if strength > 0:
        scene = Scene(rng=rng, world=world, crowd=crowd, planted=planted, strength=strength)
        moves = ADVERSARIES[adversary](scene, moves)
    return moves.keep(moves.shares.at_s < world.end_s)


def _delay(scene: Scene, moves: Moves) -> Moves:
    """Let each member wait for U(0, strength * 2 h) more."""
    later_s = scene.rng.random(len(moves.shares)) * scene.strength * MAX_DELAY_S
    return moves.at(moves.shares.at_s + later_s)


def _rotate(scene: Scene, moves: Moves) -> Moves:
    """Let a random subset of the members do each operation: all of them at strength 0, one in ten at 1."""
    members = scene.planted.members
    n_active = max(1, round((1 - (1 - LEAST_SUBSET) * scene.strength) * members.size))
    turn = np.argsort(scene.rng.random((scene.planted.object.size, members.size)), axis=1)
    is_active = np.argsort(turn, axis=1) < n_active
    return moves.keep(is_active[moves.operation, np.searchsorted(members, moves.shares.account)])


def _reword(scene: Scene, moves: Moves) -> Moves:
    """Split each object into variants that count as different: one at strength 0, one per member at 1."""
    objects, planted = scene.world.objects, scene.planted
    n_variants = 1 + round(scene.strength * (planted.members.size - 1))
    variant = scene.rng.integers(0, n_variants, len(moves.shares))
    base = np.repeat(planted.object, n_variants - 1)
    codes = objects.add(
        np.repeat(planted.trigger_s, n_variants - 1),
        origin=objects.origin[base],
        kind=objects.kind[base],
        home=objects.home[base],
    ).reshape(planted.object.size, n_variants - 1)
    table = np.concatenate([planted.object[:, None], codes], axis=1)
    return moves.of(table[moves.operation, variant])


def _cover(scene: Scene, moves: Moves) -> Moves:
    """Let members share popular objects at moments when others do, each on its own."""
    n_each = round(scene.strength * COVER_PER_OPERATION * scene.planted.plant.n_operations)
    account = np.repeat(scene.planted.members, n_each)
    if not len(scene.crowd):
        return moves
    pick = scene.rng.integers(0, len(scene.crowd), account.size)
    at_s = scene.crowd.at_s[pick] + scene.rng.uniform(0.0, 3600.0, account.size)
    cover = Shares(account=account, object=scene.crowd.object[pick], at_s=at_s)
    cover = cover.keep(~np.isin(cover.object, scene.planted.object))
    first = np.unique(cover.account * scene.world.objects.kind.size + cover.object, return_index=True)[1]
    cover = cover.keep(np.sort(first))
    operation = np.concatenate([moves.operation, np.full(len(cover), -1)])
    return Moves(operation=operation, shares=Shares.join([moves.shares, cover]))


def _cells(scene: Scene, moves: Moves) -> Moves:
    """Split the members into cells, each with objects and times of its own: one at strength 0, pairs at 1."""
    members = scene.planted.members
    n_cells = 1 + round(scene.strength * (members.size // 2 - 1))
    cell_of = scene.rng.permutation(members.size) % n_cells
    cell = cell_of[np.searchsorted(members, moves.shares.account)]
    for number in range(1, n_cells):
        mine = cell == number
        obj, trigger_s = _elsewhere(scene, np.flatnonzero(scene.planted.is_popular >= 0), scene.planted.is_popular == 1)
        moves = _moved_to(moves, mine, scene.planted.trigger_s, obj, trigger_s)
    return moves


def _cell_rotation(scene: Scene, moves: Moves) -> Moves:
    """Redraw cells for each operation, each with an object and a time of its own: cells of three at strength 1."""
    members, planted = scene.planted.members, scene.planted
    n_cells = 1 + round(scene.strength * max(members.size // CELL_SIZE - 1, 0))
    turn = np.argsort(scene.rng.random((planted.object.size, members.size)), axis=1)
    cell = (turn % n_cells)[moves.operation, np.searchsorted(members, moves.shares.account)]
    everything = np.arange(planted.object.size)
    for number in range(1, n_cells):
        obj, trigger_s = _elsewhere(scene, everything, planted.is_popular == 1)
        moves = _moved_to(moves, cell == number, planted.trigger_s, obj, trigger_s)
    return moves


def _turns(scene: Scene, moves: Moves) -> Moves:
    """Let members take turns in a fixed order: all of them at strength 0, one in ten, and two at least, at 1."""
    n = scene.planted.members.size
    n_active = max(2, round((1 - (1 - LEAST_SUBSET) * scene.strength) * n))
    place = np.searchsorted(scene.planted.members, moves.shares.account)
    return moves.keep((place - moves.operation * n_active) % n < n_active)


def _lag(scene: Scene, moves: Moves) -> Moves:
    """Let members follow the first one in a fixed order, each exactly as long after the one before."""
    members = scene.planted.members
    rank = scene.rng.permutation(members.size)[np.searchsorted(members, moves.shares.account)]
    trigger_s = scene.planted.trigger_s[moves.operation]
    return moves.at(trigger_s + rank * np.ceil(scene.strength * MAX_LAG_S))


def _clock(scene: Scene, moves: Moves) -> Moves:
    """Let members post at the marks of one clock only, as a tool would make them."""
    period_s, phase_s = _clock_of(scene.world, scene.planted, scene.strength)
    at_s = np.ceil((moves.shares.at_s - phase_s) / period_s) * period_s + phase_s
    return moves.at(at_s + np.floor(scene.rng.random(at_s.size) * 3.0))


def _chaff(scene: Scene, moves: Moves) -> Moves:
    """Let every member copy the same innocent accounts within seconds, so that these are drawn in."""
    theirs = scene.crowd.keep(np.isin(scene.crowd.account, _bystanders(scene.world, scene.crowd, scene.planted)))
    theirs = theirs.keep(~np.isin(theirs.object, scene.planted.object))
    n_each = min(round(scene.strength * CHAFF_PER_OPERATION * scene.planted.plant.n_operations), len(theirs))
    if not n_each:
        return moves
    chosen = scene.rng.permutation(len(theirs))[:n_each]
    account = np.repeat(scene.planted.members, n_each)
    source = theirs.keep(np.tile(chosen, scene.planted.members.size))
    at_s = source.at_s + 1.0 + scene.rng.random(account.size) * (CHAFF_LAG_S - 1.0)
    order = np.lexsort((at_s, source.object, account))
    key = account[order] * scene.world.objects.kind.size + source.object[order]
    first = order[np.append(True, key[1:] != key[:-1])]
    copies = Shares(account=account, object=source.object, at_s=at_s).keep(np.sort(first))
    operation = np.concatenate([moves.operation, np.full(len(copies), -1)])
    return Moves(operation=operation, shares=Shares.join([moves.shares, copies]))


def _hide(scene: Scene, moves: Moves) -> Moves:
    """Move a share of the operations, as large as the strength, to popular objects and busy times."""
    planted = scene.planted
    n_moved = round(scene.strength * planted.object.size)
    rows = np.sort(scene.rng.permutation(planted.object.size)[:n_moved])
    obj, trigger_s = planted.object.copy(), planted.trigger_s.copy()
    obj[rows], trigger_s[rows] = _elsewhere(scene, rows, np.ones(planted.object.size, np.bool_))
    mine = np.isin(moves.operation, rows)
    return _moved_to(moves, mine, planted.trigger_s, obj, trigger_s)


ADVERSARIES: dict[str, Callable[[Scene, Moves], Moves]] = {
    "delay": _delay,
    "rotate": _rotate,
    "reword": _reword,
    "cover": _cover,
    "cells": _cells,
    "hide": _hide,
    "cell_rotation": _cell_rotation,
    "turns": _turns,
    "lag": _lag,
    "clock": _clock,
    "chaff": _chaff,
}


def _bystanders(world: World, crowd: Shares, planted: Planted) -> I8:
    """Return the busiest accounts that have no part to play and are no members."""
    counts = np.bincount(crowd.account, minlength=world.n_accounts)
    free = world.queue[~np.isin(world.queue, planted.members)]
    best = np.argsort(-counts[free], kind="stable")[:CHAFF]
    return np.asarray(np.sort(free[best]), np.int64)


def _clock_of(world: World, planted: Planted, strength: float) -> tuple[float, float]:
    """Return period and phase of the clock of a campaign, whole minutes and whole seconds."""
    period_s = 60.0 * max(round(strength * MAX_CLOCK_S / 60.0), 1)
    return period_s, float(generator(world.seed, f"clock of {planted.name}").integers(0, int(period_s)))


def _on_marks(world: World, shares: Shares, planted: Sequence[Planted], strength: float) -> Shares:
    """Let whatever else the members post wait for a mark of their clock."""
    members = np.concatenate([p.members for p in planted])
    for p in planted:
        world.period_s[p.members], world.phase_s[p.members] = _clock_of(world, p, strength)
        world.late_s[p.members] = 2.0
    return to_marks(world, shares, np.isin(shares.account, members))


def _elsewhere(scene: Scene, rows: I8, is_popular: B1) -> tuple[I8, F8]:
    """Return another object and trigger for each of the operations ``rows``, of the same kind."""
    kind = scene.world.objects.kind[scene.planted.object[rows]]
    obj, trigger_s = np.zeros(rows.size, np.int64), np.zeros(rows.size)
    hidden = is_popular[rows]
    obj[hidden], trigger_s[hidden] = popular_objects(
        scene.rng, scene.world, scene.crowd, kind=kind[hidden], period=scene.period, language=None
    )
    obj[~hidden], trigger_s[~hidden] = exclusive_objects(
        scene.rng, scene.world, scene.planted.members, kind=kind[~hidden], period=scene.period
    )
    return obj, trigger_s


def _moved_to(moves: Moves, rows: B1, old_s: F8, obj: I8, new_s: F8) -> Moves:
    """Move some shares to the object and time of their operation; the lag after the trigger stays."""
    operation = moves.operation[rows]
    at_s, code = moves.shares.at_s.copy(), moves.shares.object.copy()
    at_s[rows] += new_s[operation] - old_s[operation]
    code[rows] = obj[operation]
    return moves.at(at_s).of(code)


def _moves(planted: Planted) -> Moves:
    order = np.argsort(planted.object, kind="stable")
    position = np.searchsorted(planted.object[order], planted.shares.object)
    return Moves(operation=order[position].astype(np.int64), shares=planted.shares)


def _visibility(moves: Moves, crowd: Shares, *, n: int, window_s: float) -> float:
    """Return the sum over operations of the best m * m / (m + c) within a window."""
    best = np.zeros(n)
    pushed = moves.keep(moves.operation >= 0)
    used = np.unique(pushed.shares.object)
    others = crowd.keep(np.isin(crowd.object, used))
    for code in used:
        rows = np.flatnonzero(pushed.shares.object == code)
        mine = np.sort(pushed.shares.at_s[rows])
        theirs = np.sort(others.at_s[others.object == code])
        m = np.searchsorted(mine, mine + window_s, side="right") - np.arange(mine.size)
        c = np.searchsorted(theirs, mine + window_s, side="right") - np.searchsorted(theirs, mine, side="left")
        operation = pushed.operation[rows[0]]
        best[operation] = max(best[operation], float(np.max(m * m / (m + c))))
    return float(best.sum())


def _as_planted(world: World, planted: Planted, moves: Moves, crowd: Shares) -> Planted:
    """Return the campaign as it acted: one operation per object pushed, triggered at the first share of it."""
    pushed = moves.shares.keep(moves.operation >= 0)
    code, index = np.unique(pushed.object, return_inverse=True)
    first_s = np.full(code.size, world.end_s)
    np.minimum.at(first_s, index, pushed.at_s)
    is_popular = np.isin(code, crowd.object).astype(np.int64)
    return dataclasses.replace(planted, object=code, trigger_s=first_s, is_popular=is_popular, shares=pushed)
