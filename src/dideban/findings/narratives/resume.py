"""Runs that go on where an earlier one ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from dideban.config import NarrativeConfig
from dideban.errors import StoreError
from dideban.findings.narratives.checkpoint import MORE, State, read_state
from dideban.findings.narratives.meaning import Embedder
from dideban.findings.narratives.model import ListedNarrative
from dideban.findings.narratives.read import Messages, recent_of
from dideban.findings.narratives.tracker import Tracker


def begin(
    path: Path | None, *, config: NarrativeConfig, embedder: Embedder | None, threads: int
) -> tuple[Tracker, Mapping[str, pl.DataFrame]]:
    """Return a tracker and the tables of ``MORE``: those of an earlier run, or empty ones where there is none.

    Raises
    ------
    StoreError, ConfigError
        The file is damaged, of another version, of other settings, or was kept by a tracker alone.
    """
    if path is None or not path.exists():
        tables = {name: pl.DataFrame(schema=dict(columns)) for name, columns in MORE.items()}
        return Tracker(config, embedder=embedder, threads=threads), tables
    state = read_state(path, config=config)
    if set(MORE) - set(state.tables):
        raise StoreError("narratives.tracker-alone", hint="hint.new-state", path=str(path))
    tracker = Tracker.of(state, path=path, config=config, embedder=embedder, threads=threads)
    return tracker, {name: state.tables[name] for name in MORE}


def go_on(before: State, tracker: Tracker, messages: Messages, *, n_settled: int, told: pl.DataFrame) -> State:
    """Return what the next run goes on from: posts past the first ``n_settled`` are told again, with those to come."""
    settled = messages.posts.head(n_settled)
    texts = settled["text_id"].unique().to_list()
    numbers = pl.DataFrame(
        {"text_id": texts, "number": [given for given, _ in tracker.numbers_given(texts)]},
        schema={"text_id": pl.String, "number": pl.Int64},
    )
    counted = settled.join(numbers, on="text_id").select("number", n_posts=pl.lit(1, pl.Int64), first_us="at_us")
    total = pl.concat([told, counted]).group_by("number").agg(pl.col("n_posts").sum(), pl.col("first_us").min())
    more = {
        "prints": messages.prints,
        "told": total.sort("number"),
        "recent": recent_of(messages.every, until_us=before.until_us),
    }
    return dataclasses.replace(before, tables={**before.tables, **more})


def with_past(
    items: Sequence[ListedNarrative], ids: pl.DataFrame, tracker: Tracker, told: pl.DataFrame
) -> list[ListedNarrative]:
    """Return the narratives with what earlier runs told of them."""
    names = tracker.names()
    joined = tracker.joined()
    past: dict[str, tuple[int, int]] = {}
    for number, n_posts, first_us in told.iter_rows():
        name = names[joined.get(number, number)]
        n, at = past.get(name, (0, first_us))
        past[name] = n + n_posts, min(at, first_us)
    return [
        dataclasses.replace(item, n_posts_before=past[item.id][0], known_since=_instant(past[item.id][1]))
        if item.id in past
        else item
        for item in items
    ]


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
