"""Delete a person's posts at their request: from the table, the index, the spool and the packages of findings."""

from __future__ import annotations

import logging

import polars as pl
from django.db import DatabaseError

from dideban.errors import DidebanError, StoreError
from dideban.room.locks import MERGE, wait_for
from dideban.room.posts.actions import finish_erasure, note_erasure_trouble
from dideban.room.posts.merge import merge
from dideban.room.posts.models import Erasure
from dideban.room.posts.search_files import keep_up
from dideban.room.posts.thumbnails import forget
from dideban.room.rooms.folder import folder_of
from dideban.room.sources.imports.look import drop_waiting
from dideban.room.ticks.redaction import redact
from dideban.room.upkeep.search_everything import marks_of, prove_gone
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys

log = logging.getLogger("dideban.room.erasure")


def try_erasure(erasure: Erasure) -> None:
    """Delete; where it cannot be finished, the page says so and it is tried again within minutes."""
    try:
        run_erasure(erasure)
    except DidebanError as error:
        log.warning("a deletion did not finish: %s", error, extra={"room": erasure.room.slug})
        note_erasure_trouble(erasure, error)
    except (OSError, DatabaseError, pl.exceptions.PolarsError) as error:
        log.warning("a deletion did not finish: %s", type(error).__name__, extra={"room": erasure.room.slug})
        note_erasure_trouble(erasure, StoreError("erasure.broke-off", reason=type(error).__name__))


def run_erasure(erasure: Erasure) -> None:
    """Delete, once, and search every file for what was deleted; what died half-way is done again from the start.

    Raises
    ------
    StoreError
        Files are in use for too long, or something of the person is left in some.

    Notes
    -----
    Findings stay, as claims about pseudonyms; the posts of the person leave their packages, which then say so and no
    longer recompute. The audit trail keeps that it was done, by whom, and how many posts it was.
    """
    room, account = erasure.room, erasure.account_id
    folder = folder_of(room.slug)
    keys, table = PostKeys(folder.index), PostTable(folder.posts)
    drop_waiting(room)  # files that nobody took in yet may name the person
    _merge_waiting(room.slug)
    keys.erase(account)  # what arrives from now on is refused, what was on its way is dropped by the merge
    _merge_waiting(room.slug)
    marks = marks_of(table, account)
    with wait_for(folder.root / MERGE, seconds=120) as is_ours:
        if not is_ours:
            raise StoreError("room.table-busy")
        columns = ["account_id", "platform", "post_id", "media"]
        mentioned = table.scan(columns=columns).filter(pl.col("account_id") == account).collect()
        forget(room.slug, mentioned["media"])
        n_posts = mentioned.height
        if n_posts:
            keys.forget_gone(mentioned)
            table.delete(f"account_id = '{account}'", at_once=True)
        keep_up(room.slug)
    n_findings = redact(room, account, marks=marks.texts)
    n_files = prove_gone(room.slug, marks)
    finish_erasure(erasure, n_posts=n_posts, n_findings=n_findings, n_files=n_files)


def _merge_waiting(room: str) -> None:
    while merge(room) is not None:
        pass
