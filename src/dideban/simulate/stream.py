"""Streams of shares with known truth: ordinary people, difficult crowds, planted campaigns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I8
from dideban.schema import INSTANT, OBJECT_KINDS, OBJECTS, TRACES
from dideban.simulate.background import add_background
from dideban.simulate.crowd_table import ADDED, SHIFTED
from dideban.simulate.draws import draw_index, generator, rhythm_times
from dideban.simulate.model import (
    ACCOUNTS_SCHEMA,
    ALL_CROWDS,
    HARD_CROWDS,
    MOMENTS_SCHEMA,
    OPERATIONS_SCHEMA,
    ROLES,
    START_S,
    TRUTH_SCHEMA,
    Plant,
    Stream,
    Where,
    check_kinds,
    require,
)
from dideban.simulate.plants import Planted, add_plant, settle_posts
from dideban.simulate.world import Shares, World, make_world

Group = tuple[str, str, I8]

OWN_POSTS = 0.8
"""Posts that share nothing, per share."""


def make_stream(
    *,
    seed: int,
    n_accounts: int = 6_000,
    n_shares: int = 115_000,
    days: float = 14,
    crowds: Sequence[str] = ALL_CROWDS,
    plants: Sequence[Plant] = (),
    kinds: Sequence[str] = ("link",),
    own_posts: float = OWN_POSTS,
) -> Stream:
    """Simulate a stream of shares.

    Parameters
    ----------
    seed : int, >= 0
        Same arguments, same bytes.
    n_accounts : count, >= 10
        Accounts in the world; a few may never share.
    n_shares : count, >= 0
        Shares without those of plants. Shares that fall past the end are lost, so that a stream has slightly fewer.
    days : days, > 0
        Length of the stream, from Monday 2 March 2026, 00:00 UTC.
    crowds : names from HARD_CROWDS
        Difficult crowds mixed into the background.
    plants : Plant
        Campaigns to plant; none = a null stream. Members are otherwise ordinary accounts.
    kinds : object kinds
        Kinds of the objects.
    own_posts : ratio, 0..100
        Posts that share nothing, per share; some crowds and plants have more of their own.

    Returns
    -------
    Stream
        Traces, truth, objects, operations, moments, accounts; times are whole seconds.

    Raises
    ------
    ConfigError
        An argument is out of range, a crowd or kind is unknown, or the plants do not fit in.
    """
    check_world(seed=seed, n_accounts=n_accounts, n_shares=n_shares, days=days, crowds=crowds)
    check_kinds(kinds, key="kinds")
    world = make_world(seed=seed, n_accounts=n_accounts, days=float(days), kinds=tuple(kinds))
    crowd, alone, groups = populate(world, n_shares=n_shares, crowds=crowds, own_posts=own_posts)
    planted = [add_plant(world, plant, number=number, crowd=crowd) for number, plant in enumerate(plants)]
    crowd, alone = with_others(world, planted, crowd=crowd, alone=alone)
    groups += [(p.name, "plant", p.members) for p in planted]
    shares = with_plants(crowd, [p.shares for p in planted])
    return to_stream(world, shares, groups=groups, planted=planted, alone=alone)


def populate(
    world: World, *, n_shares: int, crowds: Sequence[str], own_posts: float
) -> tuple[Shares, Shares, list[Group]]:
    """Return everybody's shares, everybody's posts that share nothing, and the groups of crowds with a trigger."""
    require(0 <= own_posts <= 100, "own_posts", own_posts, "within", least=0, most=100)
    rng = generator(world.seed, "posts that share nothing")
    account = draw_index(rng, world.activity, int(own_posts * n_shares))
    at_s = rhythm_times(rng, offset_s=world.zone_s[account], days=world.days)
    alone = Shares(account=account, object=np.full(account.size, -1), at_s=at_s)
    everything, groups = organic(world, n_shares=n_shares, crowds=crowds, alone=alone)
    shares = _once_each(world, everything.keep(everything.object >= 0))
    return shares, everything.keep(everything.object < 0), groups


def with_others(world: World, planted: Sequence[Planted], *, crowd: Shares, alone: Shares) -> tuple[Shares, Shares]:
    """Add the other sharers that plants bring along, and give members the number of posts that plants ask for."""
    crowd = Shares.join([crowd, *(p.others for p in planted if len(p.others))])
    for p in planted:
        crowd, alone = settle_posts(world, p, shares=crowd, alone=alone)
    return crowd, alone


def planted_grid(
    *,
    sizes: Sequence[int] = (5, 8, 15),
    operations: Sequence[int] = (6, 8, 12, 18, 30),
    jitters_s: Sequence[float] = (10.0, 40.0),
    wheres: Sequence[Where] = ("popular", "exclusive"),
    repeats: int = 1,
) -> list[Plant]:
    """Return one Plant per cell of size x operations x jitter x where, ``repeats`` times each.

    Plant i of the list is group ``plant-{i:02d}`` of the stream.

    Parameters
    ----------
    sizes : counts
        Accounts per group.
    operations : counts
        Joint operations per group.
    jitters_s : seconds
        How far apart the shares of one operation lie at most.
    wheres : "popular", "exclusive" or "mixed"
        Whose objects the group acts on.
    repeats : count
        Groups per cell.
    """
    cells = itertools.product(sizes, operations, jitters_s, wheres, range(repeats))
    return [
        Plant(n_accounts=size, n_operations=count, jitter_s=jitter_s, where=where)
        for size, count, jitter_s, where, _ in cells
    ]


def with_plants(crowd: Shares, planted: Sequence[Shares]) -> Shares:
    """Put planted shares into a crowd; a member's own ordinary share of the very object gives way."""
    mine = Shares.join(list(planted))
    if not len(mine):
        return crowd
    width = int(max(crowd.object.max(initial=0), mine.object.max())) + 1
    taken = np.isin(crowd.account * width + crowd.object, mine.account * width + mine.object)
    return Shares.join([crowd.keep(~taken), mine])


def to_stream(
    world: World,
    shares: Shares,
    *,
    groups: Sequence[Group],
    planted: Sequence[Planted] = (),
    alone: Shares | None = None,
) -> Stream:
    """Write a world and its shares as tables; order and post ids depend on nothing but the shares themselves."""
    seconds = np.floor(shares.at_s).astype(np.int64)
    order = np.lexsort((shares.object, shares.account, seconds))
    labels = _object_ids(world)
    accounts = account_ids(world.n_accounts)
    traces = pl.DataFrame(
        {
            "account_id": accounts.gather(shares.account[order]),
            "object_kind": labels["object_kind"].gather(shares.object[order]),
            "object_id": labels["object_id"].gather(shares.object[order]),
            "post_id": _numbered("sim/p", len(order), 8),
            "created_at": instants(seconds[order]),
        }
    )
    used = np.zeros(len(labels), np.bool_)
    used[shares.object] = True
    return Stream(
        traces=TRACES.check(traces),
        truth=_truth(groups, accounts),
        objects=OBJECTS.check(labels.filter(pl.Series(used)).sort("object_kind", "object_id")),
        operations=_operations(planted, labels),
        moments=_moments(traces, alone, accounts),
        accounts=_accounts(world, groups, accounts, posting=_posting(world, shares, alone)),
    )


def instants(seconds: I8 | F8) -> pl.Series:
    """Return seconds since the start of the stream as instants, cut to whole seconds."""
    micros = (np.floor(seconds).astype(np.int64) + START_S) * 1_000_000
    return pl.Series(micros, dtype=pl.Int64).cast(INSTANT)


def account_ids(n_accounts: int) -> pl.Series:
    """Return the names of all accounts by code."""
    return _numbered("acc_", n_accounts, 6)


def check_world(*, seed: int, n_accounts: int, n_shares: int, days: float, crowds: Sequence[str]) -> None:
    """Raise a ConfigError where the size of a stream or a crowd makes no sense."""
    require(seed >= 0, "seed", seed, "at-least", least=0)
    require(
        10 <= n_accounts <= 10_000_000,
        "n_accounts",
        n_accounts,
        "within",
        least=10,
        most=10_000_000,
    )
    require(
        0 <= n_shares <= 200_000_000,
        "n_shares",
        n_shares,
        "within",
        least=0,
        most=200_000_000,
    )
    require(0 < days <= 3650, "days", days, "above-at-most", least=0, most=3650)
    for name in crowds:
        require(name in HARD_CROWDS, "crowds", name, "one-of", allowed=list(HARD_CROWDS))


LEAST_ORDINARY = 0.3
"""Share of ordinary sharing, however much crowds with a common trigger do over many days."""


def organic(
    world: World, *, n_shares: int, crowds: Sequence[str], alone: Shares | None = None
) -> tuple[Shares, list[Group]]:
    """Return the shares of everybody but plants, and the groups that follow a common trigger for ordinary reasons.

    ``alone`` are posts that share no object (object -1): they keep the habits of their accounts too.
    """
    parts: list[Shares] = []
    groups: list[Group] = []
    for name, (add, most) in ADDED.items():
        if name in crowds and (budget := int(most * n_shares)):
            world.begin(name)
            crowd = add(world, budget)
            parts.append(crowd.shares)
            groups += crowd.groups
    parts = _make_room(world, parts, int((1 - LEAST_ORDINARY) * n_shares))
    ordinary = add_background(world, n_shares - sum(map(_n_sharing, parts)))
    ordinary = ordinary if alone is None else Shares.join([ordinary, alone])
    for name, shift in SHIFTED.items():
        if name in crowds:
            world.begin(name)
            ordinary = shift(world, ordinary)
    return Shares.join([*parts, ordinary]), groups


def _n_sharing(part: Shares) -> int:
    return int(np.sum(part.object >= 0))


def _once_each(world: World, shares: Shares) -> Shares:
    """Leave out later shares of an object by the same account, where a crowd and ordinary reading met."""
    order = np.lexsort((shares.at_s, shares.object, shares.account))
    keys = shares.account[order] * world.objects.birth_s.size + shares.object[order]
    again = order[np.append(False, keys[1:] == keys[:-1])[: order.size]]
    kept = np.ones(len(shares), np.bool_)
    kept[again] = False
    return shares.keep(kept)


def _make_room(world: World, parts: list[Shares], most: int) -> list[Shares]:
    """Leave out objects at random where crowds, which go on day after day, would share more than ``most`` times."""
    total = sum(map(_n_sharing, parts))
    if total <= most:
        return parts
    kept = generator(world.seed, "room for ordinary sharing").random(world.objects.birth_s.size) < most / total
    return [part.keep((part.object < 0) | kept[part.object]) for part in parts]


def _object_ids(world: World) -> pl.DataFrame:
    """Return OBJECTS of the world, one row per code."""
    objects = world.objects
    n = objects.birth_s.size
    names = pl.Series(list(objects.kinds), dtype=pl.Enum(OBJECT_KINDS))
    frame = pl.DataFrame(
        {
            "object_kind": names.gather(objects.kind) if n else pl.Series([], dtype=pl.Enum(OBJECT_KINDS)),
            "number": _numbered("", n, 7),
            "born_at": instants(objects.birth_s),
            "site": pl.Series(objects.origin).cast(pl.String).str.zfill(4),
        }
    )
    link = pl.concat_str([pl.lit("https://site"), "site", pl.lit(".example/"), "number"])
    other = pl.concat_str([pl.col("object_kind").cast(pl.String), pl.lit("/"), "number"])
    is_link = pl.col("object_kind") == "link"
    return frame.select(
        "object_kind",
        pl.when(is_link).then(link).otherwise(other).alias("object_id"),
        "born_at",
        pl.concat_str([pl.lit("site"), "site", pl.lit(".example")]).alias("origin"),
        pl.when(is_link).then(link).otherwise(other).alias("label"),
    )


def _numbered(prefix: str, n: int, width: int) -> pl.Series:
    numbers = pl.select(pl.int_range(n, dtype=pl.Int64).cast(pl.String).str.zfill(width)).to_series()
    return prefix + numbers if prefix else numbers


def _truth(groups: Sequence[Group], accounts: pl.Series) -> pl.DataFrame:
    frames = [
        pl.DataFrame({"group": name, "account_id": accounts.gather(np.sort(members)), "kind": kind})
        for name, kind, members in groups
    ]
    return pl.concat([pl.DataFrame(schema=TRUTH_SCHEMA), *frames])


def _moments(traces: pl.DataFrame, alone: Shares | None, accounts: pl.Series) -> pl.DataFrame:
    """Return every post: those of traces, and those that share nothing."""
    shared = traces.select(MOMENTS_SCHEMA.names())
    if alone is None or not len(alone):
        return shared.sort("created_at", "account_id", "post_id")
    seconds = np.floor(alone.at_s).astype(np.int64)
    order = np.lexsort((alone.account, seconds))
    plain = pl.DataFrame(
        {
            "account_id": accounts.gather(alone.account[order]),
            "post_id": _numbered("sim/q", len(order), 8),
            "created_at": instants(seconds[order]),
        }
    )
    return pl.concat([shared, plain]).sort("created_at", "account_id", "post_id")


def _posting(world: World, shares: Shares, alone: Shares | None) -> B1:
    """Return which accounts post anything."""
    posting = np.zeros(world.n_accounts, np.bool_)
    posting[shares.account] = True
    if alone is not None:
        posting[alone.account] = True
    return posting


def _accounts(world: World, groups: Sequence[Group], accounts: pl.Series, *, posting: B1) -> pl.DataFrame:
    """Return what each account that posts is: the first of ROLES that fits."""
    codes = np.flatnonzero(posting)
    role = np.where(world.part[codes] > 0, "crowd", "ordinary").astype("U8")
    part = np.array(world.parts, dtype=object)[world.part[codes]]
    for wanted in ("copied", "attacker", "plant"):
        for name, kind, members in groups:
            if kind == wanted:
                mine = np.isin(codes, members)
                role[mine], part[mine] = wanted, name
    period_s = world.period_s[codes]
    clock = {"period_s": period_s, "phase_s": world.phase_s[codes], "late_s": world.late_s[codes]}
    return (
        pl.DataFrame(
            {
                "account_id": accounts.gather(codes),
                "role": pl.Series(role.tolist(), dtype=pl.Enum(ROLES)),
                "part": pl.Series(part.tolist(), dtype=pl.String),
                **{name: pl.Series(values.astype(np.int64)) for name, values in clock.items()},
            }
        )
        .with_columns(pl.when(pl.col("period_s") > 0).then(pl.col(name)) for name in clock)
        .select(ACCOUNTS_SCHEMA.names())
    )


def _operations(planted: Sequence[Planted], labels: pl.DataFrame) -> pl.DataFrame:
    frames = [pl.DataFrame(schema=OPERATIONS_SCHEMA)]
    for p in planted:
        joined = np.bincount(p.shares.object, minlength=len(labels))[p.object]
        where = np.where(p.is_popular == 1, "popular", "exclusive")
        frames.append(
            pl.DataFrame(
                {
                    "group": p.name,
                    "operation": np.arange(p.object.size),
                    "object_kind": labels["object_kind"].gather(p.object),
                    "object_id": labels["object_id"].gather(p.object),
                    "trigger_at": instants(p.trigger_s),
                    "where": where.tolist(),
                    "n_joined": joined,
                },
                schema=OPERATIONS_SCHEMA,
            )
        )
    return pl.concat(frames)
