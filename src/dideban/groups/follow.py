"""Groups over time: which group of today is which group of yesterday."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import polars as pl

from dideban.schema import GROUP_EVENTS, GROUP_HISTORY, GROUPS

KEEPS = 0.5
"""Share of the core's evidence that must still stand together for a group to keep its id (docs/methods/groups.md)."""
CORE = 0.5
"""A member is of the core when its evidence is this share of the group's mean evidence, or more."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """Groups of one period under the ids that they keep, and what happened since."""

    groups: pl.DataFrame
    """GROUP_HISTORY of the current period."""
    events: pl.DataFrame
    """GROUP_EVENTS."""
    ids: tuple[str, ...]
    """Id of each group of the current period, by ``group_ix`` in ascending order."""


@dataclass(frozen=True)
class _State:
    """One group as it was last seen, or as it is."""

    strength: Mapping[str, float]
    core: frozenset[str]
    last: int
    """Period in which it was last seen."""
    first: int
    """Period in which it was first seen."""

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(sorted(self.strength))


@dataclass(frozen=True)
class _Tie:
    """An earlier group and a current one that have members in common."""

    earlier: str
    now: int
    kept: float
    """Share of the earlier core's evidence that stands in the current group."""
    came: float
    """Share of the current core's evidence that stood in the earlier group."""
    evidence: float
    """Evidence of the earlier core that stands in the current group."""
    n_stayed: int


def follow_groups(earlier: pl.DataFrame, current: pl.DataFrame, *, period_ix: int | None = None) -> Followed:
    """Give the groups of a period the ids of earlier groups that they continue.

    A group keeps its id while accounts that hold at least half of its core's evidence are still in one group. Where
    several earlier groups end up in one, the one that brings most evidence goes on and the others merge into it; where
    one ends up in several, the one that holds most of its evidence goes on.

    Parameters
    ----------
    earlier : GROUP_HISTORY, (n_rows,)
        All earlier periods, any order; empty for the first. Each group counts as it was when last seen.
    current : GROUPS, (n_members,)
        Groups of the current period, any order.
    period_ix : int
        Number of the current period, above all earlier ones; None = one more than the last. A period without groups
        leaves no row in the history, so whoever may have such periods counts them.

    Returns
    -------
    Followed
        To go on, append ``groups`` to the history.

    Raises
    ------
    SchemaError
        A column is missing or mistyped.
    ValueError
        ``period_ix`` is not above all earlier periods.

    Notes
    -----
    Deterministic for any order of rows and any numbering of the groups. Groups of the last period go before those seen
    earlier; then most evidence goes first. Ties go to fewer newcomers, then to more members in common, then to the
    group first seen earlier, then to the smaller id. The same groups again continue unchanged. Time O(n log n).
    """
    history, groups = GROUP_HISTORY.check(earlier), GROUPS.check(current)
    period = _period(history, period_ix)
    before = _last_states(history)
    numbers, now = _current_states(groups, period)
    ties = _compare(before, now)
    carried = _carry(ties, before, now)
    used = set(before)
    ids = [carried.get(i) or _new_id(state.key, used) for i, state in enumerate(now)]
    events = _events(before, now, ids, carried, ties, period)
    rows = [
        (period, ids[i], account, strength, account in state.core)
        for i, state in enumerate(now)
        for account, strength in state.strength.items()
    ]
    table = pl.DataFrame(rows, schema=GROUP_HISTORY.dtypes, orient="row")
    by_number = dict(zip(numbers, ids, strict=True))
    return Followed(
        groups=table.sort("period_ix", "group_id", "account_id"),
        events=pl.DataFrame(events, schema=GROUP_EVENTS.dtypes, orient="row").sort("group_id"),
        ids=tuple(by_number[number] for number in sorted(by_number)),
    )


def _period(history: pl.DataFrame, period_ix: int | None) -> int:
    first_free = max(history["period_ix"].to_list(), default=-1) + 1
    if period_ix is not None and period_ix < first_free:
        raise ValueError(f"period_ix is {period_ix}, the history holds period {first_free - 1}")
    return first_free if period_ix is None else period_ix


def _last_states(history: pl.DataFrame) -> dict[str, _State]:
    spans = history.group_by("group_id").agg(first=pl.col("period_ix").min(), last=pl.col("period_ix").max())
    rows = history.join(spans, on="group_id").filter(pl.col("period_ix") == pl.col("last"))
    strength: dict[str, dict[str, float]] = defaultdict(dict)
    core: dict[str, set[str]] = defaultdict(set)
    span: dict[str, tuple[int, int]] = {}
    columns = ("group_id", "account_id", "strength", "is_core", "first", "last")
    for group_id, account, weight, is_core, first, last in rows.select(columns).sort(columns).iter_rows():
        strength[group_id][account] = weight
        span[group_id] = first, last
        if is_core:
            core[group_id].add(account)
    return {
        name: _State(strength[name], frozenset(core[name] or strength[name]), span[name][1], span[name][0])
        for name in sorted(strength)
    }


def _current_states(groups: pl.DataFrame, period: int) -> tuple[list[int], list[_State]]:
    """Return the numbers and states of the current groups, ordered by members: numbers have no say."""
    strength: dict[int, dict[str, float]] = defaultdict(dict)
    ordered = groups.sort("group_ix", "account_id", "strength")
    for number, account, weight in ordered.select("group_ix", "account_id", "strength").iter_rows():
        strength[number][account] = max(weight, strength[number].get(account, 0.0))
    states = [(number, _State(held, _core(held), period, period)) for number, held in strength.items()]
    states.sort(key=lambda entry: (entry[1].key, sorted(entry[1].strength.items()), entry[0]))
    return [number for number, _ in states], [state for _, state in states]


def _core(strength: Mapping[str, float]) -> frozenset[str]:
    """Return the members with a fair share of the evidence; everybody where there is none."""
    total = fsum(strength.values())
    if not total > 0:
        return frozenset(strength)
    return frozenset(a for a, weight in strength.items() if weight >= CORE * total / len(strength))


def _weight(state: _State, accounts: Iterable[str]) -> float:
    """Return the evidence of some members of the core; by heads where the core has none."""
    if not any(state.strength[a] > 0 for a in state.core):
        return float(len(list(accounts)))
    return fsum(state.strength[a] for a in accounts)


def _compare(before: Mapping[str, _State], now: Sequence[_State]) -> list[_Tie]:
    homes: dict[str, list[str]] = defaultdict(list)
    for name, state in before.items():
        for account in state.strength:
            homes[account].append(name)
    ties = []
    for i, state in enumerate(now):
        names = {name for account in state.strength for name in homes.get(account, ())}
        for name in sorted(names):
            past = before[name]
            stayed, came = past.core & state.strength.keys(), state.core & past.strength.keys()
            evidence = _weight(past, stayed)
            ties.append(
                _Tie(
                    name, i, evidence / _weight(past, past.core), _weight(state, came) / _weight(state, state.core),
                    evidence, len(past.strength.keys() & state.strength.keys()),
                )
            )  # fmt: skip
    return ties


def _carry(ties: Sequence[_Tie], before: Mapping[str, _State], now: Sequence[_State]) -> dict[int, str]:
    """Return the earlier id that each current group carries on: the last seen first, then by evidence, each once."""
    fit = [tie for tie in ties if tie.kept >= KEEPS]

    def rank(t: _Tie) -> tuple[Any, ...]:
        past, state = before[t.earlier], now[t.now]
        closest = (-t.evidence, -t.came, -t.n_stayed, len(state.strength))
        return (-past.last, *closest, past.first, t.earlier, state.key)

    fit.sort(key=rank)
    carried: dict[int, str] = {}
    gone: set[str] = set()
    for tie in fit:
        if tie.now not in carried and tie.earlier not in gone:
            carried[tie.now] = tie.earlier
            gone.add(tie.earlier)
    return carried


def _new_id(members: Sequence[str], used: set[str]) -> str:
    """Return an id that no group ever had, made from the members at birth."""
    for attempt in range(len(used) + 1):
        text = "\n".join([*members, str(attempt)] if attempt else members)
        name = "g" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if name not in used:
            break
    used.add(name)
    return name


def _events(
    before: Mapping[str, _State],
    now: Sequence[_State],
    ids: Sequence[str],
    carried: Mapping[int, str],
    ties: Sequence[_Tie],
    period: int,
) -> list[tuple[Any, ...]]:
    of_now: dict[int, list[_Tie]] = defaultdict(list)
    of_before: dict[str, list[_Tie]] = defaultdict(list)
    for tie in ties:
        of_now[tie.now].append(tie)
        of_before[tie.earlier].append(tie)
    last = period - 1
    events = [
        _goes_on(before[carried[i]], state, of_now[i], carried[i], period)
        if i in carried
        else _is_new(state, of_now[i], ids[i], period, last, before)
        for i, state in enumerate(now)
    ]
    went = set(carried.values())
    events += [
        _is_gone(before[name], of_before[name], name, ids, period)
        for name in before
        if name not in went and before[name].last == last
    ]
    return events


def _goes_on(past: _State, state: _State, ties: Sequence[_Tie], name: str, period: int) -> tuple[Any, ...]:
    tie = next(t for t in ties if t.earlier == name)
    n_before, n_after = len(past.strength), len(state.strength)
    event = "grew" if n_after > n_before else "shrank" if n_after < n_before else "continues"
    if past.last < period - 1:
        event = "returned"
    return period, name, event, [], round(tie.kept, 9), n_before, n_after, tie.n_stayed


def _is_new(
    state: _State, ties: Sequence[_Tie], name: str, period: int, last: int, before: Mapping[str, _State]
) -> tuple[Any, ...]:
    """Born, or split from groups of the last period that held half or more of the new core's evidence."""
    parents = sorted(t.earlier for t in ties if t.came >= KEEPS and before[t.earlier].last == last)
    stayed = max((t.n_stayed for t in ties if t.earlier in parents), default=0)
    return period, name, "split" if parents else "born", parents, None, 0, len(state.strength), stayed


def _is_gone(past: _State, ties: Sequence[_Tie], name: str, ids: Sequence[str], period: int) -> tuple[Any, ...]:
    """Merged into a group that carries another id on, or ended; what split from it is named."""
    into = sorted((t for t in ties if t.kept >= KEEPS), key=lambda t: (-t.kept, -t.n_stayed, ids[t.now]))
    if into:
        best = into[0]
        return period, name, "merged", [ids[best.now]], round(best.kept, 9), len(past.strength), 0, best.n_stayed
    heirs = sorted(ids[t.now] for t in ties if t.came >= KEEPS)
    kept = max((t.kept for t in ties), default=0.0)
    stayed = max((t.n_stayed for t in ties), default=0)
    return period, name, "ended", heirs, round(kept, 9), len(past.strength), 0, stayed
