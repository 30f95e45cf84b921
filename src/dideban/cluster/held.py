"""Stage 2, on the workers: what each post holds, by the extractors of the laptop engine, a batch of posts at a time."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from dideban.config import TraceConfig
from dideban.schema import INSTANT, post_key
from dideban.text.near_duplicates import N_SHINGLES, sign_texts
from dideban.traces import contact, domain, hashtags, link, media, reply, repost
from dideban.traces.domains import host_of
from dideban.traces.origins import name_sources
from dideban.traces.tables import PostColumns
from dideban.traces.urls import is_shortener

HELD = {
    "object_kind": pl.String(),
    "object_id": pl.String(),
    "platform": pl.String(),
    "post_id": pl.String(),
    "account_id": pl.String(),
    "created_at": INSTANT,
    "n": pl.Int64(),
    "origin": pl.String(),
    "items": pl.List(pl.String()),
}
"""One row per post and object of one kind. ``object_id`` is what a worker can find out alone: the object of links,
domains and hashtags, the id that a repost or a reply points at, a folded picture. It is null for contacts, whose
spellings are in ``items``, and for addresses that lead nowhere. ``n``: how often the post holds it. ``origin``: the
site of a link, or the name of a picture that is not a hash."""
SIGNED = {
    "print": pl.Int64(),
    "platform": pl.String(),
    "post_id": pl.String(),
    "account_id": pl.String(),
    "created_at": INSTANT,
    "is_long": pl.Boolean(),
    "form": pl.String(),
    "sketch": pl.List(pl.Int64()),
    "n_shingles": pl.Int32(),
}
"""One row per post whose text is an object, or a short one that may be. Engines know no unsigned numbers: ``print`` is
the print of the text with the same bits. ``form`` and what follows stand on one row of each print of a batch."""
BREAK = "\x1f"
"""Between the number of a rule and what it found, in an item."""


def hold(posts: pl.DataFrame, *, config: TraceConfig) -> pl.DataFrame:
    """Return HELD of a batch of POSTS, texts left out."""
    if posts.is_empty():
        return pl.DataFrame(schema=HELD)
    table = PostColumns(posts.lazy(), config=config, threads=1)
    kinds = {*config.kinds, *(["link"] if "text" in config.kinds else [])}  # a text comes from what its posts link to
    parts = [_filled(kind, HOLDERS[kind](table)) for kind in HOLDERS if kind in kinds]
    found = pl.concat([pl.DataFrame(schema={"row": pl.UInt32, **HELD}).select("row", *OWN), *parts])
    about = table.index.select(
        "row", pl.col("platform").cast(pl.String), "account_id", "created_at", post_id=post_key()
    )
    return found.join(about, on="row", how="left").select(list(HELD))


OWN = ("object_kind", "object_id", "n", "origin", "items")


def _filled(kind: str, found: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None, HELD[name]).alias(name) for name in OWN if name not in found.columns]
    return found.with_columns(missing).select(
        "row",
        pl.lit(kind).alias("object_kind"),
        "object_id",
        pl.col("n").cast(pl.Int64).fill_null(1),
        "origin",
        "items",
    )


def _links(table: PostColumns) -> pl.DataFrame:
    """Every written address with its page, null where it is none; the site that it leads to."""
    written = link.written_links(table)
    pages = link.canonical_pages(written["urls"].unique())
    sites = name_sources(link.hosts_of(pages["page"].drop_nulls())) if pages.height else None
    found = written.join(pages, on="urls", how="left").group_by("row", object_id="page").agg(n=pl.len())
    if sites is None:
        return found
    return found.join(sites, left_on="object_id", right_on="page", how="left")


def _domains(table: PostColumns) -> pl.DataFrame:
    return domain.domains_of(link.canonical_links(table)[0])


def _targets(of: Callable[[PostColumns], pl.DataFrame]) -> Callable[[PostColumns], pl.DataFrame]:
    def found(table: PostColumns) -> pl.DataFrame:
        return of(table).unique().rename({"target": "object_id"})

    return found


def _contacts(table: PostColumns) -> pl.DataFrame:
    """What may be a contact, all of a post together and in order: what it means depends on what else it names."""
    spotted = contact.spot(table)
    item = pl.concat_str(pl.col("rule").cast(pl.String), pl.lit(BREAK), "found").alias("items")
    return spotted.select("row", item).group_by("row", maintain_order=True).agg("items").with_columns(
        object_id=pl.lit(None, pl.String)
    )  # fmt: skip


def _pictures(table: PostColumns) -> pl.DataFrame:
    folded = media.fold(table)
    return folded.group_by("row", object_id="value", origin="named").agg(n=pl.len())


HOLDERS: dict[str, Callable[[PostColumns], pl.DataFrame]] = {
    "link": _links,
    "domain": _domains,
    "repost": _targets(repost.pointers),
    "hashtags": hashtags.sequences,
    "media": _pictures,
    "reply": _targets(reply.pointers),
    "contact": _contacts,
}
"""Kind to what finds it in a batch; texts are signed apart."""


def sign(posts: pl.DataFrame, *, config: TraceConfig) -> pl.DataFrame:
    """Return SIGNED of a batch of POSTS."""
    mine = posts.filter(pl.col("text").is_not_null() & pl.col("repost_of").is_null())
    if mine.is_empty():
        return pl.DataFrame(schema=SIGNED)
    texts = mine.select(post_id=pl.lit(""), text="text")
    signed = sign_texts(texts, min_chars=config.min_text_chars, threads=1)
    about = mine.select(pl.col("platform").cast(pl.String), "account_id", "created_at", post_id=post_key())
    rows = about.hstack(signed.drop("post_id")).with_columns(is_long=pl.col("n_chars") > 0)
    rows = rows.filter(pl.col("is_long") | pl.col("is_short"))
    near = pl.col("is_long") if config.near_text else pl.lit(value=False)
    return rows.select(
        pl.col("print").reinterpret(signed=True), "platform", "post_id", "account_id", "created_at", "is_long",
        *(pl.when(near).then(name).alias(name) for name in ("form",)),
        pl.when(near).then(pl.col("sketch").arr.to_list().cast(pl.List(pl.Int64))).alias("sketch"),
        pl.when(near).then("n_shingles").alias("n_shingles"),
    )  # fmt: skip


def is_short_link(page: str) -> bool:
    """Whether a canonical page is on a site that shortens addresses."""
    return is_shortener(host_of(page))


MEANT = {**{name: HELD[name] for name in ("object_id", "post_id", "account_id", "created_at")}, "label": pl.String()}
"""Contacts once they are read."""


def read_held_contacts(held: pl.DataFrame, *, spelled: pl.DataFrame | None) -> pl.DataFrame:
    """Return MEANT of HELD rows of contacts.

    Parameters
    ----------
    spelled : (rule, found) or None
        Spellings that are read; None = all of them.
    """
    rows = held.with_row_index("row").with_columns(pl.col("row").cast(pl.UInt32))
    spotted = split_items(rows.select("row", "items").explode("items"))
    known = spotted.select("rule", "found").unique()
    if spelled is not None:
        known = known.join(spelled, on=["rule", "found"], how="semi")
    events = contact.read_contacts(spotted, known)
    return events.join(rows.select("row", "post_id", "account_id", "created_at"), on="row").select(list(MEANT))


def split_items(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``items`` as (rule, found)."""
    parts = pl.col("items").str.splitn(BREAK, 2)
    return rows.select(
        pl.all().exclude("items"), rule=parts.struct[0].cast(pl.Int8), found=parts.struct[1]
    )  # fmt: skip


__all__ = [
    "HELD",
    "MEANT",
    "N_SHINGLES",
    "SIGNED",
    "hold",
    "is_short_link",
    "read_held_contacts",
    "sign",
    "split_items",
]
