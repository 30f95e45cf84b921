"""Ordinary sharing: people who like the same things share them, each in their own time."""

from __future__ import annotations

import numpy as np

from dideban.arrays import F8, I8
from dideban.simulate.draws import DAY_S, draw_index, first_of_each, generator, heavy_weights, rhythm, rhythm_times
from dideban.simulate.world import Shares, World

DELAY_SIGMA = 1.5
"""Spread of ln(delay after birth) among the shares of one object."""
AT_HOME = 0.75
"""Probability that an object is shared by somebody of its own interest community."""
STAY_IN_LANGUAGE = 0.9
"""Probability that an account passes over an object in another language than its own."""
KIND_SHARES = {"link": 5.0, "repost": 3.0}
"""How often an object is of a kind, relative to 1 for all others."""
_REDRAWS = 10


def add_background(world: World, n_shares: int) -> Shares:
    """Add ordinary objects to the world and draw about ``n_shares`` shares of them.

    Each (account, object) occurs once, so that a very small world may give fewer.
    """
    if n_shares <= 0:
        return Shares.join([])
    codes, home, median_s = _add_objects(world, max(20, n_shares // 5))
    rng = generator(world.seed, "background")
    account, chosen = _who_shares_what(rng, world, n_shares=n_shares, home=home)
    birth_s = world.objects.birth_s[codes[chosen]]
    at_s = organic_times(rng, birth_s, median_s=median_s[chosen], zone_s=world.zone_s[account], end_s=world.end_s)
    return Shares(account=account, object=codes[chosen], at_s=at_s)


def organic_times(rng: np.random.Generator, birth_s: F8, *, median_s: F8, zone_s: F8, end_s: float) -> F8:
    """Draw birth + lognormal delay, redrawn until the account is awake (its rhythm of the day) and the stream runs."""
    at_s = np.empty(birth_s.size)
    todo = np.arange(birth_s.size)
    for _ in range(_REDRAWS):
        drawn = birth_s[todo] + median_s[todo] * np.exp(rng.normal(0.0, DELAY_SIGMA, todo.size))
        at_s[todo] = drawn
        awake = rng.random(todo.size) < rhythm(drawn + zone_s[todo])
        todo = todo[~(awake & (drawn < end_s))]
    left = np.minimum(birth_s[todo] + 2 * DAY_S, end_s) - birth_s[todo]
    at_s[todo] = birth_s[todo] + left * rng.random(todo.size)
    return at_s


def _add_objects(world: World, n_objects: int) -> tuple[I8, I8, F8]:
    """Return codes, home community and median delay (s) of new objects, most popular first."""
    rng, objects = generator(world.seed, "objects"), world.objects
    n_communities = world.home_zone_s.size
    sizes = np.bincount(world.community, minlength=n_communities) + 0.0
    home = draw_index(rng, np.sqrt(sizes), n_objects)
    birth_s = rhythm_times(rng, offset_s=world.home_zone_s[home], days=world.days)
    n_origins = max(4, n_objects // 40)
    origin = objects.n_origins + draw_index(rng, heavy_weights(n_origins, exponent=0.9, top_share=0.1), n_objects)
    objects.n_origins += n_origins
    kind = draw_index(rng, np.array([KIND_SHARES.get(kind, 1.0) for kind in objects.kinds]), n_objects)
    median_s = np.exp(np.clip(rng.normal(np.log(5400.0), 0.9, n_objects), np.log(600.0), np.log(43_200.0)))
    return objects.add(birth_s, origin=origin, kind=kind, home=home), home, median_s


def _who_shares_what(rng: np.random.Generator, world: World, *, n_shares: int, home: I8) -> tuple[I8, I8]:
    """Draw distinct (account, object): popular objects and busy accounts more often, mostly at home."""
    popularity = heavy_weights(home.size, exponent=0.9, top_share=max(0.04 * world.n_accounts, 2.0) / n_shares)
    account, chosen = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for _ in range(6):
        size = int(1.3 * (n_shares - account.size)) + 16
        more = draw_index(rng, popularity, size)
        at_home = rng.random(size) < AT_HOME
        who = np.where(at_home, _from_community(rng, world, home[more]), draw_index(rng, world.activity, size))
        if len(world.languages) > 1:
            foreign = world.language_of(who) != world.home_language[home[more]]
            stays = ~(foreign & (rng.random(size) < STAY_IN_LANGUAGE))
            who, more = who[stays], more[stays]
        account, chosen = np.concatenate([account, who]), np.concatenate([chosen, more])
        distinct = first_of_each(account * home.size + chosen)[:n_shares]
        account, chosen = account[distinct], chosen[distinct]
        if account.size >= n_shares:
            break
    return account, chosen


def _from_community(rng: np.random.Generator, world: World, community: I8) -> I8:
    """Draw one account from each community named, by activity; anybody where a community is empty."""
    order = np.argsort(world.community, kind="stable")
    cumulative = np.concatenate([[0.0], np.cumsum(world.activity[order])])
    names = np.arange(world.home_zone_s.size + 1)
    edge = np.searchsorted(world.community[order], names)
    low, high = cumulative[edge[community]], cumulative[edge[community + 1]]
    position = np.searchsorted(cumulative, low + (high - low) * rng.random(community.size), side="right") - 1
    empty = edge[community] == edge[community + 1]
    position = np.where(empty, rng.integers(0, world.n_accounts, community.size), position)
    return np.asarray(order[np.clip(position, 0, world.n_accounts - 1)], np.int64)
