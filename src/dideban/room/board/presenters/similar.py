"""Findings like one: the same accounts, the same objects, or texts that the engine takes for one message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.db.models.fields.json import KeyTransform

from dideban.room.access import Access
from dideban.room.findings.models import FollowedGroup

LATEST = 300
"""Groups that are compared with one."""
SHOWN = 8
MAX_TEXTS = 40
"""Texts of a group that are compared: those of most accounts."""
AGES_H = 24.0 * 400
"""How far apart near-identical texts may lie, hours."""


@dataclass(frozen=True, kw_only=True)
class Similar:
    """Another group, and what it has in common with this one."""

    group: FollowedGroup
    n_accounts: int
    account_share: float
    """Accounts in common among all of both."""
    n_objects: int
    """Links, hashtags and the like in common."""
    n_texts: int
    """Texts in common, word for word or nearly so."""


def similar_groups(access: Access, group: FollowedGroup) -> list[Similar]:
    """Return the groups with most in common, of the latest 300 the member may see. One query.

    Notes
    -----
    Objects are the same where the engine named them the same. Texts are compared by ``dideban.text.cluster_texts``,
    so that a template with other words in its slots is found as well. Most shared accounts come first, then most
    texts, then most objects; the older group breaks ties.
    """
    found = (
        access.every_group().defer("current__document").annotate(pushed=KeyTransform("objects", "current__document"))
    )
    near = {one.pk: one for one in found.order_by("-last_found_at", "-number")[: LATEST + 1]}
    mine = near.pop(group.pk, None) or found.get(pk=group.pk)
    others = list(near.values())[:LATEST]
    texts = _texts_in_common(mine, others)
    rows = [_compare(mine, other, texts.get(other.pk, 0)) for other in others]
    held = [row for row in rows if row.n_accounts or row.n_objects or row.n_texts]
    return sorted(held, key=lambda row: (-row.account_share, -row.n_texts, -row.n_objects, row.group.number))[:SHOWN]


def _compare(mine: Any, other: Any, n_texts: int) -> Similar:
    ours, theirs = set(mine.members), set(other.members)
    n = len(ours & theirs)
    return Similar(
        group=other,
        n_accounts=n,
        account_share=n / max(len(ours | theirs), 1),
        n_objects=len(_names(mine.pushed) & _names(other.pushed)),
        n_texts=n_texts,
    )


def _names(objects: Iterable[Mapping[str, Any]] | None) -> set[tuple[str, str]]:
    return {(str(o.get("kind")), str(o.get("id"))) for o in objects or () if o.get("kind") != "text"}


def _texts_in_common(mine: Any, others: Iterable[Any]) -> Counter[int]:
    """Return how many texts each of the others has in common with this group, by its key."""
    rows = [*_texts(mine)]
    if not rows:
        return Counter()
    from dideban.text import cluster_texts  # compiled code: loaded by who asks for it, not by every page

    rows += [row for other in others for row in _texts(other)]
    frame = pl.DataFrame(
        {
            "post_id": [f"{ix:06d}" for ix in range(len(rows))],
            "text": [text for _, text, _ in rows],
            "created_at": pl.Series([at for *_, at in rows], dtype=pl.Datetime("us", "UTC")),
        }
    )
    of_row = cluster_texts(frame, window_h=AGES_H, threads=1)
    owner = [int(key) for key, *_ in rows]
    held: dict[str, set[int]] = {}
    for post, text in of_row.select("post_id", "text_id").iter_rows():
        held.setdefault(text, set()).add(owner[int(post)])
    shared = (keys for keys in held.values() if mine.pk in keys)
    return Counter(key for keys in shared for key in keys if key != mine.pk)


def _texts(group: Any) -> list[tuple[int, str, datetime]]:
    texts = [o for o in group.pushed or () if o.get("kind") == "text" and o.get("label")]
    return [(group.pk, str(o["label"]), _instant(o.get("first_at"))) for o in texts[:MAX_TEXTS]]


def _instant(text: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00")
