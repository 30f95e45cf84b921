"""Texts: the same wording, exactly after normalisation or nearly."""

from __future__ import annotations

import polars as pl

from dideban.schema import INSTANT
from dideban.text import SignatureCache, sign_texts
from dideban.text.cluster_leaders import ClusterLeaders
from dideban.text.near_duplicates import SIGNATURES, cluster_signed
from dideban.text.rarity import LEAST_BITS, KnownWords, information
from dideban.traces.link import canonical_links, hosts_of
from dideban.traces.origins import name_sources
from dideban.traces.tables import Found, PostColumns, full_name
from dideban.traces.targets import shorten

RARE_DAYS = 2
"""Days (UTC) on which a short text may be posted, whoever posts it, before it is a stock phrase of these data ..."""
RARE_DAYS_OF = 50
"""... or one day in so many, where the data are long."""
MAX_SAMPLE = 50_000
"""Texts that stand for all where words are counted: those with the smallest prints, which are as good as drawn."""
LEAST_SHARE = 0.5
"""Share of the posts with a text that must link to one source for the text to come from it."""
_NO_FORMS = pl.DataFrame(schema={name: SIGNATURES[name] for name in ("print", "form", "sketch", "n_shingles")})


def find(table: PostColumns, signatures: SignatureCache | None = None) -> Found:
    """Find the texts that several accounts posted in their own name."""
    signed, forms = _sign(table, signatures)  # a list of tables, taken from it as they are read
    long = signed.filter("is_long").select("row", "print")
    if table.config.near_text:
        leads = signatures.leads if signatures else None
        shared = table.shared(_near_texts(table, long, forms, leads))
    else:
        shared = _exact_texts(table, long)
    rare = (
        _rare_texts(table, signed, signatures.words if signatures else None)
        if table.config.short_texts
        else shared.clear()
    )
    shared = pl.concat([shared, rare])
    return Found(events=shared, objects=_objects(table, shared), n_traces=long.height + rare.height)


def _rare_texts(table: PostColumns, signed: pl.DataFrame, known: tuple[KnownWords, KnownWords] | None) -> pl.DataFrame:
    """Return (row, object_id) of the shared short texts that are rare in the data.

    What makes a text rare depends on which texts there are, and on which days each was posted; never on which of the
    accounts posted it when. So it is the same whoever is exchanged with whom, and a test of timing stays what it is.
    """
    short = signed.filter(~pl.col("is_long")).select("row", "print")
    days = table.index.select("row", day=pl.col("created_at").dt.truncate("1d"))
    seen = short.join(days, on="row").group_by("print").agg(n=pl.col("day").n_unique())
    most = most_days(days["day"].n_unique())
    shared = table.shared(short.join(seen.filter(pl.col("n") <= most), on="print", how="semi"), key="print")
    if shared.is_empty():
        return _exact_texts(table, shared)
    drawn = signed.select(pl.col("print").unique()).bottom_k(MAX_SAMPLE, by="print")
    sample = _first_texts(table, signed.join(drawn, on="print", how="semi"))
    said = information(_first_texts(table, shared), sample=sample, known=known)
    return _exact_texts(table, shared.join(said.filter(pl.col("bits") >= LEAST_BITS), on="print", how="semi"))


def most_days(n_days: int) -> int:
    """Return the days on which a short text may be posted in data of so many days."""
    return max(RARE_DAYS, n_days // RARE_DAYS_OF)


def _first_texts(table: PostColumns, signed: pl.DataFrame) -> pl.DataFrame:
    """Return (print, text): each text as its earliest post has it."""
    first = table.first_rows(signed.select("row", object_id="print"))
    return first.join(table.texts(first["row"]), on="row").select("text", print="object_id")


def _sign(table: PostColumns, signatures: SignatureCache | None) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Sign the texts batch by batch, so that they are never in memory together.

    Returns
    -------
    (row, print, is_long), list of (print, form, sketch, n_shingles)
        Posts whose text is an object, or a short one that may be where it is rare; and what the prints stand for, where
        near-duplicates are looked for, each print once.
    """
    schema = {"row": pl.UInt32, "print": pl.UInt64, "is_long": pl.Boolean}
    parts, forms, known = [pl.DataFrame(schema=schema)], [_NO_FORMS], pl.DataFrame(schema={"print": pl.UInt64})
    with table.progress.stage("reading-texts", unit="posts") as task:
        for batch in table.text_batches():
            signed = _sign_batch(batch["text"], table, signatures)
            about = signed.select("print", "is_short", is_long=pl.col("n_chars") > 0)
            kept = batch.select("row").hstack(about).filter(pl.col("is_long") | pl.col("is_short"))
            parts.append(kept.select(list(schema)))
            if table.config.near_text and not signatures:
                new = signed.filter(pl.col("form").is_not_null()).select(_NO_FORMS.columns)
                forms.append(new.join(known, on="print", how="anti"))
                known = pl.concat([known, forms[-1].select("print")])
            task.advance(batch.height)
    return pl.concat(parts), [signatures.forms] if signatures else forms


def _sign_batch(texts: pl.Series, table: PostColumns, signatures: SignatureCache | None) -> pl.DataFrame:
    limits: dict[str, int] = {"min_chars": table.config.min_text_chars, "threads": table.threads}
    if signatures:
        return signatures.prints(texts, **limits)
    return sign_texts(pl.DataFrame({"post_id": pl.Series([""]).new_from_index(0, len(texts)), "text": texts}), **limits)


def _exact_texts(table: PostColumns, signed: pl.DataFrame) -> pl.DataFrame:
    """Texts are equal when their prints are."""
    shared = table.shared(signed.select("row", "print"), key="print")
    prints = shared["print"].unique()
    ids = pl.Series([f"t{value:016x}" for value in prints], dtype=pl.String)
    named = pl.DataFrame({"print": prints, "object_id": ids})
    return shared.join(named, on="print", how="left").select("row", "object_id")


def _near_texts(
    table: PostColumns, signed: pl.DataFrame, forms: list[pl.DataFrame], leads: ClusterLeaders | None
) -> pl.DataFrame:
    """Texts are equal when they fall in one cluster of near-duplicates."""
    about = table.index[signed["row"]].select("created_at", post_id=full_name())
    clusters = cluster_signed(
        signed.hstack(about), forms=forms, threads=table.threads, progress=table.progress, leads=leads
    )
    return clusters.select("row", object_id="text_id")


def _objects(table: PostColumns, shared: pl.DataFrame) -> pl.DataFrame:
    """Source that the posts link to, and the text of the earliest post."""
    first = table.first_rows(shared).join(text_origins(table, shared), on="object_id", how="left")
    return first.join(table.texts(first["row"]), on="row", how="left").select(
        "object_id",
        born_at=pl.lit(None, INSTANT),
        origin="origin",
        label=pl.coalesce(shorten(pl.col("text")), "object_id"),
    )


def text_origins(table: PostColumns, events: pl.DataFrame) -> pl.DataFrame:
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
