"""Findings of a run over a past period: stored beside those of the watch, compared with them, removed with the run."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

import polars as pl
from django.db.models import Max
from django.db.models.fields.json import KeyTransform

from dideban.findings import Finding
from dideban.groups.follow import follow_groups
from dideban.room.findings.follow import put_finding
from dideban.room.findings.models import FollowedGroup, GroupMatch, KeptFinding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.rooms.models import Place, Room
from dideban.schema import GROUP_HISTORY

MOST_MATCHES = 5
"""Other groups that are noted beside one, those with most in common first."""
LEAST_OBJECTS = 2
"""Objects in common, where no account is: one link that many share says nothing."""
SAME, GROWN, SMALLER, OTHERS, OBJECTS = "same", "grown", "smaller", "others", "objects"
"""How a group of a run stands to another: same accounts, all of them and more, some of them, some and others, none."""


class PeriodRun(Protocol):
    """A run over a past period, as its application keeps it."""

    @property
    def pk(self) -> Any:
        """Its key."""

    @property
    def room(self) -> Room:
        """Where it belongs."""


def keep_findings(
    run: PeriodRun, findings: list[Finding], *, groups: pl.DataFrame, facts: pl.DataFrame, at: datetime
) -> list[FollowedGroup]:
    """Store the findings of a run, inside the transaction of the caller.

    Parameters
    ----------
    groups : GROUPS
        ``group_ix`` is the place of the finding in ``findings``.
    facts : (finding_id, ...)
        See ticks.analysis.HorizonAnalysis.facts.
    """
    details = {row["finding_id"]: row for row in facts.iter_rows(named=True)}
    followed = follow_groups(GROUP_HISTORY.empty(), groups, period_ix=0)
    number = int(FollowedGroup.objects.filter(room=run.room).aggregate(last=Max("number"))["last"] or 0)
    kept = []
    for ix, name in zip(sorted(groups["group_ix"].unique().to_list()), followed.ids, strict=True):
        number += 1
        rows = followed.groups.filter(pl.col("group_id") == name).select("account_id", "strength", "is_core").rows()
        group = FollowedGroup.objects.create(
            room=run.room, number=number, past_run_id=run.pk, is_active=False, first_found_at=at, last_found_at=at,
            members={account: [strength, is_core] for account, strength, is_core in rows},
        )  # fmt: skip
        found = details.get(findings[ix].id, {})
        group.current = put_finding(group, findings[ix], found, at)
        group.save(update_fields=["current"])
        if found.get("places"):
            group.places.add(*Place.objects.filter(room=run.room, slug__in=found["places"]))
        kept.append(group)
    return kept


def compare_groups(groups: list[FollowedGroup]) -> int:
    """Note what groups of a run have in common with those of the watch and of other runs; return how many notes.

    Notes
    -----
    Accounts count first, then objects that are no texts of their own; the older group breaks ties.
    """
    if not groups:
        return 0
    mine = {group.pk for group in groups}
    room = groups[0].room_id
    found = FollowedGroup.objects.filter(room=room, current__isnull=False).defer("current__document")
    rows = list(
        found.annotate(pushed=KeyTransform("objects", "current__document")).values_list("pk", "members", "pushed")
    )
    sizes = {pk: len(members) for pk, members, _ in rows}
    common = _in_common(rows, mine)
    GroupMatch.objects.bulk_create(
        GroupMatch(
            group_id=row["pk"], other_id=row["other"], n_accounts=row["accounts"], n_objects=row["objects"],
            kind=_kind(row["accounts"], mine=sizes[row["pk"]], theirs=sizes[row["other"]]),
        )
        for row in common.iter_rows(named=True)
    )  # fmt: skip
    return common.height


def _kind(n: int, *, mine: int, theirs: int) -> str:
    if not n:
        return OBJECTS
    if n == mine == theirs:
        return SAME
    if n == theirs:
        return GROWN
    return SMALLER if n == mine else OTHERS


def _in_common(rows: Iterable[tuple[int, Mapping[str, Any], Any]], mine: set[int]) -> pl.DataFrame:
    """Return (pk, other, accounts, objects) of pairs with something in common, the best of each group."""
    rows = list(rows)
    accounts = _pairs([(pk, account) for pk, members, _ in rows for account in members], mine).rename({"n": "accounts"})
    named = [(pk, name) for pk, _, pushed in rows for name in _names(pushed)]
    objects = _pairs(named, mine).rename({"n": "objects"})
    both = accounts.join(objects, on=["pk", "other"], how="full", coalesce=True).with_columns(
        pl.col("accounts", "objects").fill_null(0)
    )
    both = both.filter((pl.col("accounts") > 0) | (pl.col("objects") >= LEAST_OBJECTS))
    best = both.sort("pk", "accounts", "objects", "other", descending=[False, True, True, False])
    return best.group_by("pk", maintain_order=True).head(MOST_MATCHES)


def _pairs(held: list[tuple[int, str]], mine: set[int]) -> pl.DataFrame:
    """Count what groups of the run share with others: (pk, other, n)."""
    frame = pl.DataFrame(held, schema={"pk": pl.Int64, "name": pl.String}, orient="row").unique()
    is_mine = pl.col("pk").is_in(list(mine))
    return (
        frame.filter(is_mine)
        .join(frame.filter(~is_mine).rename({"pk": "other"}), on="name")
        .group_by("pk", "other")
        .agg(n=pl.len())
    )


def _names(objects: Iterable[Mapping[str, Any]] | None) -> set[str]:
    return {f"{o.get('kind')} {o.get('id')}" for o in objects or () if o.get("kind") != "text"}


def clear_run(run: PeriodRun) -> int:
    """Remove the findings of a run, and packages that no other finding names; return how many findings.

    What lies on the disk goes first: whoever dies here finds it again by the rows.
    """
    rows = KeptFinding.objects.filter(past_run_id=run.pk)
    names = set(rows.values_list("finding_id", flat=True))
    elsewhere = KeptFinding.objects.filter(room=run.room, finding_id__in=names).exclude(past_run_id=run.pk)
    for name in names - set(elsewhere.values_list("finding_id", flat=True)):
        shares_path(run.room.slug, name).unlink(missing_ok=True)
        shutil.rmtree(package_of(run.room.slug, name), ignore_errors=True)
    FollowedGroup.objects.filter(past_run_id=run.pk).delete()
    return len(names)
