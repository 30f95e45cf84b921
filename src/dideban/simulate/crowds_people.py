"""Crowds of people with a common occasion: a live event, a source with fans, a morning, a wave of registrations."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8
from dideban.simulate.crowd_parts import (
    Crowd,
    circle_sizes,
    incidence,
    new_items,
    new_objects,
    popular_too,
    readers,
    rhythm_births,
)
from dideban.simulate.crowds_clocks import own_posts
from dideban.simulate.draws import DAY_S, HOUR_S, generator
from dideban.simulate.world import Shares, World

EVENT_S = 2.5 * HOUR_S
"""Length of a live event."""
MOMENTS = 12
"""Moments of an event that everybody who follows it sees at once."""
SITTINGS_S = np.array([7.2, 21.5]) * HOUR_S
"""Local times of the two sittings of the people of `time_zones`."""
SITTING_STEP_S = (15.0, 75.0)
"""Seconds from one post to the next within a sitting."""
WAVE_S = 3 * HOUR_S
"""Time within which a mass of new accounts is registered, seconds."""
N_ABOUT = 20
"""Objects that the new accounts post about."""


def add_live_events(world: World, budget: int) -> Crowd:
    """Followers of a series of live events, who post all through each and share what is seen at its great moments."""
    rng = generator(world.seed, "live_events")
    fans = world.take_together(max(world.n_accounts // 25, 3))
    pace_s = np.exp(rng.normal(np.log(25.0), 0.8, world.n_accounts))
    parts: list[Shares] = []
    n_events = max(1, round(world.days / 3))
    for start_s in rhythm_births(rng, world, n_events):
        there = fans[rng.random(fans.size) < 0.6]
        end_s = min(start_s + EVENT_S, world.end_s)
        moment_s = np.sort(rng.uniform(start_s, end_s, MOMENTS))
        items = new_objects(rng, world, moment_s, home=fans, kind="link")
        who, what = incidence(rng, there.size, MOMENTS, min(0.3, budget / max(n_events * MOMENTS * there.size, 1)))
        late_s = pace_s[there[who]] * np.exp(rng.normal(0.0, 0.4, who.size))
        parts.append(Shares(account=there[who], object=items[what], at_s=moment_s[what] + late_s))
        parts.append(_all_through(rng, there, start_s, end_s))
        parts.append(readers(rng, world, items, per_item=10.0))
    shares = Shares.join(parts)
    return Crowd(shares.keep(shares.at_s < world.end_s), [("event-00", "event", fans)])


def add_small_fans(world: World, budget: int) -> Crowd:
    """Small sources with three to eight fans each, who are notified of every item and share most of them at once.

    Every second source collects what it posts from many sites, so that no site is common to its items.
    """
    rng = generator(world.seed, "small_fans")
    parts: list[Shares] = []
    groups = []
    for number, size in enumerate(circle_sizes(rng, total=world.n_accounts // 50, low=4, high=9)):
        members = world.take_together(size)
        items = new_items(rng, world, members, kind="link", per_day=4.0, cap=budget // max(4 * size, 1))
        born_s = world.objects.birth_s[items]
        if number % 2:
            world.objects.origin[items] = [world.objects.new_origin() for _ in items]
        who, what = incidence(rng, max(members.size - 1, 0), items.size, 0.7)
        pace_s = np.exp(rng.normal(np.log(20.0), 0.6, members.size))
        delay_s = pace_s[who] * np.exp(rng.normal(0.0, 0.7, who.size))
        source = Shares(account=np.repeat(members[:1], items.size), object=items, at_s=born_s)
        parts += [source, Shares(account=members[1:][who], object=items[what], at_s=born_s[what] + delay_s)]
        parts += [readers(rng, world, items, per_item=0.5), own_posts(rng, world, members, per_day=3.0)]
        groups.append((f"fans-{number:02d}", "fans", members))
    shares = Shares.join(parts)
    return Crowd(shares.keep(shares.at_s < world.end_s), groups)


def add_unseen_sources(world: World, budget: int) -> Crowd:
    """Sources outside the data, each with three to nine followers here, who share most of its items at once.

    Each source collects from many sites, and its items are public: now and then somebody else shares one. Followers of
    every second source are people, each at a pace of its own; the others are programs that are all alike.
    """
    rng = generator(world.seed, "unseen_sources")
    parts: list[Shares] = []
    groups = []
    for number, size in enumerate(circle_sizes(rng, total=world.n_accounts // 50, low=3, high=9)):
        members = world.take_together(size)
        items = new_items(rng, world, members, kind="link", per_day=4.0, cap=budget // max(4 * size, 1))
        born_s = world.objects.birth_s[items]
        world.objects.origin[items] = [world.objects.new_origin() for _ in items]
        who, what = incidence(rng, members.size, items.size, 0.7)
        if number % 2:
            delay_s = rng.exponential(20.0, who.size)
        else:
            pace_s = np.exp(rng.normal(np.log(20.0), 0.6, members.size))
            delay_s = pace_s[who] * np.exp(rng.normal(0.0, 0.7, who.size))
        parts.append(Shares(account=members[who], object=items[what], at_s=born_s[what] + delay_s))
        parts += [readers(rng, world, items, per_item=0.5), own_posts(rng, world, members, per_day=3.0)]
        groups.append((f"followers-{number:02d}", "fans", members))
    shares = Shares.join(parts)
    return Crowd(shares.keep(shares.at_s < world.end_s), groups)


def add_new_accounts(world: World, budget: int) -> Crowd:
    """A mass of accounts registered within three hours of some event, most of which post for one day about it."""
    rng = generator(world.seed, "new_accounts")
    members = world.take(max(world.n_accounts // 10, 3))
    begin_s = _wave(world)
    born_s = _registered(world, members)
    items = new_objects(rng, world, begin_s + np.sort(rng.uniform(0.0, WAVE_S, N_ABOUT)), home=members, kind="link")
    who, what = incidence(rng, members.size, items.size, min(0.4, budget / max(N_ABOUT * members.size, 1)))
    start_s = np.maximum(born_s[who], world.objects.birth_s[items[what]])
    at_s = start_s + np.exp(rng.normal(np.log(600.0), 1.1, who.size))
    about = Shares(account=members[who], object=items[what], at_s=at_s)
    chat = np.repeat(np.arange(members.size), rng.poisson(4.0, members.size))
    talk = Shares(
        account=members[chat],
        object=np.full(chat.size, -1),
        at_s=born_s[chat] + rng.exponential(8 * HOUR_S, chat.size),
    )
    shares = Shares.join([about, talk, readers(rng, world, items, per_item=40.0)])
    return Crowd(shares.keep(shares.at_s < world.end_s))


def shift_new_accounts(world: World, shares: Shares) -> Shares:
    """Leave out what new accounts would have posted before they were registered."""
    born_s = np.zeros(world.n_accounts)
    members = np.flatnonzero(world.of_part("new_accounts"))
    born_s[members] = _registered(world, members)
    return shares.keep(shares.at_s >= born_s[shares.account])


def shift_time_zones(world: World, shares: Shares) -> Shares:
    """Let one in eight accounts post in two sittings a day, morning and late evening, catching up on the hours between.

    People of one zone sit down at nearly the same minutes, and take what is new in nearly the same order.
    """
    rng = generator(world.seed, "time_zones")
    members = world.take(world.n_accounts // 8)
    shares = popular_too(world, shares, part="time_zones", per_day=2.0, most=0.1)
    habit_s = np.zeros(world.n_accounts)
    habit_s[members] = rng.normal(0.0, 600.0, members.size)
    rows = np.flatnonzero(world.of_part("time_zones")[shares.account])
    account = shares.account[rows]
    zone_s = np.round(world.zone_s[account] / HOUR_S) * HOUR_S + habit_s[account]
    sitting_s = _next_sitting(shares.at_s[rows], zone_s)
    order = np.lexsort((shares.object[rows], shares.at_s[rows], sitting_s, account))
    step_s = rng.uniform(*SITTING_STEP_S, order.size)
    is_new = np.append(True, (np.diff(account[order]) != 0) | (np.diff(sitting_s[order]) != 0))[: order.size]
    run = np.cumsum(is_new) - 1
    total_s = np.cumsum(step_s)
    first_s = total_s[is_new] if order.size else total_s
    late_s = rng.normal(0.0, 180.0, int(run[-1]) + 1 if run.size else 0)
    at_s = shares.at_s.copy()
    at_s[rows[order]] = sitting_s[order] + late_s[run] + (total_s - first_s[run])
    code = shares.object[rows]
    birth_s = np.where(code >= 0, world.objects.birth_s[np.maximum(code, 0)], 0.0)
    at_s[rows] = np.maximum(at_s[rows], birth_s)
    return Shares(account=shares.account, object=shares.object, at_s=at_s).keep(at_s < world.end_s)


def _next_sitting(at_s: F8, zone_s: F8) -> F8:
    """Return the start of the first sitting at or after each time."""
    local_s = at_s + zone_s
    day_s = np.floor(local_s / DAY_S) * DAY_S
    starts_s = day_s[:, None] + np.append(SITTINGS_S, SITTINGS_S[0] + DAY_S)[None, :]
    which = np.argmax(starts_s >= local_s[:, None], axis=1)
    return np.asarray(starts_s[np.arange(at_s.size), which] - zone_s)


def _all_through(rng: np.random.Generator, there: I8, start_s: float, end_s: float) -> Shares:
    """Draw the remarks of people who follow an event: one in 6 to 20 minutes each, at any moment of it."""
    pace_s = rng.uniform(360.0, 1200.0, there.size)
    account = np.repeat(there, rng.poisson((end_s - start_s) / pace_s))
    at_s = rng.uniform(start_s, end_s, account.size)
    return Shares(account=account, object=np.full(account.size, -1), at_s=at_s)


def _wave(world: World) -> float:
    """Return when the registrations begin."""
    return float(generator(world.seed, "wave of registrations").uniform(0.2, 0.7)) * world.end_s


def _registered(world: World, members: I8) -> F8:
    """Return when each of the new accounts was registered."""
    rng = generator(world.seed, "registrations")
    return np.asarray(_wave(world) + rng.random(world.n_accounts)[members] * min(WAVE_S, world.end_s))
