"""Domains: two posts that link to the same site. Coarse, so on request only."""

from __future__ import annotations

import polars as pl

from dideban.traces.link import canonical_links, hosts_of
from dideban.traces.tables import Found, PostColumns, plain_labels


def find(table: PostColumns) -> Found:
    """Find the registrable domains that several accounts linked to."""
    events = domains_of(canonical_links(table)[0])
    shared = table.shared(events)
    objects = plain_labels(shared).with_columns(origin=pl.col("object_id"))
    return Found(events=shared, objects=objects, n_traces=events.height)


def domains_of(links: pl.DataFrame) -> pl.DataFrame:
    """Return (row, object_id) of the domains of canonical links, one row per post and domain."""
    domains = hosts_of(links["object_id"]).select(object_id="page", domain="domain")
    return links.join(domains, on="object_id").select("row", object_id="domain").drop_nulls().unique()
