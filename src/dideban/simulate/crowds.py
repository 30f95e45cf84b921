"""Crowds that look coordinated to a naive rule, and mostly are not.

Each ``add_`` function takes accounts from the world, adds objects of its own and returns shares; each ``shift_``
function moves ordinary shares in time. Groups that do share a trigger are named in ``Crowd.groups``.
"""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8
from dideban.simulate.crowd_parts import (
    Crowd,
    circle_sizes,
    incidence,
    new_items,
    new_objects,
    readers,
    rhythm_births,
    shares_after,
)
from dideban.simulate.draws import DAY_S, HOUR_S, draw_distinct, generator, rhythm
from dideban.simulate.world import Shares, World

CLOCKS_S = np.array([900.0, 1800.0, 3600.0])
"""On the quarter, the half hour, the hour."""
STRETCHES_S = np.array([7.5, 12.5, 17.5, 21.0, 22.5]) * HOUR_S
"""Local times around which people have half an hour: on the way to work, at lunch, before sleep."""
STRETCH_SIGMA_S = 1_200.0


def add_fast_reactors(world: World, budget: int) -> Crowd:
    """Accounts that answer the same few origins within seconds to minutes of birth, independently given birth."""
    rng = generator(world.seed, "fast_reactors")
    parts = []
    for size in circle_sizes(rng, total=world.n_accounts // 100, low=8, high=20):
        members = world.take_together(size)
        items = new_items(rng, world, members, kind="repost", per_day=5.0, cap=budget // max(2 * size, 1))
        pace_s = np.exp(rng.normal(np.log(60.0), 0.7, members.size))
        who, what = incidence(rng, members.size, items.size, 0.5)
        delay_s = pace_s[who] * np.exp(rng.normal(0.0, 0.8, who.size))
        parts.append(shares_after(world, members[who], items[what], delay_s))
        parts.append(readers(rng, world, items, per_item=4.0))
    return Crowd(Shares.join(parts))


def add_announced_minute(world: World, budget: int) -> Crowd:
    """Fans who all share a new object at a minute announced beforehand, about one day in two."""
    rng = generator(world.seed, "announced_minute")
    fans = world.take_together(max(world.n_accounts // 25, 3))
    n_events = max(1, min(round(world.days / 2), budget // max(fans.size // 2, 1)))
    announced = 600.0 * np.floor(rhythm_births(rng, world, n_events) / 600.0)
    items = new_objects(rng, world, announced, home=fans, kind="hashtags")
    who, what = incidence(rng, fans.size, n_events, 0.4)
    late_s = np.abs(rng.normal(0.0, 45.0, who.size))
    shares = shares_after(world, fans[who], items[what], late_s)
    crowd = Crowd(Shares.join([shares, readers(rng, world, items, per_item=30.0)]))
    crowd.groups.append(("announced-00", "announced", fans))
    return crowd


def add_feed_crossposters(world: World, budget: int) -> Crowd:
    """Accounts that post every new item of one feed automatically, each after a delay of its own that never varies."""
    return _feeds(world, budget, part="feed_crossposters", jittered=False)


def add_feed_crossposters_jittered(world: World, budget: int) -> Crowd:
    """Accounts that post every new item of one feed when they next look at it, every 5 to 30 minutes, not exactly."""
    return _feeds(world, budget, part="feed_crossposters_jittered", jittered=True)


def add_news_wires(world: World, budget: int) -> Crowd:
    """A wire and subscribers that copy two in five of its items some minutes later."""
    rng = generator(world.seed, "news_wires")
    parts, groups = [], []
    for number, size in enumerate(circle_sizes(rng, total=world.n_accounts // 70, low=8, high=20)):
        members = world.take_together(size)
        items = new_items(rng, world, members, kind="link", per_day=5.0, cap=budget // max(size, 1))
        pace_s = np.exp(rng.normal(np.log(900.0), 0.6, members.size))
        who, what = incidence(rng, members.size, items.size, 0.4)
        delay_s = pace_s[who] * np.exp(rng.normal(0.0, 0.5, who.size))
        is_wire = who == 0
        parts.append(shares_after(world, members[who[~is_wire]], items[what[~is_wire]], delay_s[~is_wire]))
        parts.append(shares_after(world, np.repeat(members[:1], items.size), items, np.zeros(items.size)))
        parts.append(readers(rng, world, items, per_item=4.0))
        groups.append((f"wire-{number:02d}", "wire", members))
    return Crowd(Shares.join(parts), groups)


def add_breaking_news(world: World, budget: int) -> Crowd:
    """Every few days an event: half a dozen objects that a large part of everybody awake shares within minutes."""
    rng = generator(world.seed, "breaking_news")
    n_events = max(1, round(world.days / 4))
    per_item = max(1, min(world.n_accounts // 6, budget // (6 * n_events)))
    parts = []
    for start in rhythm_births(rng, world, n_events):
        birth_s = np.minimum(start + rng.exponential(900.0, 6), world.end_s - 1)
        home = rng.integers(0, world.n_accounts, 1)
        items = new_objects(rng, world, birth_s, home=home, kind=None)
        near = np.where(world.language_of(np.arange(world.n_accounts)) == world.language_of(home), 1.0, 0.02)
        awake = near * np.sqrt(world.activity) * rhythm(start + world.zone_s)
        for item in items:
            who = draw_distinct(rng, awake, int(per_item * rng.uniform(0.3, 1.6)))
            delay_s = np.exp(rng.normal(np.log(300.0), 1.0, who.size))
            parts.append(shares_after(world, who, np.full(who.size, item), delay_s))
    return Crowd(Shares.join(parts))


def add_schedulers(world: World, budget: int) -> Crowd:
    """Circles of accounts that take up the same origin and let a tool post at the next full hour, half or quarter."""
    rng = generator(world.seed, "circles of schedulers")
    parts = []
    for size in circle_sizes(rng, total=world.n_accounts // 60, low=8, high=20):
        members = world.take_together(size)
        world.clock_s[members] = rng.choice(CLOCKS_S, members.size)
        items = new_items(rng, world, members, kind="link", per_day=5.0, cap=budget // max(size, 1))
        who, what = incidence(rng, members.size, items.size, 0.4)
        delay_s = np.exp(rng.normal(np.log(5400.0), 1.0, who.size))
        at_s = _by_the_clock(rng, world.objects.birth_s[items[what]] + delay_s, world.clock_s[members[who]])
        parts.append(Shares(account=members[who], object=items[what], at_s=at_s).keep(at_s < world.end_s))
        parts.append(readers(rng, world, items, per_item=4.0))
    return Crowd(Shares.join(parts))


def add_diurnal_communities(world: World, budget: int) -> Crowd:
    """Circles of accounts that take up the same origin in the same half hour of each day, each in its own moment."""
    rng = generator(world.seed, "circles of the same hour")
    parts = []
    for size in circle_sizes(rng, total=world.n_accounts // 60, low=8, high=20):
        members = world.take_together(size)
        world.daily_s[members] = rng.choice(STRETCHES_S)
        items = new_items(rng, world, members, kind="link", per_day=5.0, cap=budget // max(size, 1))
        who, what = incidence(rng, members.size, items.size, 0.4)
        at_s = _in_the_stretch(rng, world, members[who], world.objects.birth_s[items[what]])
        parts.append(Shares(account=members[who], object=items[what], at_s=at_s).keep(at_s < world.end_s))
        parts.append(readers(rng, world, items, per_item=4.0))
    return Crowd(Shares.join(parts))


def shift_schedulers(world: World, shares: Shares) -> Shares:
    """Let 3% of accounts, and the circles of schedulers, post by the clock: shares wait for the next such minute."""
    rng = generator(world.seed, "schedulers")
    members = world.take(world.n_accounts * 3 // 100)
    world.clock_s[members] = rng.choice(CLOCKS_S, members.size)
    rows = np.flatnonzero(world.clock_s[shares.account] > 0)
    at_s = shares.at_s.copy()
    at_s[rows] = _by_the_clock(rng, at_s[rows], world.clock_s[shares.account[rows]])
    return Shares(account=shares.account, object=shares.object, at_s=at_s).keep(at_s < world.end_s)


def shift_diurnal_communities(world: World, shares: Shares) -> Shares:
    """Let 5% of accounts look at the network only in one short stretch of the day, the same in their community."""
    rng = generator(world.seed, "diurnal_communities")
    stretch_s = rng.choice(STRETCHES_S, world.home_zone_s.size)
    members = world.take(world.n_accounts * 5 // 100)
    world.daily_s[members] = stretch_s[world.community[members]]
    rows = np.flatnonzero(~np.isnan(world.daily_s[shares.account]))
    at_s = shares.at_s.copy()
    at_s[rows] = _in_the_stretch(rng, world, shares.account[rows], at_s[rows])
    return Shares(account=shares.account, object=shares.object, at_s=at_s).keep((at_s >= 0) & (at_s < world.end_s))


def shift_sessions(world: World, shares: Shares) -> Shares:
    """Let three in five shares within three hours of the account's last one follow it within a minute or two.

    People sit down and share several things in a row: one account's times on different objects are not independent.
    """
    rng = generator(world.seed, "sessions")
    order = np.lexsort((shares.object, shares.at_s, shares.account))
    account, at_s = shares.account[order], shares.at_s[order].copy()
    gap = np.diff(at_s, prepend=-np.inf)
    follows = np.append(False, account[1:] == account[:-1]) & (gap < 3 * HOUR_S) & (rng.random(at_s.size) < 0.6)
    rows = np.flatnonzero(follows)
    code = shares.object[order][rows]
    birth_s = np.where(code >= 0, world.objects.birth_s[code], 0.0)
    at_s[rows] = np.maximum(at_s[rows - 1] + rng.uniform(5.0, 90.0, rows.size), birth_s)
    return Shares(account=account, object=shares.object[order], at_s=at_s).keep(at_s < world.end_s)


def _by_the_clock(rng: np.random.Generator, at_s: F8, clock_s: F8) -> F8:
    return np.asarray(np.ceil(at_s / clock_s) * clock_s + rng.integers(0, 5, at_s.size))


def _in_the_stretch(rng: np.random.Generator, world: World, account: I8, at_s: F8) -> F8:
    """Move times forward to the account's next stretch of the day."""
    zone_s = np.round(world.zone_s[account] / HOUR_S) * HOUR_S
    wanted_s = world.daily_s[account] + rng.normal(0.0, STRETCH_SIGMA_S, account.size)
    day = np.floor((at_s + zone_s - wanted_s) / DAY_S) + 1
    return np.asarray(day * DAY_S + wanted_s - zone_s)


def _feeds(world: World, budget: int, *, part: str, jittered: bool) -> Crowd:
    rng = generator(world.seed, part)
    parts, groups = [], []
    for number, size in enumerate(circle_sizes(rng, total=world.n_accounts // 80, low=3, high=9)):
        members = world.take_together(size)
        items = new_items(rng, world, members, kind="link", per_day=6.0, cap=budget // max(8 * size, 1))
        who, what = incidence(rng, members.size, items.size, 0.97)
        birth_s = world.objects.birth_s[items[what]]
        if jittered:
            every = rng.choice([300.0, 600.0, 900.0, 1800.0], members.size)[who]
            phase = rng.random(members.size)[who] * every
            delay_s = np.mod(phase - birth_s, every) + rng.exponential(0.15, who.size) * every
        else:
            own_s = np.exp(rng.uniform(np.log(2.0), np.log(900.0), members.size))
            delay_s = own_s[who] + rng.integers(0, 3, who.size)
        parts.append(shares_after(world, members[who], items[what], delay_s))
        parts.append(readers(rng, world, items, per_item=3.0))
        groups.append((f"{'poll' if jittered else 'feed'}-{number:02d}", "feed", members))
    return Crowd(Shares.join(parts), groups)
