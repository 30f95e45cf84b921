"""POSTS to narratives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from dideban.config import NarrativeConfig
from dideban.findings.narratives.checkpoint import State
from dideban.findings.narratives.describe import describe
from dideban.findings.narratives.meaning import Embedder
from dideban.findings.narratives.model import Narratives
from dideban.findings.narratives.read import Messages, read_messages
from dideban.findings.narratives.resume import begin, go_on, with_past
from dideban.findings.narratives.tracker import Tracker
from dideban.messages import Message
from dideban.progress import SILENT, Progress

STEPS_S = (3_600, 10_800, 21_600, 86_400, 604_800, 2_592_000)
"""Lengths a bin of the timeline may have: an hour to thirty days."""
MAX_BINS = 400


def make_narratives(
    posts: pl.LazyFrame,
    *,
    config: NarrativeConfig | None = None,
    proved: Mapping[str, str] | None = None,
    embedder: Embedder | None = None,
    threads: int = 0,
    progress: Progress = SILENT,
    state: Path | None = None,
) -> Narratives:
    """Cluster posts by what they say, over time, whoever wrote them.

    Parameters
    ----------
    posts : POSTS
        In any order.
    config : NarrativeConfig
        Settings; None = defaults.
    proved : mapping
        Account to the finding that proved its group; None = not known.
    embedder : Embedder, optional
        A local model of meaning, asked once per distinct message; None comes with Dideban.
    threads : count
        0 = all cores. Never changes the result.
    progress : Progress
        Reports each stage.
    state : path, optional
        What an earlier run left; begun again where the file is not there. It is not written here: what the next run
        goes on from is ``Narratives.state``.

    Returns
    -------
    Narratives
        Largest first. The same posts give the same narratives, in any order.

    Notes
    -----
    Batches of posts pass in order of time; a narrative is never changed by what comes later, except that two may be
    joined. Each batch costs time in its own texts and in the narratives still alive.

    References
    ----------
    Allan, Papka, Lavrenko 1998, doi:10.1145/290941.290954 (on-line event detection and tracking); Traag, Van Dooren,
    Nesterov 2011, doi:10.1103/PhysRevE.84.016114; Kleinberg 2002, doi:10.1145/775047.775061.
    """
    config = config or NarrativeConfig()
    tracker, more = begin(state, config=config, embedder=embedder, threads=threads)
    messages = read_messages(
        posts, threads=threads, progress=progress, recent=more["recent"], prints=more["prints"],
        settled_us=tracker.until_us,
    )  # fmt: skip
    before, n_settled = follow_batches(tracker, messages, progress=progress, keep=state is not None)
    ids, given = _named(tracker, messages)
    start_us, step_s, n_bins = timeline_of(messages.posts["at_us"])
    told = messages.posts.join(ids, on="text_id").with_columns(
        bin=((pl.col("at_us") - start_us) // (step_s * 1_000_000)).cast(pl.Int64)
    )
    totals = np.bincount(told["bin"].to_numpy(), minlength=n_bins).astype(np.int64)
    sizes = told.group_by("narrative_id").agg(n=pl.len(), accounts=pl.col("account_id").n_unique())
    is_listed = (pl.col("n") >= config.min_posts) & (pl.col("accounts") >= config.min_accounts)
    listed = sizes.filter(is_listed).select("narrative_id")
    kept = told.join(listed, on="narrative_id", how="semi", maintain_order="left")
    with progress.stage("narratives-describing", total=listed.height, unit="narratives") as task:
        items = describe(
            kept, messages, given=given, totals=totals, start_us=start_us, step_s=step_s, config=config, proved=proved
        )
        task.advance(listed.height)
    return Narratives(
        items=with_past(items, ids, tracker, more["told"]),
        start=instant(start_us) if n_bins else "",
        step_s=step_s,
        totals=totals.tolist(),
        n_posts=messages.n_posts,
        n_with_text=messages.posts.height,
        n_listed_posts=kept.height,
        n_small=sizes.height - listed.height,
        notes=_notes(messages, proved, kept),
        state=go_on(before, tracker, messages, n_settled=n_settled, told=more["told"]) if before else None,
        posts=kept.select(post_id="name", narrative_id="narrative_id", text_id="text_id").sort("post_id"),
    )


def instant(at_us: int) -> str:
    """Return microseconds since 1970 as ISO 8601, UTC."""
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def timeline_of(at_us: pl.Series) -> tuple[int, int, int]:
    """Return start (microseconds, a multiple of the step), step (seconds) and number of bins of a timeline."""
    low, high = at_us.min(), at_us.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return 0, STEPS_S[0], 0
    for step_s in STEPS_S:
        step = step_s * 1_000_000
        n_bins = high // step - low // step + 1
        if n_bins <= MAX_BINS:
            break
    return low // step * step, step_s, n_bins


def follow_batches(
    tracker: Tracker, messages: Messages, *, progress: Progress = SILENT, keep: bool = False
) -> tuple[State | None, int]:
    """Let a tracker take in messages, batch by batch; what is older than its last batch counts as of now.

    Where ``keep``, returns what was known before the last batch, to which posts to come may belong, and how many posts
    were taken in by then.
    """
    before, n_settled, n_taken = (tracker.state() if keep else None), 0, 0
    with progress.stage("narratives-following", total=messages.posts.height, unit="posts") as task:
        for until_us, batch in _batches(messages.posts, tracker.config):
            texts = batch.group_by("text_id", maintain_order=True).agg(n_posts=pl.len().cast(pl.Int64))
            texts = texts.join(
                messages.texts.select("text_id", "text"), on="text_id", how="left", maintain_order="left"
            )
            pages = batch.select("name", "text_id", "account_id").join(messages.links, on="name").drop("name")
            if keep and n_taken + batch.height == messages.posts.height:
                before, n_settled = tracker.state(), n_taken
            tracker.update(texts, pages, until_us=max(until_us, tracker.until_us or until_us))
            task.advance(batch.height)
            n_taken += batch.height
    return before, n_settled


def _batches(posts: pl.DataFrame, config: NarrativeConfig) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the end of each batch and its posts: a stretch of time, longer where there are few posts.

    Cut from the past alone, so that posts to come never move an edge.
    """
    length = round(config.batch_h * 3.6e9)
    slots, sizes = np.unique(posts["at_us"].to_numpy() // length, return_counts=True)
    first = held = 0
    for slot, size in zip(slots.tolist(), sizes.tolist(), strict=True):
        held += size
        if held >= config.batch_posts:
            yield (slot + 1) * length, posts.slice(first, held)
            first, held = first + held, 0
    if held:
        yield (slots[-1].item() + 1) * length, posts.slice(first, held)


def _named(tracker: Tracker, messages: Messages) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return text_id, narrative_id; and narrative_id, given: ids that its parts were first given."""
    texts = messages.texts["text_id"].to_list()
    pairs = tracker.numbers_given(texts)
    names = tracker.names()
    frame = pl.DataFrame(pairs, schema={"given": pl.Int64, "number": pl.Int64}, orient="row").with_columns(
        text_id=pl.Series(texts, dtype=pl.String)
    )
    named = pl.DataFrame({"given": range(len(names)), "name": names}, schema={"given": pl.Int64, "name": pl.String})
    full = frame.join(named, on="given").join(named.rename({"given": "number", "name": "narrative_id"}), on="number")
    parts = full.filter(pl.col("given") != pl.col("number")).select("narrative_id", given="name").unique()
    return full.select("text_id", "narrative_id"), parts.sort("narrative_id", "given")


def _notes(messages: Messages, proved: Mapping[str, str] | None, kept: pl.DataFrame) -> list[Message]:
    notes = []
    if messages.n_late:
        notes.append(Message("note.narratives-late", n=messages.n_late))
    if left_out := messages.n_posts - messages.posts.height:
        notes.append(Message("note.narratives-short", n=left_out, all=messages.n_posts))
    if proved and not kept["account_id"].is_in(pl.Series(list(proved)).implode()).any():
        notes.append(Message("note.narratives-no-account"))
    return notes
