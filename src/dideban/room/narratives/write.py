"""Narratives as counted and said, written to the database: numbers stay, whatever happens to the state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl
from django.db.models import Max

from dideban.config import NarrativeConfig
from dideban.room.narratives.measure import Measured, first_accounts, join_days, join_spread, measure, tallies
from dideban.room.narratives.models import Narrative
from dideban.room.narratives.say import say
from dideban.room.narratives.weigh import weigh
from dideban.room.rooms.models import Place, Room
from dideban.schema import post_key
from dideban.store.delta import PostTable
from dideban.text import normal_form

MAX_SAID = 150
"""Narratives that one step puts into words: those that burst, then new ones, then those that grew most."""
GROWN = 1.25
"""A narrative so many times as large as when it was last put into words is put into words again."""
FACTS = ["platform", "post_id", "source", "place", "arrived_at", "reach"]
MOST_REACH = 10**12
"""Reach of one post that is believed: more is a mistake, and sums must not overflow."""
DAY = timedelta(days=1)
_FIELDS = [
    "key", "merged_into", "is_active", "terms", "words",
    "n_posts", "n_texts", "n_accounts", "first_at", "last_at", "recent",
    "growth", "start_at", "step_s", "counts", "days", "bursts", "burst_at", "burst_posts", "languages", "platforms",
    "place_counts", "source_counts", "domains", "n_proved", "proved", "spread", "examples", "described_at",
    "described_posts", "last_arrived_at", "reach", "weight",
]  # fmt: skip


@dataclass(kw_only=True)
class NarrativeRows:
    """What one step writes from."""

    room: Room
    table: PostTable
    members: pl.DataFrame
    joined: Mapping[int, int]
    """Narratives of the follower that were joined to an older one."""
    is_anew: bool
    """The follower started over: its numbers are not those of the database."""
    since: datetime
    now: datetime
    config: NarrativeConfig
    proved: Mapping[str, int]
    """Account to the number of its group."""
    known: dict[int, Narrative] = field(default_factory=dict)

    @cached_property
    def measured(self) -> Measured:
        """Counts of the listed narratives."""
        return measure(self.members, since=self.since, now=self.now, config=self.config)

    @cached_property
    def facts(self) -> pl.DataFrame:
        """Posts of listed narratives with source and place."""
        listed = self.measured.sizes.select("narrative")
        mine = self.members.join(listed, on="narrative", how="semi")
        stored = self.table.scan(since=self.since, columns=FACTS)
        return stored.join(mine.lazy(), on=["platform", "post_id"]).collect()


def write(rows: NarrativeRows) -> list[Narrative]:
    """Bring the narratives of a room up to date, in the transaction of the caller; return those that burst now."""
    everything = list(Narrative.objects.filter(room=rows.room, key__isnull=False))
    before = {one.pk: _stamp(one) for one in everything}
    if rows.is_anew:
        _rematch(everything, rows)
    else:
        _join(everything, rows)
    rows.known = {one.key: one for one in everything if one.key is not None}
    _count(rows)
    listed = set(rows.measured.sizes["narrative"].to_list())
    followed = set(rows.members["narrative"].drop_nulls().unique().to_list())
    for one in everything:
        if one.key not in listed:
            _retire(one, is_gone=one.key not in followed)
    _speak(rows)
    _save(rows, [one for one in everything if before[one.pk] != _stamp(one)])
    return sorted((one for one in rows.known.values() if one.burst_at), key=lambda one: one.number)


def _stamp(one: Narrative) -> dict[str, Any]:
    """Return what a row says, to see whether it changed; lists and mappings are replaced, never changed in place."""
    return {name: getattr(one, "merged_into_id" if name == "merged_into" else name) for name in _FIELDS}


def _count(rows: NarrativeRows) -> None:
    """Write the counts of every listed narrative; those not known yet get the next numbers."""
    counted = _Counted(rows)
    number = int(Narrative.objects.filter(room=rows.room).aggregate(last=Max("number"))["last"] or 0)
    for row in rows.measured.sizes.iter_rows(named=True):
        one = rows.known.get(row["narrative"])
        if one is None:
            number += 1
            one = Narrative(room=rows.room, number=number, key=row["narrative"], found_at=rows.now)
            rows.known[row["narrative"]] = one
            one.first_at = row["first_at"]
        counted.fill(one, row)


class _Counted:
    """Tallies of all listed narratives, made at once."""

    def __init__(self, rows: NarrativeRows) -> None:
        facts = rows.facts
        self.rows = rows
        self.places, self.sources = tallies(facts, "place"), tallies(facts, "source")
        self.arrived = dict(facts.group_by("narrative").agg(pl.col("arrived_at").max()).iter_rows())
        known = facts.drop_nulls("reach").with_columns(pl.col("reach").clip(0, MOST_REACH))
        self.reach = dict(known.group_by("narrative").agg(pl.col("reach").sum()).iter_rows())
        self.platforms, self.first = tallies(facts, "platform"), first_accounts(facts)
        names = {"account_id": list(rows.proved), "group": list(rows.proved.values())}
        groups = pl.DataFrame(names, schema={"account_id": pl.String, "group": pl.Int64})
        self.proved = tallies(facts.join(groups, on="account_id"), "group", most=1_000_000)

    def fill(self, one: Narrative, row: Mapping[str, Any]) -> None:
        """Write what is counted of one narrative."""
        measured, key = self.rows.measured, row["narrative"]
        one.n_posts, one.n_texts, one.n_accounts = row["n_posts"], row["n_texts"], row["n_accounts"]
        one.first_at, one.last_at = min(one.first_at, row["first_at"]), row["last_at"]
        one.recent, one.growth, one.is_active = row["recent"], row["recent"] - row["before"], True
        one.start_at, one.step_s = measured.timeline.start, measured.timeline.step_s
        one.counts = measured.counts[key].tolist() if key in measured.counts else []
        one.days = join_days(one.days, measured.days.get(key, {}), since=self.rows.since)
        one.bursts = measured.bursts(key, config=self.rows.config) if key in measured.counts else []
        now = [burst for burst in one.bursts if burst["goes_on"]]
        one.burst_at = datetime.fromisoformat(now[-1]["start"]) if now else None
        one.burst_posts = now[-1]["n_posts"] if now else 0
        one.last_arrived_at = self.arrived.get(key)
        one.place_counts, one.source_counts = self.places.get(key, {}), self.sources.get(key, {})
        one.platforms = self.platforms.get(key, {})
        proved = self.proved.get(key, {})
        one.n_proved, one.proved = sum(proved.values()), dict(list(proved.items())[:10])
        one.spread, one.reach = join_spread(one.spread, self.first.get(key, [])), self.reach.get(key)
        one.weight = weigh(
            recent=one.recent, growth=one.growth, n_proved=one.n_proved, burst_posts=one.burst_posts, reach=one.reach,
            is_new=self.rows.now - one.found_at < DAY,
        )  # fmt: skip


def _speak(rows: NarrativeRows) -> None:
    """Put into words what has none yet or has grown much."""
    due = [
        one for one in rows.known.values()
        if one.is_active and (one.described_at is None or one.n_posts >= GROWN * one.described_posts)
    ]  # fmt: skip
    due.sort(
        key=lambda one: (one.burst_at is None, one.described_at is not None, -one.recent, -one.n_posts, one.number)
    )
    chosen = {one.key: one for one in due[:MAX_SAID] if one.key is not None}
    for said in say(rows.table, rows.members, keys=sorted(chosen), config=rows.config) if chosen else []:
        one = chosen[int(said.id)]
        one.words = search_form(said.terms)
        one.terms, one.languages, one.domains = said.terms, said.languages, said.sources
        one.examples = [{"role": quote.role, "post": quote.post_id, "at": quote.at} for quote in said.quotes]
    for one in chosen.values():
        one.described_at, one.described_posts = rows.now, one.n_posts


def search_form(words: Sequence[str]) -> str:
    """Return the normal forms of words, joined as one writes them, for finding a narrative by a word.

    Examples
    --------
    >>> search_form(["Café", "bridge"])
    ' cafe bridge '
    """
    forms = normal_form(pl.Series(list(words), dtype=pl.String)).to_list()
    return "".join(f" {form.replace(' ', '')}" for form in forms if form) + " "


def _join(everything: list[Narrative], rows: NarrativeRows) -> None:
    """Follow the joins of the follower: the older number stands, or the row goes on under it."""
    holders = {one.key: one for one in everything if one.key is not None}
    for one in sorted(everything, key=lambda row: row.number):
        if one.key is None or one.key not in rows.joined:
            continue
        root = rows.joined[one.key]
        holders.pop(one.key)
        if root in holders:
            older = holders[root]
            _retire(one, is_gone=True)
            one.merged_into = older
            older.spread = join_spread(older.spread, one.spread)
            older.days = {day: older.days.get(day, 0) + one.days.get(day, 0) for day in {**older.days, **one.days}}
        else:
            one.key, holders[root] = root, one


def _rematch(everything: list[Narrative], rows: NarrativeRows) -> None:
    """Find the narratives of the database again in a state that was rebuilt, by the posts both know of."""
    known = [
        (one.number, row["post"])
        for one in everything
        for row in (*one.spread, *one.examples)
        if one.key is not None
    ]  # fmt: skip
    named = rows.members.drop_nulls("narrative").select("narrative", post=post_key())
    asked = pl.DataFrame(known, schema={"number": pl.Int64, "post": pl.String}, orient="row")
    votes = asked.unique().join(named, on="post").group_by("number", "narrative").len()
    best = votes.sort(["len", "number", "narrative"], descending=[True, False, False])
    matched: dict[int, int] = {}
    for number, key, _ in best.iter_rows():
        if number not in matched and key not in matched.values():
            matched[number] = key
    for one in everything:
        one.key = matched.get(one.number)


def _retire(one: Narrative, *, is_gone: bool) -> None:
    """What is not listed any more keeps its numbers and words; once none of its posts is left, no account is named."""
    one.is_active, one.burst_at, one.burst_posts, one.recent, one.growth, one.weight = False, None, 0, 0, 0, 0
    if is_gone:
        one.key, one.spread, one.examples = None, [], []


def _save(rows: NarrativeRows, changed: list[Narrative]) -> None:
    Narrative.objects.bulk_create([one for one in rows.known.values() if one.pk is None], batch_size=200)
    # rows that are there already, as one insertion that overwrites: many times as fast as bulk_update
    Narrative.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["pk"], update_fields=_FIELDS, batch_size=200
    )
    places = {place.slug: place.pk for place in Place.objects.filter(room=rows.room)}
    link = Narrative.places.through
    wanted = {
        (one.pk, places[slug]) for one in rows.known.values() for slug in one.place_counts if slug in places
    }  # fmt: skip
    have = set(
        link.objects.filter(narrative__room=rows.room).values_list("narrative_id", "place_id")
    )  # fmt: skip
    link.objects.bulk_create([link(narrative_id=n, place_id=p) for n, p in sorted(wanted - have)], batch_size=500)
