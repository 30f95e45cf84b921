"""Replies: two accounts that answer the same post or account."""

from __future__ import annotations

import polars as pl

from dideban.traces.tables import Found, PostColumns
from dideban.traces.targets import find_targets


def find(table: PostColumns) -> Found:
    """Find the posts and accounts that several accounts answered; mentions count where the settings say so."""
    return find_targets(table, pointers(table))


def pointers(table: PostColumns) -> pl.DataFrame:
    """Return (row, target): which post answers which id."""
    found = [table.column("reply_to").rename({"reply_to": "target"})]
    if table.config.mentions:
        found.append(table.column("mentions").explode("mentions").drop_nulls().rename({"mentions": "target"}))
    return pl.concat(found)
