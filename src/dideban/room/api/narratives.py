"""Narratives as plain data for programs."""

from __future__ import annotations

from typing import Any

from dideban.room.access import Access
from dideban.room.narratives.models import Narrative


def plain_narrative(one: Narrative) -> dict[str, Any]:
    """Return what a list says of a narrative. No query: ``merged_into`` is read for merged ones only."""
    return {
        "number": one.number, "is_active": one.is_active, "terms": one.terms, "n_posts": one.n_posts,
        "merged_into": one.merged_into.number if one.merged_into else None,
        "n_texts": one.n_texts, "n_accounts": one.n_accounts, "first_at": one.first_at, "last_at": one.last_at,
        "recent": one.recent, "growth": one.growth, "burst_at": one.burst_at, "languages": one.languages,
        "platforms": one.platforms, "places": one.place_counts, "sources": one.source_counts, "domains": one.domains,
        "share_proved": round(one.share_proved, 4),
    }  # fmt: skip


def whole_narrative(access: Access, one: Narrative) -> dict[str, Any]:
    """Return one narrative, whole, as far as the member may see it."""
    reach = access.reach().places
    seen = set(access.groups().filter(number__in=[int(n) for n in one.proved]).values_list("number", flat=True))
    return {
        **plain_narrative(one), "start_at": one.start_at, "step_s": one.step_s, "counts": one.counts,
        "days": one.days, "bursts": one.bursts, "groups": {n: k for n, k in one.proved.items() if int(n) in seen},
        "spread": [row for row in one.spread if reach is None or row["place"] in reach],
        "examples": [row["post"] for row in one.examples],
    }  # fmt: skip
