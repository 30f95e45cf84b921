"""Posts of targets by the hour, as the estimator takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from dideban.arrays import B1
from dideban.effect.model import EffectConfig
from dideban.effect.series import Series, noticed_hours
from dideban.findings.narratives.incremental import MEMBERS, members_path
from dideban.room.findings.models import FollowedGroup
from dideban.room.narratives.models import Narrative
from dideban.room.responses.models import ObjectKind, Response
from dideban.room.responses.targets import hashtag_forms, object_form
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.store.delta import PostTable

MOST_UNITS = 5_000
"""Targets that one estimate looks at; of more, the first by name."""
MOST_WRITTEN = 200_000
"""Written forms of links or hashtags that are read, the most frequent ones."""
MOST_TOLD = 50
"""Accounts that told more narratives than this say nothing about any one of them."""
HOUR = timedelta(hours=1)
POST = ["platform", "post_id", "account_id", "created_at"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Whole hours of a room."""

    room: Room
    since: datetime
    n_hours: int
    watched: B1

    @property
    def until(self) -> datetime:
        """The end of the last hour."""
        return self.since + self.n_hours * HOUR

    def hour_of(self, at: datetime) -> float:
        """Return an instant as hours since the beginning."""
        return (at - self.since) / HOUR


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Posts of targets of one kind."""

    span: Span
    told: pl.DataFrame
    """``unit``, ``hour``, ``platform``, ``post_id`` and ``account_id`` of each post."""
    names: list[str]
    """Names of the rows."""

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each name."""
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def series(self) -> Series:
        """Posts of the targets."""
        return self._series(self.told.group_by("unit", "hour").agg(n=pl.len()))

    def elsewhere(self, config: EffectConfig) -> Series:
        """Return other posts by the accounts that told each narrative before it was noticed."""
        noticed = noticed_hours(self.series, posts=config.noticed_posts, within_h=config.noticed_within_h)
        limits = pl.DataFrame({"unit": self.names, "noticed": noticed}, schema={"unit": pl.String, "noticed": pl.Int64})
        early = self.told.join(limits, on="unit").filter(pl.col("hour") < pl.col("noticed"))
        pairs = early.select("unit", "account_id").unique()
        pairs = pairs.filter(pl.len().over("account_id") <= MOST_TOLD)
        all_posts = self.told.group_by(pl.col("unit").alias("other"), "account_id", "hour").agg(n=pl.len())
        found = pairs.join(all_posts, on="account_id").filter(pl.col("unit") != pl.col("other"))
        return self._series(found.group_by("unit", "hour").agg(n=pl.col("n").sum()))

    def _series(self, cells: pl.DataFrame) -> Series:
        counts = np.zeros((len(self.names), self.span.n_hours), np.int64)
        kept = cells.filter(pl.col("unit").is_in(self.names))
        rows = [self.rows[name] for name in kept["unit"].to_list()]
        counts[rows, kept["hour"].to_numpy()] = kept["n"].to_numpy()
        return Series(counts=counts, watched=self.span.watched, first_hour_of_day=self.span.since.hour)


def unit_of(response: Response) -> str:
    """Return the name of the row that a response is about; empty where it is there no more."""
    if response.narrative is not None:
        one = response.narrative
        key = one.key if one.merged_into is None else one.merged_into.key
        return "" if key is None else str(key)
    if response.group is not None:
        return str(response.group.number)
    return response.object_id


def name_of(narrative: Narrative) -> str:
    """Return the name of the row of a narrative."""
    return "" if narrative.key is None else str(narrative.key)


def family_of(response: Response) -> str:
    """Return with what kind of things a target is compared: its own kind."""
    if response.object_kind:
        return response.object_kind
    return "narrative" if response.narrative_id is not None else "group"


def count(span: Span, family: str, *, least: int, keep: set[str]) -> Counts:
    """Count posts of all targets of a kind that have ``least`` posts, and of those in ``keep``."""
    posts = {"narrative": _of_narratives, "group": _of_groups}.get(family)
    frame = posts(span) if posts else _of_objects(span, ObjectKind(family))
    since, until = span.since, span.until
    told = frame.filter((pl.col("created_at") >= since) & (pl.col("created_at") < until)).with_columns(
        hour=(pl.col("created_at") - since).dt.total_hours()
    )
    sizes = told.group_by("unit").agg(n=pl.len())
    large = sizes.filter((pl.col("n") >= least) | pl.col("unit").is_in(sorted(keep))).sort("unit")["unit"].to_list()
    names = sorted(set(large[:MOST_UNITS]) | (keep & set(large)))
    return Counts(span=span, told=told.drop("created_at"), names=names)


def _of_narratives(span: Span) -> pl.DataFrame:
    path = members_path(folder_of(span.room.slug).narratives)
    frame = pl.LazyFrame(schema=MEMBERS) if path is None else pl.scan_parquet(path, glob=False)
    found = frame.filter(pl.col("narrative").is_not_null())
    return found.select(pl.col("narrative").cast(pl.String).alias("unit"), *POST).collect()


def _of_groups(span: Span) -> pl.DataFrame:
    groups = FollowedGroup.objects.filter(room=span.room, past_run=None, merged_into=None).order_by("number")
    members = groups.values_list("number", "members")
    pairs = [(str(number), account) for number, accounts in members for account in accounts]
    mine = pl.DataFrame(pairs, schema={"unit": pl.String, "account_id": pl.String}, orient="row")
    posts = read_posts(span, POST)
    return posts.join(mine.lazy(), on="account_id").select("unit", *POST).collect()


def _of_objects(span: Span, kind: ObjectKind) -> pl.DataFrame:
    column = "urls" if kind == ObjectKind.LINK else "hashtags"
    posts = read_posts(span, [*POST, column]).explode(column).drop_nulls(column).collect()
    often = posts.group_by(column).agg(n=pl.len()).sort("n", column, descending=[True, False]).head(MOST_WRITTEN)
    written = often[column]
    if kind == ObjectKind.LINK:
        forms = pl.Series([object_form(kind, text) for text in written.to_list()], dtype=pl.String)
    else:
        forms = hashtag_forms(written)
    known = pl.DataFrame({column: written, "unit": forms}).filter(pl.col("unit").fill_null("") != "")
    found = posts.join(known, on=column).unique(["platform", "post_id", "unit"], maintain_order=False)
    return found.select("unit", *POST)


def read_posts(span: Span, columns: list[str]) -> pl.LazyFrame:
    """Return posts of the room in a span."""
    return PostTable(folder_of(span.room.slug).posts).scan(since=span.since, until=span.until, columns=columns)
