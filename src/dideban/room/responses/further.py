"""What else a response may have done: activity that moved elsewhere, and posts that were removed.

The same design as for the posts of the target: the same controls, the same tests. Removed posts are known only where a
source tells of them or a member brought a list; everything else is said to be unknown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from dideban.effect.estimate import effect_of
from dideban.effect.match import Known
from dideban.effect.model import MatchedSet
from dideban.effect.model import TimedResponse as Unit
from dideban.effect.survival import LEAST_ALIVE, STAYED, Lives, RemovalSet, removal_of
from dideban.effect.words import moved_sentences, removal_sentences
from dideban.figures import figures
from dideban.messages import Message
from dideban.pipelines.elsewhere import other_posts
from dideban.room.responses.counting import Counts, read_posts
from dideban.room.responses.models import FurtherKind, ObjectKind
from dideban.room.rooms.folder import folder_of
from dideban.schema import post_key
from dideban.store.post_keys import PostKeys, post_keys

LEAST_CHARS = 20
"""A shorter text is written by many who know nothing of each other."""
HOUR_US = 3_600_000_000
MOVED = ("reduction", "low", "high", "p_fewer", "p_more", "posts", "expected")
FITTED = ("outcome", "at_zero", "slope", "odds")
COLUMN_DIGITS = 4
"""Of what was known of a unit: logarithms of counts."""
NAME_BITS = 48
"""Of a unit's name: few enough for a number of JSON."""


@dataclass(frozen=True, kw_only=True)
class Further:
    """One thing that was looked at besides the plan of one response."""

    what: FurtherKind
    reasons: list[Message] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    fitted: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Removals:
    """Which posts of the targets went, as far as that is known."""

    lives: Lives
    """Of posts on platforms of which removals are known."""
    since_h: float
    """Hour from which on removals are known."""


@dataclass(frozen=True)
class FurtherLook:
    """What can be looked at besides the posts of the targets of one kind."""

    counts: Counts
    known: Known
    """Of the posts of the targets themselves."""
    family: str

    def of(self, unit: Unit, matched: MatchedSet | None) -> list[Further]:
        """Return what else one response did; nothing where its own posts say nothing."""
        if matched is None:
            return []
        return [*self._moved(unit), self._gone(unit, matched)]

    def _moved(self, unit: Unit) -> list[Further]:
        if self.family == "group":
            return [Further(what=FurtherKind.ACCOUNTS, reasons=[Message("room.moved-group")])]
        found = [self._elsewhere(FurtherKind.ACCOUNTS, unit, self.by_accounts)]
        if self.family in tuple(ObjectKind):
            found.append(self._elsewhere(FurtherKind.TEXTS, unit, self.by_texts))
        return found

    def _elsewhere(self, what: FurtherKind, unit: Unit, known: Known) -> Further:
        effect, matched = effect_of(known, unit)
        if matched is None:
            silent = any(reason.code == "effect.silent" for reason in effect.reasons)
            return Further(what=what, reasons=[Message("room.moved-nothing-there")] if silent else list(effect.reasons))
        return Further(
            what=what, said=moved_sentences(effect, what=what.value, config=known.config),
            values=figures({name: getattr(effect, name) for name in MOVED}),
            fitted=kept_of(matched, self.counts.names),
        )  # fmt: skip

    @cached_property
    def by_accounts(self) -> Known:
        """The estimate with other posts of the early accounts as the outcome."""
        posts = read_posts(self.counts.span, ["platform", "post_id", "account_id", "created_at"])
        return self._counted(posts.select(*self._names(), carrier="account_id").collect())

    @cached_property
    def by_texts(self) -> Known:
        """The estimate with other posts that repeat the early texts as the outcome."""
        posts = read_posts(self.counts.span, ["platform", "post_id", "norm", "created_at"])
        said = posts.filter(pl.col("norm").str.len_chars() >= LEAST_CHARS)
        return self._counted(said.select(*self._names(), carrier="norm").collect())

    def _names(self) -> tuple[pl.Expr, pl.Expr]:
        hour = (pl.col("created_at") - self.counts.span.since).dt.total_hours()
        return post_key().alias("post_id"), hour.alias("hour")

    def _counted(self, carried: pl.DataFrame) -> Known:
        found = other_posts(self._shares, carried, series=self.known.series, config=self.known.config)
        return replace(self.known, counted=found)

    @cached_property
    def _shares(self) -> pl.DataFrame:
        return self._posts.select("row", post_key().alias("post_id"), "hour")

    @cached_property
    def _posts(self) -> pl.DataFrame:
        rows = pl.DataFrame({"unit": self.counts.names}).with_row_index("row")
        return self.counts.told.join(rows, on="unit").select("row", "platform", "post_id", "account_id", "hour")

    def _gone(self, unit: Unit, matched: MatchedSet) -> Further:
        what, removals = FurtherKind.GONE, self.removals
        if removals is None:
            return Further(what=what, reasons=[Message("room.gone-unheard")])
        heard = matched.hours + 1 >= removals.since_h
        if not heard[0]:
            return Further(what=what, reasons=[Message("room.gone-not-yet-heard")])
        kept = {name: getattr(matched, name)[heard] for name in ("rows", "hours", *FITTED)}
        part = replace(matched, columns=None, shift=None, **kept)
        found = removal_of(part, removals.lives, horizon_h=unit.horizon_h, config=self.known.config)
        if found is None:
            return Further(what=what, reasons=[_why_not(part, removals.lives)])
        return Further(
            what=what, said=removal_sentences(found.removal, config=self.known.config), values=gone_values(found),
            fitted={"scores": found.scores.tolist(), "odds": found.odds.tolist()},
        )  # fmt: skip

    @cached_property
    def removals(self) -> Removals | None:
        """Which posts of the targets were removed; None = the room knows of no removal at all."""
        keys = PostKeys(folder_of(self.counts.span.room.slug).index)
        posts, accounts = keys.gone(), keys.gone_accounts()
        heard = pl.concat([posts.select("platform", "at"), accounts.select("platform", "at")])
        if heard.is_empty():
            return None
        told = self._posts.filter(pl.col("platform").is_in(heard["platform"].unique().implode()))
        told = told.with_columns(pl.Series("key", post_keys(told["platform"], told["post_id"]), pl.Binary))
        told = told.join(posts.select("key", one="at"), on="key", how="left")
        told = told.join(accounts.select("account_id", all="at"), on="account_id", how="left").sort("row", "key")
        gone = told.select(at=pl.min_horizontal("one", "all"))["at"]
        start_us = round(self.counts.span.since.timestamp()) * 1_000_000
        hours = ((gone - start_us) // HOUR_US).fill_null(int(STAYED)).to_numpy().astype(np.int64)
        born = told["hour"].to_numpy().astype(np.int64)
        lives = Lives(told["row"].to_numpy().astype(np.int64), born, np.maximum(hours, born))
        latest = max(heard.group_by("platform").agg(pl.col("at").min())["at"].to_list())
        return Removals(lives=lives, since_h=(latest - start_us) / HOUR_US)


def kept_of(matched: MatchedSet, names: Sequence[str]) -> dict[str, list[float]]:
    """Return what pooling needs of a matched set when its posts are gone; units are numbers that outlive their rows."""
    kept: dict[str, list[float]] = {name: [float(one) for one in getattr(matched, name)] for name in FITTED}
    kept["units"] = [_number_of(names[row]) for row in matched.rows.tolist()]
    if matched.columns is not None:
        kept["columns"] = [round(float(one), COLUMN_DIGITS) for one in matched.columns.ravel()]
    if matched.shift is not None:
        kept["shift"] = [float(one) for one in matched.shift]
    return kept if matched.tie is None else kept | {"tie": [matched.tie]}


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[: NAME_BITS // 8], "big")


def gone_values(found: RemovalSet) -> dict[str, Any]:
    """Return the figures of removals as they are kept."""
    one = found.removal
    values: dict[str, Any] = figures({
        "posts": one.n_posts, "gone": one.n_gone, "expected": one.expected, "p_more": one.p_sooner,
        "p_fewer": one.p_later,
    })  # fmt: skip
    return values


def _why_not(matched: MatchedSet, lives: Lives) -> Message:
    """Return why removals cannot be compared: too few posts to lose, or nothing to compare them with."""
    born, gone = lives.of(int(matched.rows[0]))
    start = int(matched.hours[0]) + 1
    n = int(((born < start) & (gone >= start)).sum())
    if n < LEAST_ALIVE:
        return Message("room.gone-few-posts", n=n, least=LEAST_ALIVE)
    return Message("room.gone-nothing-compared")


def messages_of(rows: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Return messages that were kept as data."""
    return [Message(row["code"], **row["values"]) for row in rows]
