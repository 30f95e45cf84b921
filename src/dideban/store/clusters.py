"""Texts and pictures of a package that count as one object: stated by the run, checked one by one.

Which near-duplicates meet depends on all posts of a run (rare shingles, leaders, windows), so the clusters travel with
the package instead of being made again, and every member of a cluster is held against its earliest text.
"""

from __future__ import annotations

import dataclasses

import polars as pl

from dideban.config import TraceConfig
from dideban.kinds import slugs
from dideban.messages import Message
from dideban.schema import OBJECT_KINDS, OBJECTS, TRACES, Column, Table, post_key
from dideban.text import normal_form, text_print
from dideban.traces import Traces, extract_traces
from dideban.traces.media import is_same
from dideban.traces.targets import shorten

CLUSTERED = slugs(lambda kind: kind.is_clustered)
"""Kinds whose objects are clusters: which posts belong together depends on the other posts of the run."""
CLUSTERS = Table(
    name="CLUSTERS",
    columns=(
        Column(
            name="object_kind", dtype=pl.Enum(OBJECT_KINDS), meaning="a kind whose objects are clusters: text or media"
        ),
        Column(name="object_id", dtype=pl.String, meaning="the cluster"),
        Column(name="post_id", dtype=pl.String, meaning="a post of the package in it, as platform/post_id"),
    ),
)
LEAST_NEXT = 0.2
"""Share of the shorter text's character 4-grams that must stand in an earlier text of the cluster."""
LEAST_FIRST = 0.1
"""The same against the earliest text. Unrelated texts share 0.08 or less, reworded copies about 0.5; a cluster may
chain a few rewordings."""
COPY = "~copy"
"""Account of copies of posts, and the end of their ids."""
MAX_SHOWN = 3


def find_clusters(traces: pl.DataFrame, *, posts: pl.DataFrame) -> pl.DataFrame:
    """Return CLUSTERS: the clustered objects of some posts."""
    names = posts.select(post_id=_name())
    clustered = traces.filter(pl.col("object_kind").cast(pl.String).is_in(CLUSTERED))
    return clustered.join(names, on="post_id", how="semi").select(CLUSTERS.names).unique().sort(CLUSTERS.names)


def extract_with(clusters: pl.DataFrame, *, posts: pl.DataFrame, config: TraceConfig, by_one: bool = False) -> Traces:
    """Extract traces of ``posts``, taking clustered objects as stated; where none are, they are made from the posts.

    ``by_one`` keeps what one account alone shares among these posts: who else does is stated without posts.
    """
    if clusters.is_empty() and not by_one:
        return extract_traces(posts, config=config)
    plain = dataclasses.replace(config, kinds=tuple(kind for kind in config.kinds if kind not in CLUSTERED))
    found = _extract_all(posts, config=plain) if by_one else extract_traces(posts, config=plain)
    about = posts.select("account_id", "created_at", "text", "lang", post_id=_name())
    rows = clusters.join(about, on="post_id")
    first = rows.sort("created_at", "post_id").unique(["object_kind", "object_id"], keep="first", maintain_order=True)
    objects = first.select(
        "object_kind",
        "object_id",
        born_at=pl.lit(None, OBJECTS.dtypes["born_at"]),
        origin=pl.lit(None, pl.String),
        label=pl.when(pl.col("object_kind") == "text").then(shorten(pl.col("text"))).fill_null(pl.col("object_id")),
    )
    traces = pl.concat([found.traces, rows.select(TRACES.names)])
    return Traces(
        traces=traces.sort("object_kind", "object_id", "created_at", "account_id", "post_id"),
        objects=pl.concat([found.objects, objects]).sort("object_kind", "object_id"),
        counts=found.counts,
        notes=found.notes,
    )


def _extract_all(posts: pl.DataFrame, *, config: TraceConfig) -> Traces:
    """Extract objects of one account alone too: everybody has a copy that shares the same, and is left out again."""
    copies = posts.with_columns(account_id=pl.lit(COPY), post_id=pl.col("post_id") + COPY)
    found = extract_traces(pl.concat([posts, copies]), config=config)
    return dataclasses.replace(found, traces=found.traces.filter(pl.col("account_id") != COPY))


def check_clusters(clusters: pl.DataFrame, *, posts: pl.DataFrame, config: TraceConfig) -> list[Message]:
    """Return what is wrong with stated clusters; empty = every member belongs.

    A text must share LEAST_FIRST of its 4-grams with the earliest text of its cluster and LEAST_NEXT with some earlier
    one, and equal texts must be in one cluster. Pictures must be the id of the cluster, or hashes within
    ``config.media_distance`` bits of it.
    """
    table = posts.with_columns(name=_name())
    kinds = set(clusters["object_kind"].cast(pl.String))
    problems = [Message("check.cluster.not-a-kind", kind=kind) for kind in sorted(kinds - set(CLUSTERED))]
    if missing := clusters.join(table, left_on="post_id", right_on="name", how="anti").height:
        problems.append(Message("check.cluster.posts-missing", n=missing))
    texts = clusters.filter(object_kind="text").join(
        table.select("text", "created_at", "repost_of", post_id="name"), on="post_id"
    )
    media = clusters.filter(object_kind="media").join(table.select("media", "platform", post_id="name"), on="post_id")
    problems += _check_texts(texts, table=table)
    problems += _check_media(media, distance=config.media_distance)
    return problems[:MAX_SHOWN]


def _check_texts(texts: pl.DataFrame, *, table: pl.DataFrame) -> list[Message]:
    if texts.is_empty():
        return []
    if texts["text"].null_count() or texts["repost_of"].is_not_null().any():
        return [Message("check.cluster.no-own-text")]
    if texts["post_id"].is_duplicated().any():
        return [Message("check.cluster.two-clusters")]
    signed = texts.with_columns(print=text_print(texts["text"]), form=normal_form(texts["text"]))
    own = table.filter(pl.col("text").is_not_null(), pl.col("repost_of").is_null())
    every = own.select(post_id="name", print=text_print(own["text"])).join(
        signed.select("print", "object_id").unique(), on="print"
    )
    apart = every.join(signed, on=["post_id", "object_id"], how="anti").height
    problems = [Message("check.cluster.left-out", n=apart)] if apart else []
    ordered = signed.sort("object_id", "created_at", "post_id").unique(
        ["object_id", "print"], keep="first", maintain_order=True
    )
    for object_id, forms in ordered.group_by("object_id", maintain_order=True).agg("form").iter_rows():
        if strangers := _count_strangers(forms):
            problems.append(Message("check.cluster.strangers", n=strangers, name=object_id))
    return problems


def _count_strangers(forms: list[str]) -> int:
    grams = [_grams(form) for form in forms]
    strangers = 0
    for i, own in enumerate(grams[1:], 1):
        to_first = _shared(grams[0], own)
        if to_first < LEAST_NEXT:
            strangers += to_first < LEAST_FIRST or max(_shared(other, own) for other in grams[:i]) < LEAST_NEXT
    return strangers


def _check_media(media: pl.DataFrame, *, distance: int) -> list[Message]:
    strangers = 0
    for object_id, values, platform in media.select("object_id", "media", "platform").iter_rows():
        folded = [value.strip().lower() for value in values]
        named = [f"{platform}/{value.strip()}" for value in values] + [f"{platform}/{value}" for value in folded]
        near = object_id in named or any(is_same(object_id, value, distance=distance) for value in folded)
        strangers += not near
    return [Message("check.cluster.no-picture", n=strangers)] if strangers else []


def _grams(form: str) -> set[str]:
    text = "".join(form.split())
    return {text[i : i + 4] for i in range(max(len(text) - 3, 1))}


def _shared(a: set[str], b: set[str]) -> float:
    return len(a & b) / max(min(len(a), len(b)), 1)


def _name() -> pl.Expr:
    return post_key()
