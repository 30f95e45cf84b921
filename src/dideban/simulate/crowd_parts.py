"""What the crowds are made of: circles, items of one origin, who takes up what, and readers who come later."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dideban.arrays import F8, I8
from dideban.simulate.background import organic_times
from dideban.simulate.draws import generator, rhythm_times
from dideban.simulate.world import Shares, World


@dataclass
class Crowd:
    """What a crowd did: its shares, and (group, kind, accounts) where its accounts follow a common trigger."""

    shares: Shares
    groups: list[tuple[str, str, I8]] = field(default_factory=list)


def circle_sizes(rng: np.random.Generator, *, total: int, low: int, high: int) -> list[int]:
    sizes: list[int] = []
    while total >= low:
        sizes.append(min(int(rng.integers(low, high + 1)), total))
        total -= sizes[-1]
    return sizes


def new_items(rng: np.random.Generator, world: World, members: I8, *, kind: str, per_day: float, cap: int) -> I8:
    n_items = max(1, min(round(per_day * world.days), cap))
    return new_objects(rng, world, np.sort(rhythm_births(rng, world, n_items)), home=members, kind=kind)


def rhythm_births(rng: np.random.Generator, world: World, n: int) -> F8:
    zone_s = world.zone_s[rng.integers(0, world.n_accounts)]
    return rhythm_times(rng, offset_s=np.full(n, zone_s), days=world.days)


def new_objects(rng: np.random.Generator, world: World, birth_s: F8, *, home: I8, kind: str | None) -> I8:
    """Add objects of one new origin: of ``kind`` where the stream has it, else of any kind."""
    origin = np.full(birth_s.size, world.objects.new_origin())
    kinds = world.objects.kinds
    codes = rng.integers(0, len(kinds), birth_s.size)
    if kind in kinds:
        codes[:] = kinds.index(str(kind))
    community = world.community[home[0]] if home.size else 0
    return world.objects.add(birth_s, origin=origin, kind=codes, home=np.full(birth_s.size, community))


def incidence(rng: np.random.Generator, n_accounts: int, n_objects: int, probability: float) -> tuple[I8, I8]:
    who, what = np.nonzero(rng.random((n_accounts, n_objects)) < probability)
    return who.astype(np.int64), what.astype(np.int64)


def readers(rng: np.random.Generator, world: World, items: I8, *, per_item: float) -> Shares:
    """Ordinary accounts that come upon the same objects in their own time."""
    what = np.repeat(items, rng.poisson(per_item, items.size))
    who = rng.choice(world.queue, what.size) if world.queue.size else np.zeros(0, np.int64)
    what = what[: who.size]
    understands = world.language_of(who) == world.home_language[world.objects.home[what]]
    who, what = who[understands], what[understands]
    median_s = np.full(what.size, 3600.0)
    at_s = organic_times(
        rng, world.objects.birth_s[what], median_s=median_s, zone_s=world.zone_s[who], end_s=world.end_s
    )
    return Shares(account=who, object=what, at_s=at_s)


def shares_after(world: World, account: I8, items: I8, delay_s: F8) -> Shares:
    at_s = world.objects.birth_s[items] + delay_s
    return Shares(account=account, object=items, at_s=at_s).keep(at_s < world.end_s)


def popular_too(
    world: World, shares: Shares, *, part: str, per_day: float, most: float, median_s: float = 3_600.0
) -> Shares:
    """Let the accounts of a crowd share what everybody shares as well, popular objects more often.

    Parameters
    ----------
    most : ratio
        Shares added, at most, per share there is.
    median_s : seconds
        Median delay after birth.
    """
    rng = generator(world.seed, f"{part} and what everybody shares")
    members = np.flatnonzero(world.of_part(part))
    rows = np.flatnonzero(shares.object >= 0)
    n_each = int(min(per_day * world.days, most * rows.size / max(members.size, 1)))
    if not n_each or not members.size:
        return shares
    account = np.repeat(members, n_each)
    code = shares.object[rows[rng.integers(0, rows.size, account.size)]]
    understood = world.language_of(account) == world.home_language[world.objects.home[code]]
    account, code = account[understood], code[understood]
    at_s = organic_times(
        rng,
        world.objects.birth_s[code],
        median_s=np.full(code.size, median_s),
        zone_s=world.zone_s[account],
        end_s=world.end_s,
    )
    return Shares.join([shares, Shares(account=account, object=code, at_s=at_s)])
