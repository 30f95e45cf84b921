"""Which posts a finding package must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dideban.kinds import slugs
from dideban.schema import POSTS, post_key
from dideban.store.clusters import CLUSTERED, CLUSTERS
from dideban.store.others import OTHERS, blind

MAX_PER_OBJECT = 1_000_000
"""Shares by others kept per object, the earliest and those nearest in time to a member's share first."""
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
    others: pl.DataFrame
    """OTHERS: what everybody else did with the same objects, blinded."""
    n_cut: int
    """Shares by others that were left out; 0 = the package is complete, else it cannot be verified."""


def package_posts(
    posts: pl.LazyFrame | pl.DataFrame,
    *,
    traces: pl.DataFrame,
    shares: pl.DataFrame,
    max_per_object: int = MAX_PER_OBJECT,
    every_common: bool = False,
    followed: Mapping[str, Sequence[str]] | None = None,
    own: Sequence[str] = (),
) -> Iterator[PackagePosts]:
    """Yield the posts that each finding's package needs, findings sorted by id.

    A package holds every post by a member that shares an object which two members share (near in time or not), the
    original of what was reposted or replied to, and the first post with a shared wording. What everybody else did with
    joint objects and shared clusters of texts or pictures is inside as names that are numbers, kinds and times. That is
    enough to recompute the finding.

    Parameters
    ----------
    posts : POSTS
        All posts of the run; read once.
    traces : TRACES
        All traces of the run.
    shares : SHARES
        As from ``make_findings``.
    max_per_object : count
        Shares by others kept per object.
    every_common : bool
        Keep shares by others of every object that two members share, joint or not: what the synchrony test compares.
    followed : finding id to account ids
        Others that keep their names, because the finding says that members came after them.
    own : finding ids
        Findings that rest on how soon members come after others: what a member shared after somebody else is inside
        too, with the first share of it.
    """
    began = others_first(traces, shares, own)
    wanted = select_posts(traces=traces, shares=shares, began=began)
    name = post_key()
    needed = wanted.select(name="post_id").unique().lazy()
    table = posts.lazy().with_columns(name=name).join(needed, on="name", how="semi").collect()
    clustered = traces.filter(pl.col("object_kind").cast(pl.String).is_in(CLUSTERED)).join(
        wanted.select("post_id").unique(), on="post_id", how="semi"
    )
    ids = wanted["finding_id"].unique().sort().to_list()
    for start in range(0, len(ids), AT_ONCE):
        some = pl.col("finding_id").is_in(ids[start : start + AT_ONCE])
        theirs, mine, first = (table.filter(some) for table in (shares, wanted, began))
        others, cut = select_others(
            traces=traces, shares=theirs, began=first, posts=mine, max_per_object=max_per_object,
            every_common=every_common,
        )  # fmt: skip
        yield from _packages(
            wanted=mine, table=table, clustered=clustered, others=others, cut=cut,
            common=pl.concat([_common(theirs).select(OBJECT), first.select(OBJECT)]),
            followed=followed or {},
        )  # fmt: skip


def _packages(
    *,
    wanted: pl.DataFrame,
    table: pl.DataFrame,
    clustered: pl.DataFrame,
    common: pl.DataFrame,
    others: pl.DataFrame,
    cut: dict[str, int],
    followed: Mapping[str, Sequence[str]],
) -> Iterator[PackagePosts]:
    """Yield a few packages: joined together, because a join per package would read the whole table each time.

    Clusters that fewer than two members share are left out: their posts are inside for other objects' sake, and their
    earliest text may not be.
    """
    posts = table.join(wanted, left_on="name", right_on="post_id").sort("finding_id", "platform", "post_id")
    members = clustered.join(wanted, on="post_id").join(common, on=OBJECT, how="semi")
    members = members.select("finding_id", *CLUSTERS.names)
    groups = members.unique().sort("finding_id", *CLUSTERS.names).partition_by("finding_id", as_dict=True)
    for (finding_id,), chosen in posts.partition_by("finding_id", as_dict=True, maintain_order=True).items():
        found = groups.get((finding_id,))
        theirs = others.filter(pl.col("finding_id") == finding_id).select(OTHERS.names)
        yield PackagePosts(
            finding_id=str(finding_id),
            posts=chosen.select(POSTS.names),
            clusters=CLUSTERS.empty() if found is None else found.select(CLUSTERS.names),
            others=blind(theirs, inside=_named(chosen, followed.get(str(finding_id), ()))),
            n_cut=cut.get(str(finding_id), 0),
        )


def _named(posts: pl.DataFrame, followed: Sequence[str]) -> pl.Series:
    """Accounts that keep their names in OTHERS."""
    return pl.concat([posts["account_id"], pl.Series(followed, dtype=pl.String)]).unique()


def select_posts(*, traces: pl.DataFrame, shares: pl.DataFrame, began: pl.DataFrame) -> pl.DataFrame:
    """Return ``(finding_id, post_id)`` of the posts that each package needs; ``began`` as of :func:`others_first`."""
    common = _common(shares)
    kind = pl.col("object_kind").cast(pl.String)
    columns = [
        shares.join(common, on=OBJECT, how="semi").select("finding_id", "post_id"),
        shares.join(began, on=OBJECT, how="semi").select("finding_id", "post_id"),
        common.filter(kind.is_in(POINTERS)).select("finding_id", post_id="object_id"),
        _first_wordings(traces, objects=common.filter(kind == "text")),
    ]
    return pl.concat(columns).unique()


def select_others(
    *,
    traces: pl.DataFrame,
    shares: pl.DataFrame,
    began: pl.DataFrame,
    posts: pl.DataFrame,
    max_per_object: int,
    every_common: bool = False,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return (finding_id, *OTHERS) of shares by others whose posts are not inside, and how many of them were cut.

    Parameters
    ----------
    began : (finding_id, *OTHERS)
        As from :func:`others_first`.
    posts : (finding_id, post_id)
        Those inside, as from :func:`select_posts`.
    """
    common, inside = _common(shares), ["finding_id", "post_id"]
    compared = common.filter(pl.col("is_joint") | pl.col("object_kind").cast(pl.String).is_in(CLUSTERED) | every_common)
    others = _others(traces, shares=shares, objects=compared).join(posts, on=inside, how="anti")
    kept, cut = _nearest(others, shares=shares, most=max_per_object)
    first = began.join(posts, on=inside, how="anti")
    return pl.concat([kept, first.select(kept.columns)]), cut


def others_first(traces: pl.DataFrame, shares: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """Return (finding_id, *OTHERS) of shares by others with which an object began that one member shares."""
    keys = OBJECT[1:]
    some = shares.filter(pl.col("finding_id").is_in(list(own))).join(_common(shares), on=OBJECT, how="anti")
    alone = some.select("finding_id", "account_id", *keys).unique()
    first = (
        traces.join(alone.select(keys).unique(), on=keys, how="semi")
        .filter(pl.col("created_at") == pl.col("created_at").min().over(keys))
        .unique([*keys, "account_id"], keep="first", maintain_order=True)
    )
    return (
        first.join(alone.rename({"account_id": "member"}), on=keys)
        .filter(pl.col("account_id") != pl.col("member"))
        .select("finding_id", *OTHERS.names)
    )


def _first_wordings(traces: pl.DataFrame, *, objects: pl.DataFrame) -> pl.DataFrame:
    """Return ``(finding_id, post_id)`` of the first post with each text: its wording is what the object is called."""
    keys = OBJECT[1:]
    first = (
        traces.join(objects.select(keys).unique(), on=keys, how="semi")
        .sort("created_at", "post_id")
        .unique(keys, keep="first", maintain_order=True)
    )
    return objects.select(OBJECT).join(first.select(*keys, "post_id"), on=keys).select("finding_id", "post_id")


def _common(shares: pl.DataFrame) -> pl.DataFrame:
    """Objects that two members share, and whether jointly."""
    counted = shares.group_by(OBJECT).agg(n=pl.col("account_id").n_unique(), is_joint=pl.col("is_joint").any())
    return counted.filter(pl.col("n") > 1)


def _others(traces: pl.DataFrame, *, shares: pl.DataFrame, objects: pl.DataFrame) -> pl.DataFrame:
    """Return (finding_id, *OTHERS) of shares of ``objects`` by others."""
    members = shares.select("finding_id", "account_id").unique()
    joined = traces.select(OTHERS.names).join(objects.select(OBJECT), on=OBJECT[1:])
    return joined.join(members, on=["finding_id", "account_id"], how="anti").select("finding_id", *OTHERS.names)


def _nearest(others: pl.DataFrame, *, shares: pl.DataFrame, most: int) -> tuple[pl.DataFrame, dict[str, int]]:
    """Keep ``most`` shares by others of each object, its first and those nearest to a member; count what is cut.

    Hardly any object has more, and ranking costs several times what the rows themselves take.
    """
    crowded = others.group_by(OBJECT).len().filter(pl.col("len") > most)
    if crowded.is_empty():
        return others, {}
    near = shares.select(*OBJECT, at="created_at").sort("at")
    many = others.join(crowded, on=OBJECT, how="semi").sort("created_at")
    many = many.join_asof(
        near, left_on="created_at", right_on="at", by=OBJECT, strategy="nearest", check_sortedness=False
    )
    first = pl.col("created_at") > pl.col("created_at").min().over(OBJECT)
    many = many.with_columns(distance=(pl.col("created_at") - pl.col("at")).abs(), is_not_first=first)
    ranked = many.with_columns(rank=pl.struct("is_not_first", "distance", "post_id").rank("ordinal").over(OBJECT))
    kept, cut = ranked.filter(pl.col("rank") <= most), ranked.filter(pl.col("rank") > most)
    rest = others.join(crowded, on=OBJECT, how="anti")
    return pl.concat([rest, kept.select(others.columns)]), dict(cut.group_by("finding_id").len().iter_rows())
