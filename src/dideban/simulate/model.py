"""What a simulation is asked for and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from dideban.errors import ConfigError
from dideban.messages import Message
from dideban.messages.message import Value
from dideban.schema import INSTANT, OBJECT_KINDS

START_S = 1_772_409_600
"""Start of every simulated stream, Unix seconds: Monday 2 March 2026, 00:00 UTC."""

Where = Literal["popular", "exclusive", "mixed"]
WHERES = ("popular", "exclusive", "mixed")

Moment = Literal["crowd", "any", "first"]
MOMENTS = ("crowd", "any", "first")

ALL_CROWDS = (
    "fast_reactors",
    "schedulers",
    "announced_minute",
    "feed_crossposters",
    "feed_crossposters_jittered",
    "news_wires",
    "diurnal_communities",
    "breaking_news",
)
"""Crowds that look coordinated to a naive rule; docs/methods/simulation.md describes each."""

NEW_CROWDS = (
    "clocks_dense",
    "clocks_sparse",
    "live_events",
    "small_fans",
    "unseen_sources",
    "shared_tools",
    "time_zones",
    "new_accounts",
    "minute_bots",
    "sessions",
)
"""Crowds whose moments are not their own: clocks, queues, occasions, sittings. Each breaks some simple null."""

HARD_CROWDS = (*ALL_CROWDS, *NEW_CROWDS)
"""Every crowd there is."""

CROWD_SETS = {"none": (), "default": ALL_CROWDS, "habits": NEW_CROWDS, "everything": HARD_CROWDS}
"""Names for several crowds at once."""

ROLES = ("plant", "attacker", "copied", "crowd", "ordinary")
"""What an account of a stream is. The first that fits counts."""

TRUTH_SCHEMA = pl.Schema({"group": pl.String(), "account_id": pl.String(), "kind": pl.String()})

ACCOUNTS_SCHEMA = pl.Schema(
    {
        "account_id": pl.String(),
        "role": pl.Enum(ROLES),
        "part": pl.String(),
        "period_s": pl.Int64(),
        "phase_s": pl.Int64(),
        "late_s": pl.Int64(),
    }
)
"""``part`` is the plant or the crowd, empty for ordinary accounts; accounts without a clock have nulls for it."""

MOMENTS_SCHEMA = pl.Schema({"account_id": pl.String(), "post_id": pl.String(), "created_at": INSTANT})

OPERATIONS_SCHEMA = pl.Schema(
    {
        "group": pl.String(),
        "operation": pl.Int64(),
        "object_kind": pl.Enum(OBJECT_KINDS),
        "object_id": pl.String(),
        "trigger_at": INSTANT,
        "where": pl.String(),
        "n_joined": pl.Int64(),
    }
)


@dataclass(frozen=True, kw_only=True)
class Plant:
    """One planted campaign: accounts that act on a common trigger, again and again.

    Parameters
    ----------
    n_accounts : count, >= 2
        Members.
    n_operations : count, >= 1
        Objects pushed, one trigger each.
    jitter_s : seconds, >= 0
        A member joins at trigger + U(0, jitter_s).
    where : "popular", "exclusive" or "mixed"
        Objects that a crowd is sharing at that time, objects no one else shares, or half of each.
    participation : share, 0..1
        Probability that a member joins an operation.
    scale_s : seconds
        Window at which the campaign is meant to be looked for; None = ``jitter_s``. It changes nothing in the stream.
    kinds : object kinds
        Operations take these kinds in turn.
    days : days
        Length of the stretch in which the campaign is active; None = the whole stream.
    moment : "crowd", "any" or "first"
        When in the life of a popular object: near another share, at any moment of its first 12 hours, or at
        its birth, before everybody else. Objects of its own are always pushed within ten minutes of their birth.
    others : count
        Sharers that are not members, for each popular object: the campaign acts on new objects that as many other
        accounts share. None = on the most popular objects of the stream.
    posts_per_day : count, > 0
        Posts of each member in all, its joint ones included; None = as active as anybody.
    lag_s : seconds
        Members come one after the other, exactly so many seconds apart, in an order that is drawn once. None = each
        within ``jitter_s``.
    """

    n_accounts: int
    n_operations: int
    jitter_s: float
    where: Where = "popular"
    participation: float = 0.85
    scale_s: float | None = None
    kinds: tuple[str, ...] = ("link",)
    days: float | None = None
    moment: Moment = "crowd"
    others: int | None = None
    posts_per_day: float | None = None
    lag_s: float | None = None

    def __post_init__(self) -> None:
        require(self.n_accounts >= 2, "plant.n_accounts", self.n_accounts, "at-least", least=2)
        require(self.n_operations >= 1, "plant.n_operations", self.n_operations, "at-least", least=1)
        require(0 <= self.jitter_s < float("inf"), "plant.jitter_s", self.jitter_s, "at-least", least=0)
        require(self.where in WHERES, "plant.where", self.where, "one-of", allowed=list(WHERES))
        require(
            0 < self.participation <= 1, "plant.participation", self.participation, "above-at-most", least=0, most=1
        )
        require(self.scale_s is None or self.scale_s > 0, "plant.scale_s", self.scale_s, "above", least=0)
        require(self.days is None or self.days > 0, "plant.days", self.days, "above", least=0)
        require(self.moment in MOMENTS, "plant.moment", self.moment, "one-of", allowed=list(MOMENTS))
        require(
            self.others is None or 1 <= self.others <= 10_000,
            "plant.others",
            self.others,
            "within",
            least=1,
            most=10_000,
        )
        rate = self.posts_per_day
        require(rate is None or 0 < rate <= 1_440, "plant.posts_per_day", rate, "above-at-most", least=0, most=1_440)
        require(
            self.lag_s is None or 0 < self.lag_s <= 86_400,
            "plant.lag_s",
            self.lag_s,
            "above-at-most",
            least=0,
            most=86_400,
        )
        check_kinds(self.kinds, key="plant.kinds")


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A simulated stream.

    ``traces`` is a TRACES table, sorted by time. ``truth`` has one row per (group, account_id, kind): kind ``plant``
    for planted campaigns, ``attacker`` and ``copied`` for framing; ``feed``, ``wire``, ``announced``, ``event``,
    ``fans`` and ``programs`` for crowds that do share a trigger and would be right to find, yet have an ordinary
    explanation. ``objects`` is an OBJECTS table with ``born_at`` and ``origin``.
    ``operations`` says when each plant was triggered and how many joined. ``moments`` has every post of every account,
    also those that share nothing and have no trace. ``accounts`` lists what each account that posts is.
    """

    traces: pl.DataFrame
    truth: pl.DataFrame
    objects: pl.DataFrame
    operations: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OPERATIONS_SCHEMA))
    moments: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MOMENTS_SCHEMA))
    accounts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ACCOUNTS_SCHEMA))


def require(holds: bool, key: str, value: object, wanted: str, **values: Value) -> None:
    """Raise a ConfigError unless ``holds``; ``wanted`` says what would do: ``at-least``, ``one-of``, ..."""
    if not holds:
        expected = Message(f"simulate.expected.{wanted}", **values)
        raise ConfigError("simulate.not-expected", key=key, value=value, expected=expected)


def check_kinds(kinds: Sequence[str], *, key: str) -> None:
    """Raise a ConfigError where a kind is unknown, or where there is none."""
    require(len(kinds) > 0, key, tuple(kinds), "kinds")
    for kind in kinds:
        require(kind in OBJECT_KINDS, key, kind, "one-of", allowed=list(OBJECT_KINDS))
