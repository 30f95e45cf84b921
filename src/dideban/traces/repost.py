"""Reposts: two accounts that hand on the same post."""

from __future__ import annotations

import polars as pl

from dideban.traces.tables import Found, PostColumns
from dideban.traces.targets import find_targets


def find(table: PostColumns) -> Found:
    """Find the posts that several accounts reposted, or quoted where the settings count that as well."""
    pointers = [table.column("repost_of", originals_only=False).rename({"repost_of": "target"})]
    if table.config.quotes:
        pointers.append(table.column("quote_of").rename({"quote_of": "target"}))
    return find_targets(table, pl.concat(pointers))
