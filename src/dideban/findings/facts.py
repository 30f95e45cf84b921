"""Numbers that the ordinary explanations are checked against, computed for all groups at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dideban.findings.joint import OBJECT
from dideban.findings.model import Leader
from dideban.kinds import slugs
from dideban.schema import post_key
from dideban.traces import Pages, link_sites

PEAK_S = 600
"""Length of the stretch in which an announced minute would gather the shares, seconds."""
STEADY_S = 2.0
"""A delay is steady when its interquartile range is within this many seconds, or a tenth of its median."""
MANY_AT_ONCE = 0.8
"""Share of joint shares in the second of another account, from which other accounts are asked for the same."""
ALIKE_S = 10.0
"""Two delays this much apart are alike, seconds."""
MIN_LAGS = 3
"""Joint objects from which the delay of an account is judged."""

SITES = slugs(lambda kind: kind.origin == "site")
"""Kinds whose objects stand on a site."""
AUTHORS = slugs(lambda kind: kind.origin == "author")
"""Kinds whose objects an account wrote."""
WORDS = slugs(lambda kind: kind.is_words)
ITEMS = slugs(lambda kind: kind.origin in ("site", "linked"))
"""Kinds whose objects come from a site, or link to one."""

FULL = 0.8
"""Share of a site's joint items that a member passed on, from which it passes on nearly everything."""

_NAMES_A_TIME = r"(?i)(^|\D)\d{1,2}:\d{2}(\D|$)|\b\d{1,2}\s?[ap]\.?m\b|ساعت\s+\d|الساعة\s+\d"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one group's joint shares."""

    accounts: list[str]
    leaders: list[Leader] = field(default_factory=list)
    n_objects: int = 0
    domains: list[tuple[str, int]] = field(default_factory=list)
    """Registrable domain to joint links, most first."""
    n_links: int = 0
    authors: list[tuple[str, int]] = field(default_factory=list)
    """Author or target account to joint reposts and replies, most first."""
    n_reposts: int = 0
    n_judged: int = 0
    """Members with MIN_LAGS or more joint objects that they were not first on."""
    n_steady: int = 0
    """Those of them whose delay behind the first share hardly varies."""
    n_shares: int = 0
    n_round: int = 0
    """Joint shares on a round minute (seconds and below are zero)."""
    n_same_second: int = 0
    """Joint shares in the very second in which another account shared the object."""
    n_others: int = 0
    """Shares of the same objects by everybody else."""
    n_others_round: int = 0
    n_others_same_second: int = 0
    n_other_accounts: int = 0
    """Accounts outside the group that shared the same objects; counted where the group posts in the same second."""
    n_other_accounts_same: int = 0
    """Those of them that did so in the very second of another account, half of the time or more."""
    n_peak: int = 0
    """Most joint shares within any PEAK_S seconds."""
    peak_at: str = ""
    n_alike: int = 0
    """Joint shares whose age of the object is the usual one of their account, within ALIKE_S seconds."""
    n_named: int = 0
    """Joint texts and hashtag sequences that name a time of day."""
    site: str = ""
    """The site that most joint links lead to, or that the posts with most joint texts link to."""
    n_items: int = 0
    """Joint links and texts."""
    n_site: int = 0
    """Those of them that come from ``site``."""
    n_full: int = 0
    """Members that shared FULL of those that come from ``site``, near others or not."""


Counts = dict[int, dict[str, int]]


def count_origins(objects: pl.DataFrame, *, kinds: tuple[str, ...]) -> dict[int, list[tuple[str, int]]]:
    """Return for each group the origins of its joint objects of some kinds with how many, most first, then by name."""
    found = (
        objects.filter(pl.col("object_kind").cast(pl.String).is_in(kinds), pl.col("origin").is_not_null())
        .group_by("group_ix", "origin")
        .len()
        .sort("group_ix", "len", "origin", descending=[False, True, False])
    )
    origins: dict[int, list[tuple[str, int]]] = {}
    for group_ix, origin, n in found.iter_rows():
        origins.setdefault(group_ix, []).append((origin, n))
    return origins


def count_objects_of(objects: pl.DataFrame) -> Counts:
    """Return for each group its joint links, reposts and texts that name a time."""
    kind = pl.col("object_kind").cast(pl.String)
    is_words = kind.is_in(WORDS)
    counts = objects.group_by("group_ix").agg(
        n_links=kind.is_in(SITES).sum(),
        n_reposts=kind.is_in(AUTHORS).sum(),
        n_named=(is_words & pl.col("label").fill_null("").str.contains(_NAMES_A_TIME)).sum(),
    )
    return _by_group(counts)


def count_steady(lags: pl.DataFrame) -> Counts:
    """Return for each group how many members' delays can be judged, and how many are steady."""
    late = pl.col("lag_us") > 0
    spread = pl.col("lag_us").quantile(0.75, "linear") - pl.col("lag_us").quantile(0.25, "linear")
    limit = pl.max_horizontal(pl.lit(STEADY_S * 1e6), pl.col("lag_us").median() / 10)
    accounts = lags.group_by("group_ix", "account_id").agg(
        is_judged=(pl.len() >= MIN_LAGS) & (late.mean() >= 0.5), is_steady=spread <= limit
    )
    both = pl.col("is_judged") & pl.col("is_steady")
    return _by_group(accounts.group_by("group_ix").agg(n_judged=pl.col("is_judged").sum(), n_steady=both.sum()))


def count_clock(joint: pl.DataFrame, *, traces: pl.DataFrame, members: pl.DataFrame) -> Counts:
    """Return for each group what its joint shares and everybody else's shares of the same objects show on the clock."""
    keys = ["object_kind", "object_id"]
    second = pl.col("created_at").dt.truncate("1s")
    shares = traces.join(joint.select(keys).unique(), on=keys, how="semi").with_columns(
        is_round=pl.col("created_at") == pl.col("created_at").dt.truncate("1m"),
        is_same=pl.col("account_id").n_unique().over(*keys, second) > 1,
    )
    totals = [pl.len().alias("n"), pl.col("is_round").sum(), pl.col("is_same").sum()]
    objects = joint.select(OBJECT).unique()
    everybody = objects.join(shares.group_by(keys).agg(totals), on=keys).drop(keys).group_by("group_ix").sum()
    own = shares.join(members.select("group_ix", "account_id"), on="account_id").join(objects, on=OBJECT, how="semi")
    acted = joint.select("group_ix", "account_id", *keys, "post_id", "created_at").unique()
    acted = acted.join(
        shares.select("account_id", *keys, "post_id", "created_at", "is_round", "is_same"),
        on=["account_id", *keys, "post_id", "created_at"],
    )
    counts = (
        everybody.join(own.group_by("group_ix").agg(totals), on="group_ix", suffix="_own")
        .join(acted.group_by("group_ix").agg(totals), on="group_ix", suffix="_joint")
        .select(
            "group_ix",
            n_shares="n_joint",
            n_round="is_round_joint",
            n_same_second="is_same_joint",
            n_others=pl.col("n").cast(pl.Int64) - pl.col("n_own").cast(pl.Int64),
            n_others_round=pl.col("is_round").cast(pl.Int64) - pl.col("is_round_own").cast(pl.Int64),
            n_others_same_second=pl.col("is_same").cast(pl.Int64) - pl.col("is_same_own").cast(pl.Int64),
        )
    )
    many = counts.filter(pl.col("n_same_second") >= MANY_AT_ONCE * pl.col("n_shares")).select("group_ix")
    return _by_group(counts.join(_count_others(objects, shares, members, many), on="group_ix", how="left").fill_null(0))


def _count_others(
    objects: pl.DataFrame, shares: pl.DataFrame, members: pl.DataFrame, many: pl.DataFrame
) -> pl.DataFrame:
    """Return for some groups how many other accounts shared their objects, and how many mostly in others' seconds."""
    wanted = objects.join(many, on="group_ix", how="semi")
    acts = shares.group_by("account_id", "object_kind", "object_id").agg(pl.len().alias("n"), pl.col("is_same").sum())
    theirs = wanted.join(acts, on=["object_kind", "object_id"]).join(
        members.select("group_ix", "account_id"), on=["group_ix", "account_id"], how="anti"
    )
    accounts = theirs.group_by("group_ix", "account_id").agg(pl.col("n").sum(), pl.col("is_same").sum())
    return accounts.group_by("group_ix").agg(
        n_other_accounts=pl.len(), n_other_accounts_same=(2 * pl.col("is_same") >= pl.col("n")).sum()
    )


def count_ages(joint: pl.DataFrame, *, traces: pl.DataFrame) -> Counts:
    """Return for each group how many of its joint shares come after the delay that is usual for their account."""
    keys = ["object_kind", "object_id"]
    wanted = traces.join(joint.select(keys).unique(), on=keys, how="semi")
    born = wanted.group_by(keys).agg(born=pl.col("created_at").min())
    acts = joint.select("group_ix", "account_id", *keys, "post_id", "created_at").unique().join(born, on=keys)
    aged = acts.with_columns(age=(pl.col("created_at") - pl.col("born")).dt.total_microseconds())
    off = (pl.col("age") - pl.col("age").median().over("group_ix", "account_id")).abs()
    return _by_group(aged.group_by("group_ix").agg(n_alike=(off <= ALIKE_S * 1e6).sum()))


def count_sites(
    shares: pl.DataFrame, *, pushed: pl.DataFrame, posts: pl.LazyFrame, pages: Pages | None = None
) -> dict[int, dict[str, int | str]]:
    """Return for each group with joint links or texts how many come from one site, and who passed them on.

    Parameters
    ----------
    shares : (n_shares,)
        Every share by members, ``is_joint`` or not.
    pushed : (n_objects,)
        Joint objects per group with ``origin``.
    posts : POSTS
        Read for the links beside joint texts: a text comes from the site that its posts link to.
    pages : Pages, optional
        Canonical pages that were read already. Never changes the result.
    """
    kind = pl.col("object_kind").cast(pl.String)
    items = pushed.filter(kind.is_in(ITEMS)).select(*OBJECT, "origin")
    texts = shares.filter("is_joint", kind == "text")
    beside = _sites_beside(texts, posts=posts, pages=pages) if texts.height else None
    if beside is not None:
        items = items.join(beside, on=OBJECT, how="left").with_columns(
            origin=pl.when(kind == "text").then("site").otherwise("origin")
        )
    totals = dict(items.group_by("group_ix").len().iter_rows())
    top = (
        items.filter(pl.col("origin").is_not_null())
        .group_by("group_ix", "origin")
        .agg(n_site=pl.len())
        .sort("group_ix", "n_site", "origin", descending=[False, True, False])
        .unique("group_ix", keep="first", maintain_order=True)
    )
    theirs = items.join(top.select("group_ix", "origin"), on=["group_ix", "origin"]).select(OBJECT)
    held = shares.join(theirs, on=OBJECT, how="semi").group_by("group_ix", "account_id")
    passed = held.agg(n=pl.struct("object_kind", "object_id").n_unique()).join(top, on="group_ix")
    full = dict(passed.group_by("group_ix").agg((pl.col("n") >= FULL * pl.col("n_site")).sum()).iter_rows())
    named = {ix: (site, n) for ix, site, n in top.iter_rows()}
    return {
        ix: {
            "site": named.get(ix, ("", 0))[0],
            "n_items": n,
            "n_site": named.get(ix, ("", 0))[1],
            "n_full": full.get(ix, 0),
        }
        for ix, n in totals.items()
    }


def _sites_beside(texts: pl.DataFrame, *, posts: pl.LazyFrame, pages: Pages | None) -> pl.DataFrame | None:
    """Return (group, kind, object, site): the site that half or more of a group's posts with a text link to."""
    if "urls" not in posts.collect_schema():
        return None
    name = post_key().alias("post_id")
    needed = texts.get_column("post_id").unique()
    urls = posts.select(name, "urls").filter(pl.col("post_id").is_in(needed.implode())).collect()
    written = urls.explode("urls").drop_nulls("urls")
    sites = link_sites(written["urls"].unique(), known=pages)
    beside = written.join(sites, on="urls").drop_nulls("site").select("post_id", "site").unique()
    rows = texts.select(*OBJECT, "post_id").unique()
    counts = rows.join(beside, on="post_id").group_by(*OBJECT, "site").len()
    top = counts.sort(*OBJECT, "len", "site", descending=[False, False, False, True, False]).unique(
        OBJECT, keep="first", maintain_order=True
    )
    n_posts = rows.group_by(OBJECT).agg(n=pl.len())
    return top.join(n_posts, on=OBJECT).filter(2 * pl.col("len") >= pl.col("n")).select(*OBJECT, "site")


def find_peaks(joint: pl.DataFrame) -> dict[int, tuple[int, str]]:
    """Return for each group the most joint shares within PEAK_S seconds, and when that stretch starts."""
    times = joint.select("group_ix", "created_at").sort("group_ix", "created_at")
    groups, starts = np.unique(times["group_ix"].to_numpy(), return_index=True)
    micros, ends = times["created_at"].to_physical().to_numpy(), np.append(starts, times.height)[1:]
    peaks: dict[int, tuple[int, str]] = {}
    for group_ix, start, end in zip(groups.tolist(), starts.tolist(), ends.tolist(), strict=True):
        mine = micros[start:end]
        ahead = np.searchsorted(mine, mine + PEAK_S * 1_000_000, side="right") - np.arange(len(mine))
        best = int(np.argmax(ahead))
        peaks[group_ix] = (int(ahead[best]), f"{times['created_at'][start + best]:%Y-%m-%d %H:%M} UTC")
    return peaks


def _by_group(counts: pl.DataFrame) -> Counts:
    return {row.pop("group_ix"): {name: int(n) for name, n in row.items()} for row in counts.iter_rows(named=True)}
