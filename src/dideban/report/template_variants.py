"""Which member wrote which variant of a templated text, judged by the posts that the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl

from dideban.findings.model import SharedObject
from dideban.findings.private import pushed_contacts
from dideban.text.template import variants_of
from dideban.traces import mask_text

MAX_OBJECTS = 5
"""Templated texts looked at per finding."""
MAX_TEXTS = 60
"""Texts of one object looked at; the earliest."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One variant of one slot, and the numbers of the members who wrote it."""

    slot: int
    variant: str
    members: list[int]


def tell_wordings(
    objects: Sequence[SharedObject],
    shares: pl.DataFrame,
    posts: Mapping[str, Mapping[str, Any]],
    *,
    numbers: Mapping[str, int],
) -> dict[str, list[Wording]]:
    """Return, by object id, who wrote which variant.

    Parameters
    ----------
    objects : sequence of SharedObject
        Those without slots are passed over.
    shares : SHARES
        Of one finding.
    posts : mapping
        ``platform/post_id`` to a row of POSTS; shares of other posts are passed over.
    numbers : mapping
        Account to its number on the page.
    """
    templated = [one for one in objects if any("slot" in piece for piece in one.template or ())][:MAX_OBJECTS]
    shown = pushed_contacts(objects)  # variants are compared as they are shown: with people's numbers masked
    told = {one.id: _wordings(one, shares, posts, numbers, shown) for one in templated}
    return {name: some for name, some in told.items() if some}


def _wordings(
    one: SharedObject,
    shares: pl.DataFrame,
    posts: Mapping[str, Mapping[str, Any]],
    numbers: Mapping[str, int],
    shown: frozenset[str],
) -> list[Wording]:
    template = one.template or []
    variants = [piece["slot"] for piece in template if "slot" in piece]
    mine = shares.filter(pl.col("object_kind").cast(pl.String) == one.kind, pl.col("object_id") == one.id)
    found: dict[tuple[int, int], set[int]] = {}
    rows = mine.sort("created_at", "post_id").select("account_id", "post_id").iter_rows()
    held = ((account, posts[post].get("text")) for account, post in rows if post in posts and account in numbers)
    texts = [(account, mask_text(text or "", shown=shown)) for account, text in islice(held, MAX_TEXTS)]
    for (account, _), row in zip(texts, variants_of([text for _, text in texts], template), strict=True):
        for slot, variant in enumerate(row):
            if variant >= 0:
                found.setdefault((slot, variant), set()).add(numbers[account])
    return [
        Wording(slot=slot + 1, variant=variants[slot][variant], members=sorted(members))
        for (slot, variant), members in sorted(found.items())
    ]


__all__ = ["Wording", "tell_wordings"]
