"""What exercises are made from: the moments of one finding, without accounts, posts, texts or links."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from dideban.errors import InputError
from dideban.findings import Finding
from dideban.messages import cause_of
from dideban.store.clusters import extract_with
from dideban.store.manifest import read_config
from dideban.store.read import read_package

CONFIRMED, DECLARED, FALSE_ALARM = "confirmed", "declared", "false-alarm"
VERDICTS = (CONFIRMED, DECLARED, FALSE_ALARM)
NEAR_HOUR_S = 3_600
FEWEST_MEMBERS = 3
MOST_BYTES = 10_000_000
MOST_VERDICTS = 100_000


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing that was shared: who did when, as numbers."""

    kind: str
    members: tuple[tuple[int, int], ...]
    """(member, second) of the first share by each, in order of time."""
    others: tuple[int, ...] = ()
    """Seconds of shares by outsiders within an hour of the members."""
    slot_share: float = 0.0
    """Share of the words of a text that differ between its copies."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """A finding with its verdict, as exercises see it."""

    name: str
    """Id of the finding: nothing but a seed."""
    verdict: str
    n_members: int
    things: tuple[Thing, ...]
    ordinary: tuple[str, ...] = ()
    """Ordinary explanations that were found to explain it."""
    log_e_per_block: float = 0.0
    gaps_s: tuple[float, ...] = field(default=())
    """Seconds from one member to the next, over all things."""

    @property
    def is_concert(self) -> bool:
        """Whether members confirmed that the group acted in concert."""
        return self.verdict == CONFIRMED

    @property
    def gap_s(self) -> float:
        """Median seconds from one member to the next."""
        return sorted(self.gaps_s)[len(self.gaps_s) // 2] if self.gaps_s else NEAR_HOUR_S


def material_of(package: Path, *, verdict: str) -> Material:
    """Read what exercises need from a finding package.

    Parameters
    ----------
    package : path
        Folder or zip.
    verdict : {"confirmed", "declared", "false-alarm"}

    Raises
    ------
    ExchangeError
        Not a package.
    InputError
        A verdict that exercises are not made of.
    """
    if verdict not in VERDICTS:
        raise InputError("exercises.verdict", hint="exercises.verdict-hint", verdict=verdict)
    content = read_package(package)
    traces = extract_with(content.clusters, posts=content.posts, config=read_config(content.manifest).traces).traces
    return make_material(content.finding, traces=traces, others=content.others, verdict=verdict)


def make_material(finding: Finding, *, traces: pl.DataFrame, others: pl.DataFrame, verdict: str) -> Material:
    """Return what exercises are made from.

    Parameters
    ----------
    traces : TRACES
        Of the accounts of the finding; rows of others are left out.
    others : (object_kind, object_id, created_at, ...)
        What outsiders shared.
    """
    codes = {account: code for code, account in enumerate(sorted(finding.accounts))}
    slots = {one.id: _slot_share(one.template) for one in finding.objects if one.template}
    outside: dict[tuple[str, str], list[int]] = defaultdict(list)
    for kind, name, at_s in _rows(others, "object_kind", "object_id"):
        outside[kind, name].append(at_s)
    inside: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for kind, name, account, at_s in _rows(traces, "object_kind", "object_id", "account_id"):
        if account in codes:
            inside[kind, name].setdefault(codes[account], at_s)
    things = [
        _thing(kind, shares, outside.get((kind, name), []), slots.get(name, 0.0))
        for (kind, name), shares in sorted(inside.items())
        if len(shares) > 1 and kind != "domain"
    ]
    return Material(
        name=finding.id, verdict=verdict, n_members=len(codes), things=tuple(things),
        ordinary=tuple(check.check for check in finding.benign if check.outcome == "explains"),
        log_e_per_block=math.log(max(finding.e_value or 1.0, 1.0)) / max(finding.n_objects, 1),
        gaps_s=tuple(float(b - a) for one in things for a, b in _steps(one)),
    )  # fmt: skip


def _rows(table: pl.DataFrame, *columns: str) -> list[Any]:
    seconds = pl.col("created_at").dt.epoch("s")
    return table.select(*(pl.col(name).cast(pl.String) for name in columns), seconds).sort(pl.all()).rows()


def _thing(kind: str, shares: Mapping[int, int], others: Sequence[int], slot_share: float) -> Thing:
    members = sorted(shares.items(), key=lambda one: (one[1], one[0]))
    first, last = members[0][1], members[-1][1]
    near = [at for at in others if first - NEAR_HOUR_S <= at <= last + NEAR_HOUR_S]
    return Thing(kind=kind, members=tuple(members), others=tuple(sorted(near)), slot_share=slot_share)


def _steps(thing: Thing) -> list[tuple[int, int]]:
    times = [at for _, at in thing.members]
    return list(pairwise(times))


def _slot_share(template: Sequence[Mapping[str, Any]]) -> float:
    fixed = sum(len(str(part.get("text", "")).split()) for part in template)
    n_slots = sum("slot" in part for part in template)
    return n_slots / max(fixed + n_slots, 1)


def read_verdicts(path: Path) -> dict[str, str]:
    """Read a CSV of ``finding_id,verdict``; the last line about a finding counts.

    Raises
    ------
    InputError
        It cannot be read, has other columns, or names an unknown verdict.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError("file.too-large", path=str(path), most=MOST_BYTES)
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))[:MOST_VERDICTS]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("file.not-read", path=str(path), reason=cause_of(error)) from error
    found: dict[str, str] = {}
    for row in rows:
        name, verdict = (str(row.get(column) or "").strip() for column in ("finding_id", "verdict"))
        if not name or not verdict:
            raise InputError("exercises.verdict-file", hint="exercises.verdict-file-hint", path=str(path))
        if verdict not in (*VERDICTS, "unsure"):
            raise InputError("exercises.verdict", hint="exercises.verdict-hint", verdict=verdict)
        found[name] = verdict
    return {name: verdict for name, verdict in found.items() if verdict in VERDICTS}


__all__ = ["VERDICTS", "Material", "Thing", "make_material", "material_of", "read_verdicts"]
