"""Deleting a person's posts on request: from the table, the index, the spool and the packages of findings."""

from __future__ import annotations

import polars as pl

from dideban.errors import StoreError
from dideban.room.locks import wait_for
from dideban.room.posts.actions import finish_erasure
from dideban.room.posts.merge import merge
from dideban.room.posts.models import Erasure
from dideban.room.posts.search_files import keep_up
from dideban.room.rooms.folder import folder_of
from dideban.room.ticks.redaction import redact
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys


def run_erasure(erasure: Erasure) -> None:
    """Delete, once; what died half-way is done again from the start.

    Notes
    -----
    Findings stay, as claims about pseudonyms; the posts of the person leave their packages, which then say so and no
    longer recompute. The audit trail keeps that it was done, by whom, and how many posts it was.
    """
    room, account = erasure.room, erasure.account_id
    folder = folder_of(room.slug)
    keys, table = PostKeys(folder.index), PostTable(folder.posts)
    _merge_waiting(room.slug)
    keys.erase(account)  # what arrives from now on is refused, what was on its way is dropped by the merge
    _merge_waiting(room.slug)
    with wait_for(folder.root / "merge.lock", seconds=120) as is_ours:
        if not is_ours:
            raise StoreError("room.table-busy")
        mentioned = (
            table.scan(columns=["account_id"]).filter(pl.col("account_id") == account).select(pl.len()).collect()
        )
        n_posts = int(mentioned.item())
        if n_posts:
            table.delete(f"account_id = '{account}'", at_once=True)
        keep_up(room.slug)
    n_findings = redact(room, account)
    finish_erasure(erasure, n_posts=n_posts, n_findings=n_findings)


def _merge_waiting(room: str) -> None:
    while merge(room) is not None:
        pass
