"""Dideban's own POSTS; and tables and records of no known shape, by the names of their columns."""

from __future__ import annotations

from dideban.ingest.format import TARGETS, Shape

_OWN = frozenset({"post_id", "account_id", "platform", "created_at", "text", "urls", "hashtags", "mentions"})

DIDEBAN = Shape(
    name="dideban",
    columns=lambda names: names >= _OWN,
    mapping={name: name for name in TARGETS},
    own_objects=True,
    as_is=True,
)

GENERIC = Shape(name="table")
