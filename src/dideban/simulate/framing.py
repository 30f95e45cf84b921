"""Framing: attackers that copy innocent accounts, or run ahead of them, so that these look like a group.

``truth`` has the attackers as kind ``attacker`` and the innocent accounts as kind ``copied``. Attackers do act in
concert when there are several of them; whoever is copied does not, whatever the attackers do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from dideban.arrays import B1, F8, I8
from dideban.errors import ConfigError
from dideban.simulate.crowd_parts import incidence, readers, rhythm_births
from dideban.simulate.draws import generator
from dideban.simulate.model import ALL_CROWDS, Stream, check_kinds, require
from dideban.simulate.stream import OWN_POSTS, check_world, populate, to_stream, with_plants
from dideban.simulate.world import Shares, World, make_world

Victims = Literal["busy", "sparse", "fast", "ahead", "feed", "wire", "drawn", "straddled"]
VICTIMS: tuple[str, ...] = get_args(Victims)
"""Whom attackers copy: the busiest accounts, accounts with few posts, accounts that answer one origin within seconds;
or whom they run ahead of: such quick accounts, among many readers; accounts that post every item of a feed, of one
site or of many; or both, by turns: ahead of quick accounts on the items of many sites, and after them elsewhere;
or both at once: of the attackers on such an item one runs ahead, another waits, and the others do either."""
SPARSE = (4, 12)
"""Fewest and most shares of an account with few posts."""


@dataclass(frozen=True, kw_only=True)
class Framing:
    """An attack on innocent accounts.

    Parameters
    ----------
    n_attackers : count, 1..50
        Accounts that copy.
    n_copied : count, 1..50
        Innocent accounts.
    victims : name from VICTIMS
        Which accounts are taken.
    n_posts : count, >= 1
        Posts of each innocent account that are copied, where it has as many.
    lag_s : seconds, > 0
        A copy comes 1 s to so many seconds after the post.
    diligence : share, 0..1
        Probability that an attacker copies a post that is to be copied.
    """

    n_attackers: int = 1
    n_copied: int = 3
    victims: Victims = "busy"
    n_posts: int = 40
    lag_s: float = 5.0
    diligence: float = 0.95

    def __post_init__(self) -> None:
        require(1 <= self.n_attackers <= 50, "framing.n_attackers", self.n_attackers, "within", least=1, most=50)
        require(1 <= self.n_copied <= 50, "framing.n_copied", self.n_copied, "within", least=1, most=50)
        require(self.victims in VICTIMS, "framing.victims", self.victims, "one-of", allowed=list(VICTIMS))
        require(1 <= self.n_posts <= 10_000, "framing.n_posts", self.n_posts, "within", least=1, most=10_000)
        require(1 <= self.lag_s <= 86_400, "framing.lag_s", self.lag_s, "within", least=1, most=86_400)
        require(0 < self.diligence <= 1, "framing.diligence", self.diligence, "above-at-most", least=0, most=1)


def make_framing_stream(
    framing: Framing,
    *,
    seed: int,
    n_accounts: int = 6_000,
    n_shares: int = 115_000,
    days: float = 14,
    crowds: Sequence[str] = ALL_CROWDS,
    kinds: Sequence[str] = ("link",),
    own_posts: float = OWN_POSTS,
) -> Stream:
    """Simulate a stream without a campaign in which attackers try to get innocent accounts named.

    Parameters
    ----------
    framing : Framing
        Who copies whom.
    seed : int, >= 0
        Same arguments, same bytes; everybody else does as without the attack.

    Returns
    -------
    Stream
        ``truth`` has the groups ``attackers-00`` and ``copied-00``.

    Raises
    ------
    ConfigError
        An argument is out of range, or the stream has too few accounts of the kind asked for.
    """
    check_world(seed=seed, n_accounts=n_accounts, n_shares=n_shares, days=days, crowds=crowds)
    check_kinds(kinds, key="kinds")
    world = make_world(seed=seed, n_accounts=n_accounts, days=float(days), kinds=tuple(kinds))
    crowd, alone, groups = populate(world, n_shares=n_shares, crowds=crowds, own_posts=own_posts)
    rng = generator(seed, f"framing of {framing.victims}")
    attackers = np.sort(world.take_back(framing.n_attackers))
    copied, own, foreseen, followed = CHOSEN[framing.victims](rng, world, crowd, framing)
    if copied.size < framing.n_copied or attackers.size < framing.n_attackers:
        raise ConfigError("simulate.too-few-victims", key="framing", victims=framing.victims)
    crowd = with_plants(crowd, [own])
    groups += [("attackers-00", "attacker", attackers), ("copied-00", "copied", copied)]
    made = [
        _copies(rng, attackers, foreseen, framing, lag_s=(0.0, AHEAD_S)),
        _copies(rng, attackers, followed, framing, lag_s=(1.0, framing.lag_s)),
    ]
    if framing.victims == "straddled":
        made = [*_around(rng, attackers, own, foreseen, framing), made[1]]
    copies = Shares.join(made)
    shares = with_plants(crowd, [copies.keep(copies.at_s < world.end_s)])
    return to_stream(world, shares, groups=groups, alone=alone)


Chosen = tuple[I8, Shares, Shares, Shares]
"""The innocent accounts, what they share besides, what attackers know beforehand, and what attackers copy."""
AHEAD_S = 2.0
"""Attackers that know an item beforehand post it so many seconds after its birth at most."""
NONE = Shares(account=np.zeros(0, np.int64), object=np.zeros(0, np.int64), at_s=np.zeros(0))


def _existing(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing, fits: B1) -> Chosen:
    """Take innocent accounts from those that fit, and the posts of theirs that are copied."""
    free = world.queue[fits[world.queue]]
    copied = np.sort(free[: framing.n_copied])
    mine = crowd.keep(np.isin(crowd.account, copied))
    return copied, Shares.join([]), NONE, _some_each(rng, mine, framing.n_posts)


def _busy(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    counts = np.bincount(crowd.account, minlength=world.n_accounts)
    counts[np.setdiff1d(np.arange(world.n_accounts), world.queue)] = -1
    best = np.argsort(-counts, kind="stable")[: framing.n_copied]
    return _existing(rng, world, crowd, framing, np.isin(np.arange(world.n_accounts), best))


def _sparse(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    counts = np.bincount(crowd.account, minlength=world.n_accounts)
    return _existing(rng, world, crowd, framing, (counts >= SPARSE[0]) & (counts <= SPARSE[1]))


def _fast(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    """Let innocent accounts answer one origin within seconds of birth, each at a pace of its own."""
    copied, items = _followers(rng, world, framing, one_origin=True)
    who, what = incidence(rng, copied.size, items.size, 0.7)
    pace_s = np.exp(rng.normal(np.log(20.0), 0.5, copied.size))
    at_s = world.objects.birth_s[items[what]] + pace_s[who] * np.exp(rng.normal(0.0, 0.7, who.size))
    own = _before_the_end(world, copied[who], items[what], at_s)
    return copied, Shares.join([own, readers(rng, world, items, per_item=4.0)]), NONE, own


def _ahead(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    """Let attackers post first what quick innocent accounts will post, on objects that many others share later."""
    copied, items = _followers(rng, world, framing, one_origin=False)
    who, what = incidence(rng, copied.size, items.size, 0.7)
    pace_s = np.exp(rng.normal(np.log(20.0), 0.5, copied.size))
    at_s = world.objects.birth_s[items[what]] + 2.0 + pace_s[who] * np.exp(rng.normal(0.0, 0.7, who.size))
    own = _before_the_end(world, copied[who], items[what], at_s)
    return copied, Shares.join([own, readers(rng, world, items, per_item=30.0)]), _births(world, items), NONE


def _feed(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    return _crossposters(rng, world, framing, one_origin=True)


def _wire(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    return _crossposters(rng, world, framing, one_origin=False)


def _crossposters(rng: np.random.Generator, world: World, framing: Framing, *, one_origin: bool) -> Chosen:
    """Let innocent accounts post every item of a feed after a delay of their own; attackers see the item first."""
    copied, items = _followers(rng, world, framing, one_origin=one_origin)
    who, what = incidence(rng, copied.size, items.size, 0.95)
    own_s = np.exp(rng.uniform(np.log(4.0), np.log(50.0), copied.size))
    at_s = world.objects.birth_s[items[what]] + own_s[who] + rng.integers(0, 3, who.size)
    own = _before_the_end(world, copied[who], items[what], at_s)
    return copied, Shares.join([own, readers(rng, world, items, per_item=3.0)]), _births(world, items), NONE


def _drawn(rng: np.random.Generator, world: World, crowd: Shares, framing: Framing) -> Chosen:
    """Let attackers run ahead of quick innocent accounts, and copy at once what these post by themselves.

    Each innocent account answers a source of its own: they have nothing in common but the attackers, who come after
    them as well as before them, as members of a group do that take turns at being the first.
    """
    n_items = framing.n_posts * framing.n_copied
    copied, items = _followers(rng, world, framing, one_origin=False, n_items=n_items)
    who, what = incidence(rng, copied.size, items.size, 0.9)
    mine = what % max(copied.size, 1) == who
    who, what = who[mine], what[mine]
    pace_s = np.exp(rng.normal(np.log(20.0), 0.5, copied.size))
    at_s = world.objects.birth_s[items[what]] + AHEAD_S + pace_s[who] * np.exp(rng.normal(0.0, 0.7, who.size))
    quick = _before_the_end(world, copied[who], items[what], at_s)
    alone = _alone(rng, world, copied, framing)
    own = Shares.join([quick, alone, readers(rng, world, items, per_item=0.5)])
    return copied, own, _births(world, items), alone


def _around(rng: np.random.Generator, attackers: I8, own: Shares, foreseen: Shares, framing: Framing) -> list[Shares]:
    """Let one attacker run ahead of each foreseen item, another wait until it is posted, and the rest do either."""
    items = foreseen.object
    posted_s = np.full(int(max(own.object.max(initial=-1), items.max(initial=-1))) + 1, np.inf)
    np.minimum.at(posted_s, own.object, own.at_s)
    what, who = np.nonzero(rng.random((items.size, attackers.size)) < framing.diligence)
    turn = np.argsort(np.argsort(rng.random((items.size, attackers.size)), axis=1), axis=1)[what, who]
    ahead = (turn == 0) | ((turn > 1) & (rng.random(what.size) < 0.5))
    early_s = foreseen.at_s[what] + rng.random(what.size) * AHEAD_S
    late_s = posted_s[items[what]] + 1.0 + rng.random(what.size) * (framing.lag_s - 1.0)
    made = Shares(account=attackers[who], object=items[what], at_s=np.where(ahead, early_s, late_s))
    return [made.keep(np.isfinite(made.at_s))]


def _alone(rng: np.random.Generator, world: World, copied: I8, framing: Framing) -> Shares:
    """Return new objects that each innocent account posts by itself, half as many as there are items."""
    born_s = np.sort(rhythm_births(rng, world, max(framing.n_posts * framing.n_copied // 2, 1)))
    objects = world.objects
    origin = rng.integers(0, max(objects.n_origins, 1), born_s.size)
    home = np.full(born_s.size, world.community[copied[0]] if copied.size else 0)
    codes = objects.add(born_s, origin=origin, kind=rng.integers(0, len(objects.kinds), born_s.size), home=home)
    whose = copied[np.arange(born_s.size) % max(copied.size, 1)] if copied.size else copied[:0]
    return _before_the_end(world, whose, codes[: whose.size], born_s[: whose.size])


def _births(world: World, items: I8) -> Shares:
    """Return when each item can first be posted, as if somebody had."""
    return Shares(account=np.full(items.size, -1), object=items, at_s=world.objects.birth_s[items])


def _followers(
    rng: np.random.Generator, world: World, framing: Framing, *, one_origin: bool, n_items: int | None = None
) -> tuple[I8, I8]:
    """Take ordinary accounts and make the items that they will post, of one new origin or of any."""
    copied = np.sort(world.take_back(framing.n_copied))
    born_s = np.sort(rhythm_births(rng, world, n_items or framing.n_posts))
    objects, n = world.objects, born_s.size
    origin = np.full(n, objects.new_origin()) if one_origin else rng.integers(0, max(objects.n_origins, 1), n)
    objects.n_origins = max(objects.n_origins, 1)
    home = np.full(n, world.community[copied[0]] if copied.size else 0)
    kind = rng.integers(0, len(objects.kinds), n)
    return copied, objects.add(born_s, origin=origin, kind=kind, home=home)


CHOSEN: dict[str, Callable[[np.random.Generator, World, Shares, Framing], Chosen]] = {
    "busy": _busy,
    "sparse": _sparse,
    "fast": _fast,
    "ahead": _ahead,
    "feed": _feed,
    "wire": _wire,
    "drawn": _drawn,
    "straddled": _drawn,
}


def _copies(
    rng: np.random.Generator, attackers: I8, source: Shares, framing: Framing, *, lag_s: tuple[float, float]
) -> Shares:
    """Let each attacker copy most of the posts, the first time an object comes up, after a lag drawn evenly."""
    first = source.keep(np.lexsort((source.at_s, source.object)))
    first = first.keep(np.append(True, first.object[1:] != first.object[:-1])[: len(first)])
    what, who = np.nonzero(rng.random((len(first), attackers.size)) < framing.diligence)
    late_s: F8 = rng.random(what.size) * (lag_s[1] - lag_s[0]) + lag_s[0]
    return Shares(account=attackers[who], object=first.object[what], at_s=first.at_s[what] + late_s)


def _some_each(rng: np.random.Generator, shares: Shares, most: int) -> Shares:
    """Return at most so many shares of each account, drawn at random."""
    order = np.lexsort((rng.random(len(shares)), shares.account))
    account = shares.account[order]
    place = np.arange(order.size) - np.searchsorted(account, account)
    return shares.keep(np.sort(order[place < most]))


def _before_the_end(world: World, account: I8, code: I8, at_s: F8) -> Shares:
    return Shares(account=account, object=code, at_s=at_s).keep(at_s < world.end_s)
