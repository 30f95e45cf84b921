"""Texts: the same wording, exactly after normalisation or nearly."""

from __future__ import annotations

import polars as pl

from dideban.schema import INSTANT
from dideban.text import SignatureCache, cluster_texts, sign_texts
from dideban.traces.link import canonical_links, hosts_of
from dideban.traces.origins import name_sources
from dideban.traces.tables import Found, PostTable, full_name
from dideban.traces.targets import shorten

LEAST_SHARE = 0.5
"""Share of the posts with a text that must link to one source for the text to come from it."""
_NO_ROWS = pl.Series("row", [], dtype=pl.UInt32)


def find(table: PostTable, signatures: SignatureCache | None = None) -> Found:
    """Find the texts that several accounts posted in their own name."""
    signed = _sign(table, signatures)
    is_object = signed["n_chars"] > 0
    if table.config.near_text:
        shared = table.shared(_near_texts(table, signed))
    else:
        shared = _exact_texts(table, signed.filter(is_object))
    return Found(events=shared, objects=_objects(table, shared), n_traces=int(is_object.sum()))


def _sign(table: PostTable, signatures: SignatureCache | None) -> pl.DataFrame:
    """Sign the texts batch by batch, so that they are never in memory together; ``post_id`` is platform/post_id.

    Rows whose text is no object are dropped, unless they carry the normal form of a print for others.
    """
    names = table.index.select(name=full_name())["name"]
    none = sign_texts(pl.DataFrame(schema={"post_id": pl.String, "text": pl.String})).insert_column(0, _NO_ROWS)
    columns = none.columns if table.config.near_text else ["row", "print", "n_chars"]
    parts = [none.select(columns)]
    sign = signatures.sign if signatures else sign_texts
    with table.progress.stage("reading texts", unit="posts") as task:
        for batch in table.text_batches():
            named = batch.select("text").with_columns(post_id=names.gather(batch["row"]))
            signed = sign(named, min_chars=table.config.min_text_chars, threads=table.threads)
            kept = (pl.col("n_chars") > 0) | pl.col("form").is_not_null()
            parts.append(signed.insert_column(0, batch["row"]).filter(kept).select(columns))
            task.advance(batch.height)
    return pl.concat(parts)


def _exact_texts(table: PostTable, signed: pl.DataFrame) -> pl.DataFrame:
    """Texts are equal when their prints are."""
    shared = table.shared(signed.select("row", "print"), key="print")
    prints = shared["print"].unique()
    ids = pl.Series([f"t{value:016x}" for value in prints], dtype=pl.String)
    named = pl.DataFrame({"print": prints, "object_id": ids})
    return shared.join(named, on="print", how="left").select("row", "object_id")


def _near_texts(table: PostTable, signed: pl.DataFrame) -> pl.DataFrame:
    """Texts are equal when they fall in one cluster of near-duplicates."""
    times = table.index["created_at"].gather(signed["row"])
    frame = signed.select("post_id", text=pl.lit(None, pl.String)).with_columns(created_at=times)
    clusters = cluster_texts(
        frame,
        min_chars=table.config.min_text_chars,
        threads=table.threads,
        progress=table.progress,
        signatures=signed.drop("row"),
    )
    return clusters.join(signed.select("post_id", "row"), on="post_id").select("row", object_id="text_id")


def _objects(table: PostTable, shared: pl.DataFrame) -> pl.DataFrame:
    """Source that the posts link to, and the text of the earliest post."""
    first = table.first_rows(shared).join(text_origins(table, shared), on="object_id", how="left")
    return first.join(table.texts(first["row"]), on="row", how="left").select(
        "object_id",
        born_at=pl.lit(None, INSTANT),
        origin="origin",
        label=pl.coalesce(shorten(pl.col("text")), "object_id"),
    )


def text_origins(table: PostTable, events: pl.DataFrame) -> pl.DataFrame:
    """Return (object_id, origin): the source that most posts with a text link to, where half of them or more do.

    Parameters
    ----------
    events : (row, object_id)
        Which post holds which text.

    Notes
    -----
    A tie goes to the smaller name. Texts without such a source are left out.
    """
    links = canonical_links(table)[0].join(events.select("row"), on="row", how="semi")
    sources = name_sources(hosts_of(links["object_id"])).drop_nulls()
    sourced = links.join(sources, left_on="object_id", right_on="page").select("row", "origin").unique()
    counts = events.join(sourced, on="row").group_by("object_id", "origin").len()
    top = counts.sort("object_id", "len", "origin", descending=[False, True, False]).unique(
        "object_id", keep="first", maintain_order=True
    )
    posts = events.group_by("object_id").agg(n=pl.col("row").n_unique())
    kept = top.join(posts, on="object_id").filter(pl.col("len") >= LEAST_SHARE * pl.col("n"))
    return kept.select("object_id", "origin")
