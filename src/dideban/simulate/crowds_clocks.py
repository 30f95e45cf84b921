"""Crowds that post by a clock or through a tool: marks of any period and phase, queues, programs of one platform."""

from __future__ import annotations

import numpy as np

from dideban.arrays import B1, F8, I8
from dideban.simulate.crowd_parts import (
    Crowd,
    circle_sizes,
    incidence,
    new_items,
    new_objects,
    popular_too,
    readers,
)
from dideban.simulate.draws import generator, rhythm_times
from dideban.simulate.world import Shares, World

MINUTE_S = 60.0
USUAL_PERIODS = (5, 7, 10, 13, 15, 20, 30, 60)
"""Minutes between marks that tools offer, and two that none does; half of all clocks have one of these."""
LONGEST_PERIOD = 120
"""The other half have any whole number of minutes from 2 to this."""
LATENESS_S = (0.0, 1.0, 2.0, 5.0, 20.0)
"""How late after its mark an account may post: up to one of these, drawn for each account."""
SHARED_CLOCK = 0.7
"""Probability that a circle has one clock for all its members, as one tool or one crontab would give them."""
TOOL_MINUTES = (5, 8, 10, 15, 20)
"""Minutes between the slots at which a tool empties its queue."""
BY_TOOL = 0.6
"""Share of a client's posts that go through the tool; the others are posted by hand."""
BOT_LISTENS = 0.25
"""Probability that a program takes up the newest item of its platform at its next tick."""


def add_clocks_dense(world: World, budget: int) -> Crowd:
    """Circles of busy accounts that post at marks of a clock and take up the same origin, among other things."""
    return _clocks(world, budget, part="clocks_dense", per_day=10.0, share=0.5, own_per_day=20.0)


def add_clocks_sparse(world: World, budget: int) -> Crowd:
    """Circles of accounts with few posts a day, each at a mark of a clock, that take up the same origin."""
    return _clocks(world, budget, part="clocks_sparse", per_day=6.0, share=0.4, own_per_day=1.5)


def shift_clocks_dense(world: World, shares: Shares) -> Shares:
    """Let whatever else the busy clocked accounts post wait for a mark too."""
    shares = popular_too(world, shares, part="clocks_dense", per_day=6.0, most=0.08)
    return to_marks(world, shares, world.of_part("clocks_dense")[shares.account])


def shift_clocks_sparse(world: World, shares: Shares) -> Shares:
    """Let whatever else the sparse clocked accounts post wait for a mark too."""
    shares = popular_too(world, shares, part="clocks_sparse", per_day=2.0, most=0.08)
    return to_marks(world, shares, world.of_part("clocks_sparse")[shares.account])


def add_shared_tools(world: World, budget: int) -> Crowd:
    """Clients of three tools, in circles with an origin each; three posts in five wait for a slot of the tool."""
    rng = generator(world.seed, "shared_tools")
    parts: list[Shares] = []
    for minutes in rng.choice(TOOL_MINUTES, 3, replace=False):
        phase_s = float(rng.integers(0, int(minutes * MINUTE_S)))
        for size in circle_sizes(rng, total=world.n_accounts // 60, low=8, high=16):
            members = world.take_together(size)
            world.period_s[members], world.phase_s[members] = minutes * MINUTE_S, phase_s
            parts += _circle(rng, world, members, cap=budget // max(size, 1), per_day=5.0, share=0.4)
            parts.append(own_posts(rng, world, members, per_day=3.0))
    return Crowd(_through_the_tool(world, Shares.join(parts), part="queue of the circles"))


def shift_shared_tools(world: World, shares: Shares) -> Shares:
    """Let three in five of all that clients post go through their tool, what everybody shares among it."""
    shares = popular_too(world, shares, part="shared_tools", per_day=3.0, most=0.06)
    return _through_the_tool(world, shares, part="queue of the rest")


def _through_the_tool(world: World, shares: Shares, *, part: str) -> Shares:
    """Post what waits in a queue at the slots of the tool, one after the other, a second apart."""
    rng = generator(world.seed, part)
    is_client = world.of_part("shared_tools")[shares.account]
    rows = np.flatnonzero(is_client & (rng.random(len(shares)) < BY_TOOL))
    account, due_s = shares.account[rows], shares.at_s[rows]
    period_s, phase_s = world.period_s[account], world.phase_s[account]
    slot_s = np.ceil((due_s - phase_s) / period_s) * period_s + phase_s
    order = np.lexsort((due_s, slot_s, phase_s, period_s))
    _, first, place = _runs(np.stack([period_s, phase_s, slot_s])[:, order])
    at_s = shares.at_s.copy()
    at_s[rows[order]] = slot_s[order] + (np.arange(order.size) - first[place])
    return Shares(account=shares.account, object=shares.object, at_s=at_s).keep(at_s < world.end_s)


def add_minute_bots(world: World, budget: int) -> Crowd:
    """Programs of one platform that post every minute, and now and then the newest item of the platform."""
    rng = generator(world.seed, "minute_bots")
    members = world.take_together(int(np.clip(world.n_accounts // 300, 6, 24)))
    if not members.size:
        return Crowd(Shares.join([]))
    length_s = np.floor(min(world.end_s, 4 * budget / members.size * MINUTE_S) / MINUTE_S) * MINUTE_S
    start_s = MINUTE_S * np.floor(rng.uniform(0.0, world.end_s - length_s) / MINUTE_S)
    world.period_s[members], world.phase_s[members] = MINUTE_S, rng.integers(0, 60, members.size)
    world.late_s[members] = 1.0
    tick_s = start_s + MINUTE_S * np.arange(max(int(length_s / MINUTE_S), 1))
    births_s = np.sort(start_s + rng.random(max(min(tick_s.size // 4, budget // members.size), 1)) * length_s)
    items = new_objects(rng, world, births_s, home=members, kind="link")
    at_s = tick_s[None, :] + world.phase_s[members][:, None] + rng.random((members.size, tick_s.size))
    code = _newest(rng, births_s, items, at_s)
    account = np.repeat(members, tick_s.size)
    posted = Shares(account=account, object=code.ravel(), at_s=at_s.ravel()).keep(at_s.ravel() < world.end_s)
    crowd = Crowd(Shares.join([posted, readers(rng, world, items, per_item=3.0)]))
    crowd.groups.append(("programs-00", "programs", members))
    return crowd


def shift_minute_bots(world: World, shares: Shares) -> Shares:
    """Let whatever else the programs post come at their ticks too."""
    return to_marks(world, shares, world.of_part("minute_bots")[shares.account])


def to_marks(world: World, shares: Shares, rows: B1) -> Shares:
    """Let posts of clocked accounts wait for the next free mark: one post a mark, first come, first served."""
    mine = np.flatnonzero(rows & (world.period_s[shares.account] > 0))
    order = mine[np.lexsort((shares.object[mine], shares.at_s[mine], shares.account[mine]))]
    account = shares.account[order]
    period_s, phase_s = world.period_s[account], world.phase_s[account]
    wanted = np.ceil((shares.at_s[order] - phase_s) / period_s)
    mark = _one_each(account, wanted)
    rng = generator(world.seed, f"lateness {world.parts[int(world.part[account[0]])] if account.size else ''}")
    at_s = shares.at_s.copy()
    late_s = np.floor(rng.random(order.size) * (world.late_s[account] + 1.0))
    at_s[order] = mark * period_s + phase_s + late_s
    return Shares(account=shares.account, object=shares.object, at_s=at_s).keep(at_s < world.end_s)


def own_posts(rng: np.random.Generator, world: World, members: I8, *, per_day: float) -> Shares:
    """Draw posts that share nothing, by the rhythm of the day of their account."""
    account = np.repeat(members, rng.poisson(per_day * world.days, members.size))
    at_s = rhythm_times(rng, offset_s=world.zone_s[account], days=world.days)
    return Shares(account=account, object=np.full(account.size, -1), at_s=at_s)


def _clocks(world: World, budget: int, *, part: str, per_day: float, share: float, own_per_day: float) -> Crowd:
    rng = generator(world.seed, part)
    parts: list[Shares] = []
    for size in circle_sizes(rng, total=world.n_accounts // 30, low=8, high=20):
        members = world.take_together(size)
        _wind(rng, world, members, dense=part == "clocks_dense")
        parts += _circle(rng, world, members, cap=int(budget / max(size * share, 1)), per_day=per_day, share=share)
        parts.append(own_posts(rng, world, members, per_day=own_per_day))
    shares = Shares.join(parts)
    return Crowd(to_marks(world, shares, world.of_part(part)[shares.account]))


def _wind(rng: np.random.Generator, world: World, members: I8, *, dense: bool) -> None:
    """Give a circle its clocks: one for all, or one for each; dense ones strike at least every half hour."""
    n = 1 if rng.random() < SHARED_CLOCK else members.size
    usual = rng.random(n) < 0.5
    minutes = np.where(usual, rng.choice(USUAL_PERIODS, n), rng.integers(2, LONGEST_PERIOD + 1, n))
    minutes = np.where(dense & (minutes > 30), 2 + minutes % 29, minutes)
    world.period_s[members] = minutes * MINUTE_S
    world.phase_s[members] = np.floor(rng.random(n) * minutes * MINUTE_S)
    world.late_s[members] = rng.choice(LATENESS_S, members.size)


def _circle(
    rng: np.random.Generator, world: World, members: I8, *, cap: int, per_day: float, share: float
) -> list[Shares]:
    """Return what the members take up from an origin of theirs, each after a delay of its own, and its readers."""
    items = new_items(rng, world, members, kind="link", per_day=per_day, cap=cap)
    who, what = incidence(rng, members.size, items.size, share)
    delay_s = np.exp(rng.normal(np.log(5400.0), 1.0, who.size))
    at_s = world.objects.birth_s[items[what]] + delay_s
    taken = Shares(account=members[who], object=items[what], at_s=at_s).keep(at_s < world.end_s)
    return [taken, readers(rng, world, items, per_item=4.0)]


def _newest(rng: np.random.Generator, births_s: F8, items: I8, at_s: F8) -> I8:
    """Return the object of each tick, (programs, ticks): the newest item, each once and with a chance; -1 = none."""
    newest = np.searchsorted(births_s, at_s, side="right") - 1
    taken = np.where((newest >= 0) & (rng.random(at_s.shape) < BOT_LISTENS), newest, -1)
    for row in taken:
        first = np.unique(row, return_index=True)[1]
        again = np.ones(row.size, np.bool_)
        again[first] = False
        row[again] = -1
    return np.where(taken >= 0, items[np.maximum(taken, 0)], -1)


def _one_each(account: I8, wanted: F8) -> F8:
    """Return the mark of each post: as wanted, or the next one after the post before; sorted by account."""
    if not account.size:
        return wanted
    place = np.arange(account.size)
    far = (np.abs(wanted).max() + account.size + 1) * 2
    turn = np.cumsum(np.append(True, account[1:] != account[:-1])) * far
    return np.asarray(np.maximum.accumulate(wanted - place + turn) + place - turn)


def _runs(keys: F8) -> tuple[F8, I8, I8]:
    """Return, for sorted columns of keys, where each run of equal columns begins and which run each is in."""
    n = keys.shape[1]
    is_new = np.append(True, np.any(keys[:, 1:] != keys[:, :-1], axis=0))[:n]
    return keys[:, is_new], np.flatnonzero(is_new), np.cumsum(is_new) - 1
