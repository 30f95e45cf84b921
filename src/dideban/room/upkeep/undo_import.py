"""Undo an import: its posts leave the table, the index, the spool, the narratives and the packages of findings."""

from __future__ import annotations

import logging
from datetime import datetime

import polars as pl

from dideban.errors import DidebanError, StoreError
from dideban.room.locks import MERGE, wait_for
from dideban.room.narratives.follow import purge_named
from dideban.room.posts.merge import merge
from dideban.room.posts.search_files import keep_up
from dideban.room.posts.thumbnails import sweep
from dideban.room.review.keep import drop_decoys
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.health import note_merged
from dideban.room.sources.imports.actions import note_not_undone, note_undone
from dideban.room.sources.models import SourceRun
from dideban.room.ticks.redaction import redact_posts
from dideban.schema import post_key
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys

log = logging.getLogger("dideban.room.imports")
COLUMNS = ["platform", "post_id", "account_id", "source", "arrived_at"]


def undo(run: SourceRun) -> None:
    """Remove what an import brought; where it cannot be finished, its page says so and it can be asked for again.

    Notes
    -----
    A post belongs to the import that brought it first. Where another import brought it too, it goes as well: bringing
    that one in again gives it back. Findings stay as claims; the next analysis works without these posts.
    """
    try:
        n_posts, n_findings = _undo(run)
    except DidebanError as error:
        log.warning("an import was not undone: %s", error, extra={"room": run.source.room.slug})
        note_not_undone(run, error)
        return
    note_undone(run, n_posts=n_posts, n_findings=n_findings)


def _undo(run: SourceRun) -> tuple[int, int]:
    times = ", ".join(f"to_timestamp_micros({_micros(text)})" for text in run.arrivals)
    where = f"source = '{run.source.slug}' AND arrived_at IN ({times})"
    return remove_posts(run.source.room, _of_run(run), where=where)


def remove_posts(room: Room, rows: pl.Expr, *, where: str) -> tuple[int, int]:
    """Remove posts from everywhere; return how many, and of how many findings they were.

    Parameters
    ----------
    rows : expression
        Which posts, over the columns of ``COLUMNS``.
    where : str
        The same in the language of the table.

    Raises
    ------
    StoreError
        The table is busy.
    """
    folder = folder_of(room.slug)
    table, keys = PostTable(folder.posts), PostKeys(folder.index)
    while (merged := merge(room.slug)) is not None:
        note_merged(room, merged)
    with wait_for(folder.root / MERGE, seconds=120) as is_ours:
        if not is_ours:
            raise StoreError("room.table-busy")
        gone = table.scan(columns=COLUMNS).filter(rows).collect()
        if not gone.is_empty():
            table.delete(where, at_once=True)
            left = table.scan(columns=COLUMNS).select("account_id").unique().collect()["account_id"]
            keys.forget(gone)
            keys.unseal(gone.filter(~pl.col("account_id").is_in(left.implode()))["account_id"].unique().sort())
        keep_up(room.slug)
        sweep(room.slug)
    return gone.height, _purge(room, gone)


def _purge(room: Room, gone: pl.DataFrame) -> int:
    if gone.is_empty():
        return 0
    folder_of(room.slug).signatures.unlink(missing_ok=True)
    purge_named(room, set(gone.select(post_key()).to_series().to_list()))
    drop_decoys(room)
    return redact_posts(room, gone)


def _of_run(run: SourceRun) -> pl.Expr:
    times = [datetime.fromisoformat(text) for text in run.arrivals]
    return (pl.col("source") == run.source.slug) & pl.col("arrived_at").is_in(times)


def _micros(text: str) -> int:
    return pl.Series([datetime.fromisoformat(text)]).dt.epoch("us").item()  # type: ignore[no-any-return]
