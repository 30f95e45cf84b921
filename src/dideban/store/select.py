"""Which posts a finding package must hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from dideban.kinds import slugs
from dideban.schema import POSTS
from dideban.store.clusters import CLUSTERED, CLUSTERS

MAX_PER_OBJECT = 20_000
"""Posts by others kept per object, the nearest in time to a member's share first: a viral link has millions."""
POINTERS = slugs(lambda kind: kind.is_post)
"""Kinds whose object is a post: the original says who wrote it and when."""

AT_ONCE = 20
"""Packages whose posts are gathered together: more cost memory, fewer cost time."""

OBJECT = ["finding_id", "object_kind", "object_id"]


@dataclass(frozen=True, kw_only=True)
class PackagePosts:
    """Posts of one finding package."""

    finding_id: str
    posts: pl.DataFrame
    """POSTS, sorted by platform and id."""
    clusters: pl.DataFrame
    """CLUSTERS: which of these posts the run took for copies of one text or picture."""
    n_cut: int
    """Posts by others on the same objects that were left out; 0 = the package is complete."""


def package_posts(
    posts: pl.LazyFrame | pl.DataFrame,
    *,
    traces: pl.DataFrame,
    shares: pl.DataFrame,
    max_per_object: int = MAX_PER_OBJECT,
    every_common: bool = False,
) -> Iterator[PackagePosts]:
    """Yield the posts that each finding's package needs, findings sorted by id.

    A package holds every post by a member that shares an object which two members share (near in time or not), every
    post by anybody else that shares a joint object or belongs to a shared cluster of texts or pictures, and the
    original of what was reposted or replied to. That is enough to recompute the finding exactly. Posts by others are
    bounded per object; the earliest share and those nearest in time to a member's share stay.

    Parameters
    ----------
    posts : POSTS
        All posts of the run; read once.
    traces : TRACES
        All traces of the run.
    shares : SHARES
        As from ``make_findings``.
    max_per_object : count
        Posts by others kept per object.
    every_common : bool
        Keep posts by others on every object that two members share, joint or not: what the synchrony test compares.
    """
    wanted, cut = select_posts(traces=traces, shares=shares, max_per_object=max_per_object, every_common=every_common)
    name = pl.concat_str("platform", pl.lit("/"), "post_id")
    needed = wanted.select(name="post_id").unique().lazy()
    table = posts.lazy().with_columns(name=name).join(needed, on="name", how="semi").collect()
    clustered = traces.filter(pl.col("object_kind").cast(pl.String).is_in(CLUSTERED)).join(
        wanted.select("post_id").unique(), on="post_id", how="semi"
    )
    ids = wanted["finding_id"].unique().sort().to_list()
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        yield from _packages(some, wanted=wanted, table=table, clustered=clustered, common=_common(shares), cut=cut)


def _packages(
    ids: list[str],
    *,
    wanted: pl.DataFrame,
    table: pl.DataFrame,
    clustered: pl.DataFrame,
    common: pl.DataFrame,
    cut: dict[str, int],
) -> Iterator[PackagePosts]:
    """Yield a few packages: joined together, because a join per package would read the whole table each time.

    Clusters that fewer than two members share are left out: their posts are inside for other objects' sake, and their
    earliest text may not be.
    """
    some = wanted.filter(pl.col("finding_id").is_in(ids))
    posts = table.join(some, left_on="name", right_on="post_id").sort("finding_id", "platform", "post_id")
    members = clustered.join(some, on="post_id").join(common, on=OBJECT, how="semi")
    members = members.select("finding_id", *CLUSTERS.names)
    groups = members.unique().sort("finding_id", *CLUSTERS.names).partition_by("finding_id", as_dict=True)
    for (finding_id,), chosen in posts.partition_by("finding_id", as_dict=True, maintain_order=True).items():
        found = groups.get((finding_id,))
        yield PackagePosts(
            finding_id=str(finding_id),
            posts=chosen.select(POSTS.names),
            clusters=CLUSTERS.empty() if found is None else found.select(CLUSTERS.names),
            n_cut=cut.get(str(finding_id), 0),
        )


def select_posts(
    *, traces: pl.DataFrame, shares: pl.DataFrame, max_per_object: int, every_common: bool = False
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return ``(finding_id, post_id)`` of the posts each package needs, and how many posts by others were cut."""
    common = _common(shares)
    clustered = pl.col("object_kind").cast(pl.String).is_in(CLUSTERED)
    own = shares.join(common, on=OBJECT, how="semi")
    compared = common.filter(pl.col("is_joint") | clustered | every_common)
    others = _others(traces, shares=shares, objects=compared)
    ranked = others.with_columns(rank=pl.struct("is_not_first", "distance", "post_id").rank("ordinal").over(OBJECT))
    kept = ranked.filter(pl.col("rank") <= max_per_object)
    counts = ranked.filter(pl.col("rank") > max_per_object).group_by("finding_id").len()
    pointers = common.filter(pl.col("object_kind").cast(pl.String).is_in(POINTERS))
    columns = [
        own.select("finding_id", "post_id"),
        kept.select("finding_id", "post_id"),
        pointers.select("finding_id", post_id="object_id"),
    ]
    return pl.concat(columns).unique(), dict(counts.iter_rows())


def _common(shares: pl.DataFrame) -> pl.DataFrame:
    """Objects that two members share, and whether jointly."""
    counted = shares.group_by(OBJECT).agg(n=pl.col("account_id").n_unique(), is_joint=pl.col("is_joint").any())
    return counted.filter(pl.col("n") > 1)


def _others(traces: pl.DataFrame, *, shares: pl.DataFrame, objects: pl.DataFrame) -> pl.DataFrame:
    """Return shares of ``objects`` by others with their distance in time to the nearest member's share."""
    keys = OBJECT[1:]
    members = shares.select("finding_id", "account_id").unique()
    near = shares.select(*OBJECT, at="created_at").sort("at")
    others = (
        traces.select("account_id", *keys, "post_id", "created_at")
        .join(objects.select(OBJECT), on=keys)
        .join(members, on=["finding_id", "account_id"], how="anti")
        .sort("created_at")
        .join_asof(near, left_on="created_at", right_on="at", by=OBJECT, strategy="nearest", check_sortedness=False)
    )
    first = pl.col("created_at") > pl.col("created_at").min().over(OBJECT)
    return others.with_columns(distance=(pl.col("created_at") - pl.col("at")).abs(), is_not_first=first)
