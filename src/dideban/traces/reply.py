"""Replies: two accounts that answer the same post or account."""

from __future__ import annotations

import polars as pl

from dideban.traces.tables import Found, PostColumns
from dideban.traces.targets import find_targets


def find(table: PostColumns) -> Found:
    """Find the posts and accounts that several accounts answered; mentions count where the settings say so."""
    pointers = [table.column("reply_to").rename({"reply_to": "target"})]
    if table.config.mentions:
        pointers.append(table.column("mentions").explode("mentions").drop_nulls().rename({"mentions": "target"}))
    return find_targets(table, pl.concat(pointers))
