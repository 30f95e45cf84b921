"""Store the findings of a tick; a group keeps its number while the engine continues its id."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models import Max
from django.utils import timezone

from dideban.findings import Finding
from dideban.groups.follow import follow_groups
from dideban.room.findings.models import FollowedGroup, GroupEvent, KeptFinding
from dideban.room.findings.packages import drop_package
from dideban.room.rooms.models import Place, Room
from dideban.schema import GROUP_HISTORY

STRENGTHS = {"e_value", "p_value", "expected_pairs", "expected"}
MOVE = 0.01
SEEN_AGAIN = ("members", "last_found_at", "last_period", "is_active")
"""What a tick says of a group that it knows. Whatever members do meanwhile stands."""
CROWD = {"n_others"}
"""Counts of everybody else, which move with each post anywhere and change nothing that is claimed."""


@dataclass(kw_only=True)
class Changes:
    """What a tick changed."""

    new: list[FollowedGroup] = field(default_factory=list)
    grown: list[tuple[FollowedGroup, KeptFinding]] = field(default_factory=list)
    """Groups with more accounts or posts, and their finding before."""
    n_changed: int = 0


def take_findings(
    room: Room,
    findings: list[Finding],
    *,
    groups: pl.DataFrame,
    facts: pl.DataFrame,
    at: datetime,
    period_ix: int,
) -> Changes:
    """Store the findings of one analysis, inside the transaction of the caller.

    Parameters
    ----------
    groups : GROUPS
        ``group_ix`` is the place of the finding in ``findings``.
    facts : (finding_id, ...)
        See ticks.analysis.HorizonAnalysis.facts.
    """
    watched = FollowedGroup.objects.filter(room=room, past_run=None).select_related("current")
    before = {group.group_id: group for group in watched}
    followed = follow_groups(_history(before.values()), groups, period_ix=period_ix)
    numbers = sorted(groups["group_ix"].unique().to_list())
    details = {row["finding_id"]: row for row in facts.iter_rows(named=True)}
    changes, seen, members = Changes(), set(), _members_of(followed.groups)
    next_number = int(FollowedGroup.objects.filter(room=room).aggregate(last=Max("number"))["last"] or 0) + 1
    for ix, group_id in zip(numbers, followed.ids, strict=True):
        finding = findings[ix]
        group = before.get(group_id)
        if group is None:
            group = FollowedGroup(room=room, number=next_number, group_id=group_id, first_found_at=at)
            group.first_period, next_number = period_ix, next_number + 1
            changes.new.append(group)
        before[group_id] = group
        seen.add(group_id)
        group.members = members.get(group_id, {})
        _see(group, finding, details.get(finding.id, {}), at, period_ix, changes)
    stale = [group.pk for group_id, group in before.items() if group.is_active and group_id not in seen]
    FollowedGroup.objects.filter(pk__in=stale).update(is_active=False)
    _note_events(followed.events, before, at)
    return changes


def strip_posts(finding: KeptFinding, *, names: Collection[str]) -> None:
    """Take posts that were erased out of the document of a finding; what it claims stays."""
    document = dict(finding.document)
    document["posts"] = [name for name in document.get("posts", []) if name not in names]
    KeptFinding.objects.filter(pk=finding.pk).update(document=document, redacted_at=timezone.now())


def _history(groups: Iterable[FollowedGroup]) -> pl.DataFrame:
    """Return GROUP_HISTORY as far as the engine needs it: each group as last seen, and when it was first seen."""
    rows: list[tuple[int, str, str, float, bool]] = []
    for group in groups:
        for n, (account, (strength, is_core)) in enumerate(sorted(group.members.items())):
            rows.append((group.last_period, group.group_id, account, float(strength), bool(is_core)))
            if n == 0 and group.first_period != group.last_period:
                rows.append((group.first_period, group.group_id, account, float(strength), bool(is_core)))
    return pl.DataFrame(rows, schema=GROUP_HISTORY.dtypes, orient="row")


def _members_of(groups: pl.DataFrame) -> dict[str, dict[str, list[Any]]]:
    """Return id of a group to its accounts, each with its strength and whether it is of the core."""
    found: dict[str, dict[str, list[Any]]] = {}
    for group_id, account, strength, core in groups.select("group_id", "account_id", "strength", "is_core").iter_rows():
        found.setdefault(group_id, {})[account] = [strength, core]
    return found


def _see(
    group: FollowedGroup,
    finding: Finding,
    facts: dict[str, Any],
    at: datetime,
    period_ix: int,
    changes: Changes,
) -> None:
    """Bring one group up to date; it has its new members."""
    group.last_found_at, group.last_period, group.is_active = at, period_ix, True
    previous = group.current
    group.save(update_fields=None if group.pk is None else SEEN_AGAIN)
    if previous is not None and is_equivalent(previous.document, finding.to_dict()):
        if previous.reach != facts.get("reach"):
            KeptFinding.objects.filter(pk=previous.pk).update(reach=facts.get("reach"))
        return
    stored = put_finding(group, finding, facts, at)
    group.current = stored
    if previous is not None:
        changes.n_changed += 1
        if stored.n_accounts > previous.n_accounts or stored.n_posts > previous.n_posts:
            group.grew_at = at
            changes.grown.append((group, previous))
    group.save(update_fields=["current", "grew_at"])
    if facts.get("places"):
        group.places.add(*Place.objects.filter(room=group.room, slug__in=facts["places"]))


def is_equivalent(before: Any, after: Any, *, key: str = "") -> bool:
    """Return whether two findings claim the same: all words, names and counts are equal, strengths move by a hundredth.

    Strengths of a group move in their last digits whenever anything new arrives anywhere. That is no new finding: the
    earlier one stands, with its package.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        names = (before.keys() | after.keys()) - {"id", *CROWD}
        return all(is_equivalent(before.get(name), after.get(name), key=name) for name in names)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(is_equivalent, before, after))
    if key in STRENGTHS and isinstance(before, float | int) and isinstance(after, float | int):
        return math.isclose(before, after, rel_tol=MOVE)
    return bool(before == after)


def put_finding(group: FollowedGroup, finding: Finding, facts: dict[str, Any], at: datetime) -> KeptFinding:
    """Store a finding; where the same was claimed before, that row stands, described as it is described now."""
    values: dict[str, Any] = {
        "group": group,
        "found_at": at,
        "decided_at": facts.get("decided_at"),
        "method": finding.method,
        "label": finding.label,
        "is_lead": finding.lead,
        "error_rate": finding.error_rate,
        "e_value": _finite(finding.e_value),
        "n_accounts": len(finding.accounts),
        "n_posts": int(facts.get("n_posts") or 0),
        "n_objects": finding.n_objects,
        "reach": facts.get("reach"),
        "first_at": datetime.fromisoformat(finding.period[0]),
        "last_at": datetime.fromisoformat(finding.period[1]),
        "languages": facts.get("langs") or [],
        "platforms": facts.get("platforms") or [],
        "sources": facts.get("sources") or [],
        "document": finding.to_dict(),
    }
    stored, is_new = KeptFinding.objects.get_or_create(
        room=group.room, finding_id=finding.id, past_run_id=group.past_run_id, defaults=values
    )
    if not is_new and not is_equivalent(stored.document, values["document"]):
        _describe_again(stored, values)
    return stored


def _describe_again(stored: KeptFinding, values: dict[str, Any]) -> None:
    """Give a stored claim its new description. What lies on disk goes before: a tick that dies here rewrites it."""
    drop_package(stored.room.slug, stored.finding_id)
    for name, value in values.items():
        if name not in ("found_at", "decided_at"):
            setattr(stored, name, value)
    stored.save()


def _note_events(events: pl.DataFrame, groups: dict[str, FollowedGroup], at: datetime) -> None:
    for row in events.iter_rows(named=True):
        group = groups.get(row["group_id"])
        if group is None or row["event"] == "continues":
            continue
        made = GroupEvent.objects.create(
            group=group, period_ix=row["period_ix"], at=at, event=row["event"], overlap=row["overlap"],
            n_before=row["n_before"], n_after=row["n_after"], n_stayed=row["n_stayed"],
        )  # fmt: skip
        others = [groups[name] for name in row["other_ids"] if name in groups]
        made.others.set(others)
        if row["event"] == "merged" and others:
            FollowedGroup.objects.filter(pk=group.pk).update(merged_into=others[0])


def _finite(value: float | None) -> float | None:
    return None if value is None else min(value, 1e300)
