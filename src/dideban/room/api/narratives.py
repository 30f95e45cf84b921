"""Narratives as plain data for programs."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from dideban.room.access import Access
from dideban.room.narratives.models import Narrative
from dideban.room.posts.search import get_posts
from dideban.schema import post_key


def plain_narrative(access: Access, one: Narrative) -> dict[str, Any]:
    """Return what a list says of a narrative. No query for each: ``merged_into`` is read for merged ones only."""
    places, sources = access.scope().places if access.is_limited else None, access.source_slugs()
    return {
        "number": one.number, "is_active": one.is_active, "terms": one.terms, "n_posts": one.n_posts,
        "merged_into": one.merged_into.number if one.merged_into else None,
        "n_texts": one.n_texts, "n_accounts": one.n_accounts, "first_at": one.first_at, "last_at": one.last_at,
        "recent": one.recent, "growth": one.growth, "burst_at": one.burst_at, "languages": one.languages,
        "platforms": one.platforms, "places": _of(one.place_counts, places), "sources": _of(one.source_counts, sources),
        "domains": one.domains,
        "share_proved": round(one.share_proved, 4),
    }  # fmt: skip


def whole_narrative(access: Access, one: Narrative) -> dict[str, Any]:
    """Return one narrative, whole, as far as the member may see it."""
    scope = access.scope().places
    seen = set(access.groups().filter(number__in=[int(n) for n in one.proved]).values_list("number", flat=True))
    return {
        **plain_narrative(access, one), "start_at": one.start_at, "step_s": one.step_s, "counts": one.counts,
        "days": one.days, "bursts": one.bursts, "groups": {n: k for n, k in one.proved.items() if int(n) in seen},
        "spread": [row for row in one.spread if scope is None or row["place"] in scope],
        "examples": _seen_posts(access, [row["post"] for row in one.examples]),
    }  # fmt: skip


def _of(counts: dict[str, int], seen: Container[str] | None) -> dict[str, int]:
    return counts if seen is None else {slug: n for slug, n in counts.items() if slug in seen}


def _seen_posts(access: Access, names: list[str]) -> list[str]:
    """Return the names of the posts that the member may see."""
    if not access.is_limited or not names:
        return names
    found = get_posts(access.room.slug, names, scope=access.scope())
    seen = set(found.select(post_key()).to_series())
    return [name for name in names if name in seen]
