"""All kinds together: POSTS to TRACES and OBJECTS."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from dideban.config import TraceConfig
from dideban.errors import ConfigError, SchemaError
from dideban.kinds import kind_of
from dideban.messages import Message
from dideban.progress import SILENT, Progress
from dideban.schema import OBJECT_KINDS, OBJECTS, POSTS, TRACES
from dideban.text import SignatureCache
from dideban.traces import link, text
from dideban.traces.tables import ContactSpotter, Extractor, Found, PostColumns, Traces, own_strings


def extract_traces(
    posts: pl.LazyFrame | pl.DataFrame,
    *,
    config: TraceConfig,
    threads: int = 0,
    progress: Progress = SILENT,
    signatures: SignatureCache | None = None,
    pages: link.Pages | None = None,
    contacts: ContactSpotter | None = None,
) -> Traces:
    """Find what posts share: one row per (post, object), for objects that two accounts or more shared.

    Parameters
    ----------
    posts : POSTS, (n_posts,)
        Any order. A lazy table is read column by column, so text is never in memory as a whole.
    config : TraceConfig
        Kinds to extract and their limits.
    threads : count
        For near-duplicate text; 0 = all cores. Never changes the result.
    progress : Progress
        Reports links and texts, which take time.
    signatures : SignatureCache, optional
        Signatures of texts kept from earlier runs; only new texts are hashed. Never changes the result.
    pages : Pages, optional
        Canonical pages of the run before; only new addresses are read. Never changes the result.
    contacts : ContactSpotter, optional
        What the run before saw in texts; only new ones are looked through. Never changes the result.

    Returns
    -------
    Traces
        TRACES, OBJECTS, counts per kind before pruning, notes.

    Raises
    ------
    SchemaError
        A POSTS column is missing or mistyped.
    ConfigError
        An unknown kind, or a media distance outside 0..7.

    Notes
    -----
    The result does not depend on the order of the rows. What a repost carries (text, links, hashtags, pictures) is its
    author's, so a repost counts as a repost only. Sharing one's own post again, or answering oneself, is not a trace.
    """
    _check(posts, config)
    table = PostColumns(posts.lazy(), config=config, threads=threads, progress=progress, pages=pages, contacts=contacts)
    _ = table.is_once  # before kinds are found beside each other, so that it is found out once
    found = _find_all([kind for kind in OBJECT_KINDS if kind in config.kinds], table, signatures)
    return Traces(
        traces=pl.concat([TRACES.empty(), *(one.traces for one in found)]),
        objects=pl.concat([OBJECTS.empty(), *(one.objects for one in found)]),
        counts={kind: n for one in found for kind, n in one.counts.items()},
        notes=[note for one in found for note in one.notes],
    )


def _find_all(kinds: list[str], table: PostColumns, signatures: SignatureCache | None) -> list[Traces]:
    """Find every kind; texts, which take longest, beside the others."""
    if table.threads == 1 or len(kinds) == 1 or "text" not in kinds:
        return [_find(kind, table, signatures) for kind in kinds]
    with ThreadPoolExecutor(1) as aside:
        texts = aside.submit(_find, "text", table, signatures)
        others = {kind: _find(kind, table, signatures) for kind in kinds if kind != "text"}
        return [texts.result() if kind == "text" else others[kind] for kind in kinds]


def _find(kind: str, table: PostColumns, signatures: SignatureCache | None) -> Traces:
    found = text.find(table, signatures) if kind == "text" else _extractor(kind)(table)
    return Traces(
        traces=_traces_of(kind, found, table),
        objects=_objects_of(kind, found),
        counts={kind: found.n_traces},
        notes=found.notes,
    )


def _extractor(kind: str) -> Extractor:
    extractor: Extractor = importlib.import_module(kind_of(kind).extractor).find
    return extractor


def _check(posts: pl.LazyFrame | pl.DataFrame, config: TraceConfig) -> None:
    schema = posts.lazy().collect_schema()
    for name, dtype in POSTS.dtypes.items():
        if schema.get(name) != dtype:
            got = str(schema[name]) if name in schema else Message("schema.no-such-column")
            raise SchemaError(POSTS.name, name, expected=str(dtype), got=got)
    for kind in config.kinds:
        if kind not in OBJECT_KINDS:
            raise ConfigError("config.not-one-of", key="traces.kinds", value=kind, allowed=OBJECT_KINDS)
    if not 0 <= config.media_distance <= 7:
        raise ConfigError(
            "config.not-within", key="traces.media_distance", value=config.media_distance, least=0, most=7
        )


def _traces_of(kind: str, found: Found, table: PostColumns) -> pl.DataFrame:
    events = found.events.select("object_id", "row").unique(keep="any")
    traces = events.hstack(table.named[events["row"]].drop("row"))
    if not table.is_once:
        traces = traces.unique(["object_id", "post_id"], keep="any")
    ordered = traces.sort("object_id", "place").with_columns(object_kind=pl.lit(kind, pl.Enum(OBJECT_KINDS)))
    ids = own_strings(ordered.select(pl.col("object_id").unique(maintain_order=True)))["object_id"]
    which = ordered.select(pl.col("object_id").rle_id()).to_series()  # rows of one object stand together
    return ordered.with_columns(object_id=ids.gather(which)).select(TRACES.names)


def _objects_of(kind: str, found: Found) -> pl.DataFrame:
    kept = found.objects.join(found.events.select("object_id").unique(), on="object_id", how="semi")
    named = kept.with_columns(object_kind=pl.lit(kind, pl.Enum(OBJECT_KINDS))).select(OBJECTS.names)
    return own_strings(named).sort("object_id")
