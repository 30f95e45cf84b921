"""Campaigns in the queue: comments with one text, and networks that comment together on several pages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from dideban.comments.clean import squeezed
from dideban.config import CoShareConfig
from dideban.evidence import link_accounts
from dideban.schema import TRACES
from dideban.text import cluster_texts

MIN_CHARS = 30
TOGETHER = CoShareConfig(window_s=600.0, min_weight=3, min_participation=3)
"""Networks that commented on the same three pages, each time within ten minutes."""


def clusters_of(rows: Sequence[Any]) -> dict[int, str]:
    """Return comment to the name of its cluster: near-duplicates have one, equal short texts too.

    Parameters
    ----------
    rows : sequence of (id, body, at)
    """
    if not rows:
        return {}
    plain = squeezed([row["body"] for row in rows])
    names = {
        row["id"]: "x" + hashlib.sha256(text.encode()).hexdigest()[:15] for row, text in zip(rows, plain, strict=True)
    }
    frame = pl.DataFrame({
        "post_id": [str(row["id"]) for row in rows], "text": [row["body"] for row in rows],
        "created_at": [datetime.fromtimestamp(row["at"], UTC) for row in rows],
    })  # fmt: skip
    found = cluster_texts(frame, min_chars=MIN_CHARS, window_h=24.0 * 30)
    return names | {int(name): text for name, text in found.select("post_id", "text_id").iter_rows()}


def together(rows: Sequence[Any]) -> set[int]:
    """Return the comments of networks that act together.

    Parameters
    ----------
    rows : sequence of (id, page, at, net_hash)
    """
    known = [row for row in rows if row["net_hash"]]
    if not known:
        return set()
    traces = TRACES.check(
        pl.DataFrame({
            "account_id": [row["net_hash"].hex() for row in known], "object_kind": "link",
            "object_id": [row["page"] for row in known], "post_id": [str(row["id"]) for row in known],
            "created_at": [datetime.fromtimestamp(row["at"], UTC) for row in known],
        }).cast({name: TRACES.dtypes[name] for name in ("object_kind", "created_at")})
    )  # fmt: skip
    edges = link_accounts(traces, config=TOGETHER)
    nets = set(edges["account_a"]) | set(edges["account_b"])
    return {row["id"] for row in known if row["net_hash"].hex() in nets}
