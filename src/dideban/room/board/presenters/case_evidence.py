"""What a case page shows of its findings: the posts that say most, their pictures, and what to check next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dideban.findings.originals import original_url
from dideban.report.pictures import Thumbnail
from dideban.room.access import Access
from dideban.room.board.presenters.next_steps import StepView, steps_of
from dideban.room.findings.models import FollowedGroup
from dideban.room.findings.packages import joint_posts, read_posts
from dideban.room.posts.thumbnails import pictures_of
from dideban.schema import post_key

MOST_GROUPS = 5
"""Findings of a case whose posts are shown on its page; the others are one click away."""
MOST_POSTS = 5
MOST_STEPS = 4
COLUMNS = ("platform", "post_id", "created_at", "account_id", "text", "lang", "urls", "media", "place")


@dataclass(frozen=True, kw_only=True)
class GroupEvidence:
    """One finding of a case."""

    group: FollowedGroup
    posts: list[dict[str, Any]] = field(default_factory=list)
    """The first post of each wording or picture, the earliest of all first."""
    n_posts: int = 0
    """Posts that the accounts shared together, as far as the member may see them."""
    pictures: dict[str, Thumbnail] = field(default_factory=dict)
    """Small pictures of those posts, where a source keeps some."""
    steps: list[StepView] = field(default_factory=list)


def evidence_of(access: Access, groups: Sequence[FollowedGroup], *, titles: Iterable[str]) -> list[GroupEvidence]:
    """Return what a case page shows of its findings. One query and the posts of a few packages."""
    steps = dict(
        access.every_group()
        .filter(pk__in=[group.pk for group in groups])
        .values_list("pk", "current__document__next_steps")
    )  # fmt: skip
    taken, places = list(titles), access.scope().places
    return [
        GroupEvidence(
            group=group, steps=steps_of({"next_steps": steps.get(group.pk)}, titles=taken)[:MOST_STEPS],
            **(_posts(access.room.slug, group, places) if rank < MOST_GROUPS else {}),
        )
        for rank, group in enumerate(groups)
    ]  # fmt: skip


def _posts(room: str, group: FollowedGroup, places: tuple[str, ...] | None) -> dict[str, Any]:
    if group.current is None:
        return {}
    joint = joint_posts(room, group.current.finding_id)
    posts = read_posts(room, group.current.finding_id, columns=COLUMNS)
    posts = posts.with_columns(key=post_key()).filter(pl.col("key").is_in(joint))
    if places is not None:
        posts = posts.filter(pl.col("place").is_in(list(places)))
    said = pl.concat_str(pl.col("text").fill_null(""), pl.col("media").list.join(" "), separator=" ")
    first = posts.with_columns(said=said).sort("created_at", "key").unique("said", keep="first", maintain_order=True)
    shown = [
        row | {"original": original_url(row["key"]), "n_pictures": len(row["media"] or ())}
        for row in first.head(MOST_POSTS).iter_rows(named=True)
    ]
    return {"posts": shown, "n_posts": posts.height, "pictures": pictures_of(room, shown)}
