"""Reposts: two accounts that hand on the same post."""

from __future__ import annotations

import polars as pl

from dideban.traces.tables import Found, PostColumns
from dideban.traces.targets import find_targets


def find(table: PostColumns) -> Found:
    """Find the posts that several accounts reposted, or quoted where the settings count that as well."""
    return find_targets(table, pointers(table))


def pointers(table: PostColumns) -> pl.DataFrame:
    """Return (row, target): which post hands on which id."""
    found = [table.column("repost_of", originals_only=False).rename({"repost_of": "target"})]
    if table.config.quotes:
        found.append(table.column("quote_of").rename({"quote_of": "target"}))
    return pl.concat(found)
