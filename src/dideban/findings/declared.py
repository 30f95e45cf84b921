"""Declared networks: how much of one another's content their accounts share, and how fast.

A description, no claim and no test: that they belong together is declared. It opens the report, so that what is known
and legitimate is seen first, also where the test of timing has nothing to say about it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from dideban.findings.affiliations import Affiliations
from dideban.findings.model import Finding
from dideban.kinds import slugs
from dideban.text import text_print
from dideban.traces.link import canonical_pages

KINDS = slugs(lambda kind: kind.copy_weight > 0, key=lambda kind: -kind.copy_weight)
"""Kinds of content that can be copied, in order of weight; anyone who agrees shares hashtags, sites and replies."""
LEAST = 10
"""Objects that an account must hold before what it has in common says anything."""
LEAST_CHARS = 40
"""Shorter texts are not counted: they are no objects (docs/methods/text.md)."""
MAX_SHARERS = 5_000
"""Objects that more accounts share tell no account outside from another and are left out of the comparison."""
MAX_OUTSIDE = 50
"""Accounts outside that are compared, per owner and kind: those that hold most of the network's objects."""
MAX_INSIDE = 300
"""Accounts of one owner that are compared with each other, per kind: those that hold most."""
WITHIN_S = {"n_minute": 60, "n_hour": 3_600, "n_day": 86_400}


@dataclass(frozen=True, kw_only=True)
class DeclaredKind:
    """What the accounts of one owner hold together, of one kind of content."""

    kind: str
    n_objects: int
    """Distinct texts, links, ... of its accounts, each counted once per account."""
    n_joint: int
    """Objects that two or more of them shared."""
    n_later: int
    """Shares of an object after the first within the network."""
    n_minute: int
    n_hour: int
    n_day: int
    """Of these, how many came within a minute, an hour, a day of the first."""
    median_lag_s: float | None
    """Median seconds from the first share to the later ones; None where there are none."""
    inside: float | None
    """Its closest pair: objects that both hold, as a share of the smaller one's, 0..1; None where no pair holds enough
    or any in common."""
    outside: float | None
    """The same for the closest pair of one of its accounts and one that the list does not give to this owner."""


@dataclass(frozen=True, kw_only=True)
class DeclaredNetwork:
    """One declared owner with two accounts or more in the data."""

    owner: str
    owner_kind: str
    """``brand``, ``party``, ``wire`` or ``official``."""
    n_declared: int
    """Accounts on the list."""
    accounts: list[str]
    """Those that shared something here, sorted."""
    kinds: list[DeclaredKind]
    """In order of ``KINDS``; only kinds that were shared."""
    findings: list[str]
    """Findings and leads in which two of its accounts or more are members."""

    @property
    def share(self) -> float:
        """What its closest pair holds in common, as a share of the smaller one's: of texts, else links, and so on."""
        return next((one.inside for one in self.kinds if one.inside is not None), 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "share": round(self.share, 6)}


def describe_declared(
    traces: pl.DataFrame, *, posts: pl.LazyFrame, affiliations: Affiliations, findings: list[Finding] | None = None
) -> list[DeclaredNetwork]:
    """Describe every declared owner that has two accounts or more in the data.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Any order; the first share of an object by an account counts.
    posts : POSTS
        To count all that an account posted; TRACES hold what two accounts or more shared.
    affiliations : Affiliations
        Declared owners.
    findings : list of Finding
        To name those in which a network appears.

    Returns
    -------
    list of DeclaredNetwork
        Largest ``share`` first; ties by joint objects, then by name of the owner.

    Notes
    -----
    Deterministic. Time grows with the shares of the objects that declared accounts hold.
    """
    listed = [(i, account) for i, owner in enumerate(affiliations.owners) for account in sorted(owner.accounts)]
    members = pl.DataFrame(listed, schema={"owner": pl.Int64, "account_id": pl.String}, orient="row")
    first = _first_shares(traces)
    held = first.join(members, on="account_id")
    seen = (
        held.group_by("owner")
        .agg(accounts=pl.col("account_id").unique().sort())
        .filter(pl.col("accounts").list.len() > 1)
    )
    held = held.join(seen, on="owner", how="semi")
    if held.is_empty():
        return []
    kinds = _kinds(held, first, members, posts)
    found = []
    for owner_ix, accounts in seen.iter_rows():
        owner = affiliations.owners[owner_ix]
        found.append(
            DeclaredNetwork(
                owner=owner.name,
                owner_kind=owner.kind,
                n_declared=len(owner.accounts),
                accounts=accounts,
                kinds=kinds[owner_ix],
                findings=[f.id for f in findings or () if len(owner.accounts & set(f.accounts)) > 1],
            )
        )
    return sorted(
        found, key=lambda one: (-one.share, -sum(kind.n_joint for kind in one.kinds), one.owner, one.accounts)
    )


def _first_shares(traces: pl.DataFrame) -> pl.DataFrame:
    """Return account_id, kind, object_id, at (microseconds): the first share of each object by each account."""
    counted = traces.filter(pl.col("object_kind").cast(pl.String).is_in(KINDS))
    return counted.group_by("account_id", pl.col("object_kind").cast(pl.String).alias("kind"), "object_id").agg(
        at=pl.col("created_at").min().dt.epoch("us")
    )


def _kinds(
    held: pl.DataFrame, first: pl.DataFrame, members: pl.DataFrame, posts: pl.LazyFrame
) -> dict[int, list[DeclaredKind]]:
    key = ["owner", "kind"]
    ours = _fullest(held, most=MAX_INSIDE)
    inside = _in_common(ours, ours)
    outside = _in_common(ours, _fullest(_outside(held, first, members), most=MAX_OUTSIDE))
    sizes = _sizes(posts, pl.concat([held["account_id"], outside["other"]]).unique())
    own = held.select("owner", "account_id").unique().join(sizes, on="account_id")
    table = (
        own.group_by(key)
        .agg(n_objects=pl.col("size").sum())
        .join(_timed(held), on=key, how="left")
        .join(_closest(inside, sizes, name="inside"), on=key, how="left")
        .join(_closest(outside, sizes, name="outside"), on=key, how="left")
        .with_columns(pl.col("n_joint", "n_later", *WITHIN_S).fill_null(0))
        .sort("owner", pl.col("kind").cast(pl.Enum(KINDS)))
    )
    found: dict[int, list[DeclaredKind]] = {}
    for row in table.iter_rows(named=True):
        owner = row.pop("owner")
        found.setdefault(owner, []).append(DeclaredKind(**row))
    return found


def _timed(held: pl.DataFrame) -> pl.DataFrame:
    """Return, per owner and kind, joint objects, later shares and how soon they came."""
    thing = ["owner", "kind", "object_id"]
    ordered = held.with_columns(
        lag_s=(pl.col("at") - pl.col("at").min().over(thing)) / 1e6,
        rank=pl.struct("at", "account_id").rank("ordinal").over(thing),
    )
    later = ordered.filter(pl.col("rank") > 1)
    within = [(pl.col("lag_s") <= limit).sum().cast(pl.Int64).alias(name) for name, limit in WITHIN_S.items()]
    return later.group_by("owner", "kind").agg(
        pl.col("object_id").n_unique().alias("n_joint"), pl.len().alias("n_later"),
        pl.col("lag_s").median().alias("median_lag_s"), *within,
    )  # fmt: skip


def _outside(held: pl.DataFrame, first: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return the shares, by accounts of no or another owner, of the objects that an owner's accounts hold."""
    theirs = held.select("owner", "kind", "object_id").unique()
    crowded = first.group_by("kind", "object_id").len().filter(pl.col("len") > MAX_SHARERS)
    shares = first.join(crowded, on=["kind", "object_id"], how="anti").join(theirs, on=["kind", "object_id"])
    return shares.join(members, on=["owner", "account_id"], how="anti")


def _fullest(shares: pl.DataFrame, *, most: int) -> pl.DataFrame:
    """Keep, per owner and kind, the shares of the ``most`` accounts that hold most objects, so that pairs are few."""
    key = ["owner", "kind"]
    counts = shares.group_by(*key, "account_id").len()
    kept = counts.filter(pl.struct(-pl.col("len").cast(pl.Int64), "account_id").rank("ordinal").over(key) <= most)
    return shares.join(kept, on=[*key, "account_id"], how="semi")


def _in_common(held: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return owner, kind, account_id, other and ``n``: the objects that both hold."""
    ours = held.select("owner", "kind", "object_id", "account_id")
    theirs = others.select("owner", "kind", "object_id", other="account_id")
    pairs = ours.join(theirs, on=["owner", "kind", "object_id"]).filter(pl.col("account_id") != pl.col("other"))
    return pairs.group_by("owner", "kind", "account_id", "other").agg(n=pl.len().cast(pl.Int64))


def _closest(common: pl.DataFrame, sizes: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Return owner, kind and the largest share of the smaller account's objects that two accounts both hold."""
    enough = sizes.filter(pl.col("size") >= LEAST)
    sized = common.join(enough, on=["account_id", "kind"]).join(
        enough.select("kind", other="account_id", other_size="size"), on=["other", "kind"]
    )
    # a text that is posted again in other words is one object and two texts, never more than all
    share = (pl.col("n") / pl.min_horizontal("size", "other_size")).clip(upper_bound=1.0)
    return sized.group_by("owner", "kind").agg(share.max().round(6).alias(name))


def _sizes(posts: pl.LazyFrame, accounts: pl.Series) -> pl.DataFrame:
    """Return account_id, kind and ``size``: distinct texts, links, reposts, pictures of each account."""
    wanted = pl.DataFrame({"account_id": accounts}).lazy()
    columns = ("account_id", "text", "urls", "media", "repost_of")
    mine = posts.select(columns).join(wanted, on="account_id", how="semi").collect()
    own = mine.filter(pl.col("repost_of").is_null())
    texts = own.filter(pl.col("text").str.len_chars() >= LEAST_CHARS)
    links = own.select("account_id", "urls").explode("urls").drop_nulls("urls").unique()
    pages = canonical_pages(links["urls"].unique())
    parts = {
        "text": texts.select("account_id", thing=text_print(texts["text"]).cast(pl.String)),
        "link": links.join(pages, on="urls").select("account_id", thing="page"),
        "repost": mine.select("account_id", thing="repost_of"),
        "media": own.select("account_id", thing="media").explode("thing"),
    }
    counted = [
        part.drop_nulls().unique().group_by("account_id").agg(kind=pl.lit(kind), size=pl.len().cast(pl.Int64))
        for kind, part in parts.items()
    ]
    return pl.concat(counted)
