"""Bursts of content, responses to some of them, and what the responses really did."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import F8, I8
from dideban.errors import ConfigError
from dideban.schema import INSTANT

CHOICES = ("any", "drawn", "size", "dying")
"""How targets are chosen: at random by people, by a lot, the largest first, those about to fade first (known to the
desk and to no one else)."""
START = 1_767_225_600
"""First hour, seconds since 1970: 1 January 2026."""
NOTICED_POSTS, NOTICED_WITHIN_H = 20, 24
READY_H = (3, 12)
"""Hours after being noticed in which a response can come."""
LOT = 4
"""Most targets of one lot."""
_SPEC = re.compile(r"(\d{1,4})x(-?\d(?:\.\d{1,4})?)(?::([a-z]+))?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Responses:
    """How many responses, what each does to the posts that follow, and how its target is chosen."""

    n: int
    reduction: float
    """Share of the posts that do not come, negative = more come; 0 = no effect."""
    choice: str = "any"

    def __post_init__(self) -> None:
        if not 0 <= self.n <= 2_000:
            raise ConfigError("config.not-within", key="responses", value=self.n, least=0, most=2_000)
        if not -5 <= self.reduction <= 1:
            raise ConfigError("config.not-within", key="reduction", value=self.reduction, least=-5, most=1)
        if self.choice not in CHOICES:
            raise ConfigError("config.not-one-of", key="choice", value=self.choice, allowed=CHOICES)


@dataclass(frozen=True, kw_only=True)
class Bursts:
    """Posts by target and hour, and the responses."""

    counts: I8
    """(targets, hours) as they came."""
    untouched: I8
    """(targets, hours) as they would have come without a response."""
    responses: pl.DataFrame
    """``unit``, ``hour``, ``drawn_with`` (list), one row per response."""


def parse_responses(text: str) -> Responses:
    """Read ``20x0.5:drawn``: responses x share of the posts that do not come, and how targets are chosen.

    Raises
    ------
    ConfigError
        The text is something else, or a number is out of range.
    """
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        raise ConfigError("simulate.responses-unreadable", key="responses", value=text, allowed=CHOICES)
    return Responses(n=int(match[1]), reduction=float(match[2]), choice=match[3] or "any")


def make_bursts(responses: Responses, *, seed: int, n_units: int = 300, days: int = 90) -> Bursts:
    """Simulate bursts and answer some of them.

    Parameters
    ----------
    responses : Responses
    seed : int
        Same seed, same bursts.
    n_units : count
    days : count

    Notes
    -----
    A burst rises within hours, decays with a time of its own and a long tail, flares up again in one case of four,
    follows the hour of the day and is overdispersed by the hour. Sizes are log-normal.
    """
    if not 1 <= n_units <= 20_000 or not 4 <= days <= 800:
        raise ConfigError("config.not-within", key="units", value=n_units, least=1, most=20_000)
    source = np.random.Generator(np.random.PCG64(seed))
    rates = _rates(source, n_units, days * 24)
    untouched = source.poisson(rates).astype(np.int64)
    chosen = _choose(source, untouched, responses)
    counts = untouched.copy()
    for unit, hour, _ in chosen:
        after = counts[unit, hour + 1 :]
        if responses.reduction >= 0:
            counts[unit, hour + 1 :] = source.binomial(after, 1 - responses.reduction)
        else:
            counts[unit, hour + 1 :] = after + source.poisson(-responses.reduction * rates[unit, hour + 1 :])
    table = pl.DataFrame(
        {
            "unit": [one[0] for one in chosen],
            "hour": [one[1] for one in chosen],
            "drawn_with": [one[2] for one in chosen],
        },
        schema={"unit": pl.Int64, "hour": pl.Int64, "drawn_with": pl.List(pl.Int64)},
    )
    return Bursts(counts=counts, untouched=untouched, responses=table)


def _rates(source: np.random.Generator, n: int, n_hours: int) -> F8:
    """Return expected posts by target and hour."""
    hour = np.arange(n_hours) + 0.5
    start = source.uniform(0, max(1, n_hours - 24), n)
    size = np.clip(np.exp(source.normal(5.2, 1.2, n)), 20, 20_000)
    rise, fade = np.exp(source.normal(1.0, 0.7, n)), np.exp(source.normal(2.8, 0.8, n))
    again = source.random(n) < 0.25
    second, strength = start + source.uniform(12, 120, n), source.uniform(0.2, 0.8, n) * again
    since, later = hour - start[:, None], hour - second[:, None]
    shape = _burst(since, rise[:, None], fade[:, None]) + 0.05 * np.where(
        since > 0, np.exp(-np.maximum(since, 0) / (6 * fade[:, None])), 0
    )
    shape += strength[:, None] * _burst(later, rise[:, None], fade[:, None])
    shape *= 1 + 0.7 * np.sin(2 * np.pi * (hour - 9) / 24)
    rates = size[:, None] * shape / np.maximum(shape.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(rates * source.gamma(2.0, 0.5, rates.shape))


def _burst(since: F8, rise: F8, fade: F8) -> F8:
    falling = np.exp(-np.maximum(since - rise, 0) / fade)
    return np.asarray(np.where(since > 0, np.minimum(since / rise, 1) * falling, 0.0))


def _choose(source: np.random.Generator, counts: I8, responses: Responses) -> list[tuple[int, int, list[int]]]:
    """Return (target, hour, lot) of each response, in order of time."""
    total = np.concatenate([np.zeros((len(counts), 1), np.int64), np.cumsum(counts, axis=1)], axis=1)
    back = np.maximum(np.arange(total.shape[1]) - NOTICED_WITHIN_H, 0)
    loud = total - total[:, back] >= NOTICED_POSTS
    noticed = np.where(loud.any(axis=1), loud.argmax(axis=1), -1)
    n_hours = counts.shape[1]
    left = set(np.flatnonzero((noticed >= 72) & (noticed + READY_H[1] < n_hours)).tolist())
    hours = np.sort(
        source.choice(np.arange(72, n_hours), size=min(n_hours - 72, 40 * max(1, responses.n)), replace=False)
    )
    found: list[tuple[int, int, list[int]]] = []
    for hour in hours.tolist() if responses.n else []:
        ready = sorted(unit for unit in left if READY_H[0] <= hour - noticed[unit] <= READY_H[1])
        if len(found) == responses.n or not ready or (responses.choice != "any" and len(ready) < 2):
            continue
        unit, lot = _pick(source, ready, total, hour, responses.choice)
        found.append((unit, hour, lot))
        left -= {unit, *lot}
    return found


def _pick(source: np.random.Generator, ready: list[int], total: I8, hour: int, choice: str) -> tuple[int, list[int]]:
    """Return which target is answered, and the lot it came from."""
    if choice == "drawn":
        lot = sorted(source.choice(ready, size=min(LOT, len(ready)), replace=False).tolist())
        return int(source.choice(lot)), lot
    if choice == "size":
        return max(ready, key=lambda unit: (int(total[unit, hour]), -unit)), []
    if choice == "dying":
        return min(
            ready, key=lambda unit: (float((total[unit, -1] - total[unit, hour]) / (1 + total[unit, hour])), unit)
        ), []
    return int(source.choice(ready)), []


def address_of(unit: int) -> str:
    """Return the link that a target stands for."""
    return f"https://site-{unit % 40}.example/story-{unit}"


def posts_of(bursts: Bursts, *, seed: int) -> pl.DataFrame:
    """Return posts that ``dideban effect`` reads: one per count, at a moment inside its hour."""
    source = np.random.Generator(np.random.PCG64([seed, 1]))
    units, hours = np.nonzero(bursts.counts)
    times = bursts.counts[units, hours]
    unit, hour = np.repeat(units, times), np.repeat(hours, times)
    seconds = hour * 3600 + source.integers(0, 3600, len(hour))
    table = pl.DataFrame({"unit": unit, "seconds": seconds, "person": source.integers(0, 5_000, len(unit))})
    table = table.sort("seconds", "unit", "person").with_row_index("n")
    links = pl.DataFrame(
        {"unit": np.arange(len(bursts.counts)), "link": [address_of(one) for one in range(len(bursts.counts))]}
    )
    return table.join(links, on="unit", maintain_order="left").select(
        post_id=pl.format("p{}", "n"), account_id=pl.format("person-{}", "person"),
        created_at=((pl.col("seconds") + START) * 1_000_000).cast(INSTANT), text=pl.format("Look at this: {}", "link"),
        urls=pl.concat_list("link"),
    )  # fmt: skip


def responses_of(bursts: Bursts, responses: Responses, *, horizon_h: int = 48) -> pl.DataFrame:
    """Return the table of responses that ``dideban effect`` reads."""
    rows = [
        {
            "response": f"response-{number}", "target": address_of(unit), "at": _instant(hour), "horizon_h": horizon_h,
            "kind": "correction", "planned_at": _instant(hour - 1),
            "drawn_with": "|".join(address_of(one) for one in lot or []),
        }
        for number, (unit, hour, lot) in enumerate(bursts.responses.iter_rows(), start=1)
    ]  # fmt: skip
    names = ("response", "target", "at", "horizon_h", "kind", "planned_at", "drawn_with")
    return pl.DataFrame(rows, schema={name: pl.Int64 if name == "horizon_h" else pl.String for name in names})


def _instant(hour: int) -> str:
    return pl.Series([(START + hour * 3600) * 1_000_000]).cast(INSTANT).dt.strftime("%Y-%m-%dT%H:%M:%SZ")[0]  # type: ignore[no-any-return]


def truth_of(bursts: Bursts, responses: Responses, *, horizon_h: int = 48) -> pl.DataFrame:
    """Return what each response really did: posts within the horizon with and without it."""
    rows = []
    for number, (unit, hour, _) in enumerate(bursts.responses.iter_rows(), start=1):
        span = slice(hour + 1, hour + 1 + horizon_h)
        rows.append(
            {
                "response": f"response-{number}",
                "target": address_of(unit),
                "reduction": responses.reduction,
                "posts": int(bursts.counts[unit, span].sum()),
                "posts_without": int(bursts.untouched[unit, span].sum()),
            }
        )
    return pl.DataFrame(rows) if rows else pl.DataFrame({"response": []})
