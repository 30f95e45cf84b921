"""Near-duplicate texts: which posts carry the same message, whoever wrote it and in whatever spelling.

Exact print -> sketch of character 5-grams (bottom-k MinHash) -> texts that share rare shingles within the window ->
character 4-gram containment -> clusters led by the earliest text, with a diameter check. See ``docs/methods/text.md``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from dideban.arrays import F8, I4, I8, U1
from dideban.kernels.minhash import sketch_texts
from dideban.kernels.text import copy_texts, squeeze_texts
from dideban.progress import SILENT, Progress
from dideban.text.cluster_leaders import ClusterLeaders, Nodes, in_threads, lead_nodes
from dideban.text.normalise import chunk_spans, fold_bytes, print_bytes, to_bytes, to_series, unescape
from dideban.text.stock_phrases import drop_signatures, is_generic

N_SHINGLES = 48
"""Smallest shingle hashes kept per text. 48 J values are shared by texts of Jaccard J: 17 at 0.35."""
LEAST_DISTINCT = 12
"""Fewer distinct shingles (one letter repeated, a chant) make no object."""
SHORTEST = 3
"""Letters outside greetings and calls to subscribe that a short text must have."""
_GENERIC_UNTIL = 160
_HASHTAG = r"#[\w\u200c]+"

SIGNATURES = {
    "post_id": pl.String(),
    "print": pl.UInt64(),
    "n_chars": pl.Int32(),
    "is_short": pl.Boolean(),
    "form": pl.String(),
    "sketch": pl.Array(pl.UInt32, N_SHINGLES),
    "n_shingles": pl.Int32(),
}
"""Columns of the table of :func:`sign_texts`."""


def sign_texts(frame: pl.DataFrame, *, min_chars: int = 40, threads: int = 0) -> pl.DataFrame:
    """Return what :func:`cluster_texts` needs to know of each text; keep it and pass it to the next run.

    Parameters
    ----------
    frame : DataFrame, (n_posts,)
        ``post_id`` and ``text``; any order.
    min_chars : count, > 0
        Shorter normalised texts are not objects. Ideographs, kana and Hangul syllables count two.
    threads : count
        0 = all cores. Never changes the result.

    Returns
    -------
    DataFrame, (n_posts,)
        ``post_id``, ``print``; ``n_chars`` of the normal form without spaces, 0 where the text is not an object;
        ``is_short``, whether a shorter one may be an object where it is rare (:mod:`dideban.text.rarity`);
        ``form`` (that form), ``sketch`` and ``n_shingles`` on one row of each print, null on the others.

    Notes
    -----
    Time and memory linear in the bytes.
    """
    posts = frame.select("post_id", text=pl.col("text").fill_null(""))
    distinct = posts["text"].unique(maintain_order=True)
    slices = [distinct.slice(start, stop - start) for start, stop in chunk_spans(distinct)]
    parts = in_threads(lambda part: _sign(part, min_chars), slices, threads=threads)
    if not parts:
        return pl.DataFrame(schema=SIGNATURES)
    signed = posts.join(pl.concat(parts), on="text", how="left", maintain_order="left").select(list(SIGNATURES))
    is_first = pl.col("form").is_not_null() & pl.struct("print", pl.col("form").is_null()).is_first_distinct()
    return signed.with_columns(pl.when(is_first).then(pl.col(name)) for name in ("form", "sketch", "n_shingles"))


def cluster_texts(
    frame: pl.DataFrame,
    *,
    min_chars: int = 40,
    window_h: float = 48.0,
    threads: int = 0,
    progress: Progress = SILENT,
    signatures: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Find the posts that carry the same message.

    Parameters
    ----------
    frame : DataFrame, (n_posts,)
        ``post_id``, ``text`` (nulls allowed) and ``created_at``; any order.
    min_chars : count, > 0
        Shorter normalised texts are not objects. Ideographs, kana and Hangul syllables count two.
    window_h : hours, > 0
        A reworded text joins a message that was last posted at most so long ago. Equal texts always meet.
    threads : count
        0 = all cores. Never changes the result.
    progress : Progress
        Hears of each stage, and of shingles left out as too common.
    signatures : DataFrame, optional
        An earlier :func:`sign_texts` table; only posts it does not hold are hashed.

    Returns
    -------
    DataFrame
        ``post_id``, ``text_id`` (``t`` and 16 hex digits of the print of the earliest post, ties by post id) and
        ``similarity`` to it, 0..1. Sorted by post id. Posts whose text is not an object are absent.

    Notes
    -----
    Deterministic: neither row order nor threads matter. Time grows with posts times at most ``BUDGET`` look-ups.

    References
    ----------
    Broder 1997, doi:10.1109/SEQUEN.1997.666900.

    Examples
    --------
    >>> from datetime import datetime, timezone
    >>> said = "The library on Mill Street opens again on Monday with longer evening hours for readers."
    >>> posts = pl.DataFrame({"post_id": ["a", "b"], "text": [said, said.upper() + " 😀"],
    ...     "created_at": [datetime(2024, 5, 1, tzinfo=timezone.utc)] * 2})
    >>> cluster_texts(posts)["text_id"].n_unique()
    1
    """
    with progress.stage("texts-prints", total=len(frame), unit="posts") as task:
        signed = _sign_new(frame, signatures, min_chars=min_chars, threads=threads)
        task.advance(len(frame))
    # sketches and forms stay where they are: they are most of the bytes
    posts = (
        signed.select("post_id", "print", "n_chars")
        .filter(pl.col("n_chars") > 0)
        .join(frame.select("post_id", "created_at"), on="post_id", how="inner")
    )
    found = cluster_signed(posts, forms=signed, window_h=window_h, threads=threads, progress=progress)
    return found.select("post_id", "text_id", "similarity").sort("post_id")


def cluster_signed(
    posts: pl.DataFrame,
    *,
    forms: pl.DataFrame | list[pl.DataFrame],
    window_h: float = 48.0,
    threads: int = 0,
    progress: Progress = SILENT,
    leads: ClusterLeaders | None = None,
) -> pl.DataFrame:
    """Find the posts that carry the same message, where all texts are signed already.

    Parameters
    ----------
    posts : DataFrame, (n_posts,)
        ``post_id``, ``print`` and ``created_at`` of the posts whose text is an object; any order.
    forms : DataFrame or list of them
        ``print``, ``form``, ``sketch`` and ``n_shingles``; a row with a form for every print of ``posts``. Of a list of
        such tables each is taken out once it was read, so that none has to be in memory twice.
    leads : ClusterLeaders, optional
        What the run before found. Never changes the result.

    Returns
    -------
    DataFrame, (n_posts,)
        ``posts`` in no order that may be relied upon, with ``text_id`` and ``similarity`` as :func:`cluster_texts`.
    """
    posts = posts.sort("created_at", "post_id")
    nodes = _distinct(posts, forms if isinstance(forms, list) else [forms])
    with progress.stage("texts-near-duplicates", total=len(nodes.sizes), unit="texts") as task:
        lead, likeness, n_common = lead_nodes(nodes, posts, window_h=window_h, threads=threads, memory=leads)
        task.advance(len(nodes.sizes))
    if n_common:
        with progress.stage("texts-too-common", total=n_common, unit="look-ups") as task:
            task.advance(n_common)
    found = _named(nodes, lead, likeness)
    return posts.join(found, on="print")


def _named(nodes: Nodes, lead: I4, likeness: F8) -> pl.DataFrame:
    """Return ``print``, ``text_id``, ``similarity`` of each distinct text."""
    leads, which = np.unique(lead, return_inverse=True)
    names = pl.Series([f"t{value:016x}" for value in nodes.prints[leads].tolist()], dtype=pl.String)
    return pl.DataFrame(
        {"print": nodes.prints, "text_id": names.gather(which), "similarity": likeness},
        schema={"print": pl.UInt64, "text_id": pl.String, "similarity": pl.Float64},
    )


def _sign_new(frame: pl.DataFrame, old: pl.DataFrame | None, *, min_chars: int, threads: int) -> pl.DataFrame:
    if old is None:
        return sign_texts(frame, min_chars=min_chars, threads=threads)
    ids = frame.select("post_id")
    known = old.select("post_id", "print", "n_chars").join(ids, on="post_id", how="semi")
    formed = old.select("print", has_form=pl.col("form").is_not_null()).filter("has_form").select("print")
    usable = pl.concat(
        [known.filter(pl.col("n_chars") == 0), known.filter(pl.col("n_chars") > 0).join(formed, on="print", how="semi")]
    )
    if usable.height == old.height == frame.height:
        return old
    # a form may stand on a row that is not asked for: it is kept for those that are
    carries = pl.col("form").is_not_null() & pl.col("print").is_in(usable["print"].unique().implode())
    kept = old.filter(carries | pl.col("post_id").is_in(usable["post_id"].implode()))
    new = frame.join(usable.select("post_id"), on="post_id", how="anti")
    return pl.concat([kept, sign_texts(new, min_chars=min_chars, threads=threads)])


def _sign(texts: pl.Series, min_chars: int) -> pl.DataFrame:
    """Sign distinct texts; form and sketch stand on the first text of each print, if it can be an object at all."""
    folded, offsets = fold_bytes(drop_signatures(texts))
    data, ends = squeeze_texts(folded, offsets)
    prints = print_bytes(data, ends)
    _, first, which = np.unique(prints, return_index=True, return_inverse=True)
    forms = to_series(data, ends)
    sketches, sizes, weights = sketch_texts(*to_bytes(forms.gather(first)), N_SHINGLES)
    is_rich = ((weights >= min_chars) & (sizes >= LEAST_DISTINCT))[which]
    bare = _letters_beside_hashtags(texts, weights[which])
    is_object = is_rich & (2 * bare >= min_chars)
    is_short = (weights[which] >= SHORTEST) & (weights[which] < min_chars) & (2 * bare >= weights[which])
    spoken = is_object & (weights[which] < _GENERIC_UNTIL)
    words = to_series(folded, offsets)
    is_object[spoken] &= ~is_generic(words.filter(pl.Series(spoken))).to_numpy()
    is_short[is_short] &= ~is_generic(words.filter(pl.Series(is_short)), least=SHORTEST).to_numpy()
    keeps = pl.Series(is_rich & (first[which] == np.arange(len(texts))))
    table = pl.DataFrame(
        {
            "text": texts,
            "print": prints,
            "n_chars": np.where(is_object, weights[which], 0).astype(np.int32),
            "is_short": is_short,
            "form": forms,
            "sketch": pl.Series(sketches, dtype=pl.Array(pl.UInt32, N_SHINGLES)).gather(which),
            "n_shingles": sizes[which],
        }
    )
    return table.with_columns(pl.when(keeps).then(pl.col(name)) for name in ("form", "sketch", "n_shingles"))


def _letters_beside_hashtags(texts: pl.Series, weights: I8) -> I8:
    """Return the letters of each text without its hashtags; ``weights`` are those of the whole text."""
    rows = texts.str.contains("#", literal=True).fill_null(value=False).arg_true()
    if not len(rows):
        return weights
    bare = unescape(texts.gather(rows)).str.replace_all(_HASHTAG, " ")  # "&#84;" is a letter, not a hashtag
    _, _, letters = sketch_texts(*squeeze_texts(*fold_bytes(bare)), 1)
    found = weights.copy()
    found[rows.to_numpy()] = letters
    return found


def _distinct(posts: pl.DataFrame, parts: list[pl.DataFrame]) -> Nodes:
    """Return the distinct texts of posts that stand in order of time; parts are taken out one by one."""
    order = posts.select("print").unique(maintain_order=True)
    none = pl.DataFrame(schema={"print": pl.UInt64, "has_form": pl.Boolean})
    has_form = pl.col("form").is_not_null().alias("has_form")
    prints = pl.concat([none, *(part.select("print", has_form) for part in parts)])
    first = prints.with_row_index("row").filter("has_form").group_by("print").agg(pl.col("row").min())
    rows = order.join(first, on="print", maintain_order="left")["row"].to_numpy()
    place = np.full(prints.height, -1, np.int64)
    place[rows] = np.arange(len(rows))
    sketches, sizes = np.empty((len(rows), N_SHINGLES), np.uint32), np.empty(len(rows), np.int32)
    data, offsets = _room_for(parts, place, n=len(rows))
    start = 0
    while parts:
        part = parts.pop(0)
        mine = place[start : start + part.height]
        start += part.height
        held = part.filter(pl.Series(mine >= 0)).select("form", "sketch", "n_shingles")
        to = mine[mine >= 0]
        sketches[to] = held["sketch"].to_numpy().reshape(-1, N_SHINGLES)
        sizes[to] = held["n_shingles"].to_numpy()
        copy_texts(*to_bytes(held["form"]), to, data, offsets)
    return Nodes(prints=order["print"].to_numpy(), data=data, offsets=offsets, sketches=sketches, sizes=sizes)


def _room_for(parts: Sequence[pl.DataFrame], place: I8, *, n: int) -> tuple[U1, I8]:
    """Return room for the forms that have a place among ``n``, and where each of them begins."""
    lengths = np.concatenate([np.empty(0, np.int64), *(_lengths(part["form"]) for part in parts)])
    offsets, chosen = np.zeros(n + 1, np.int64), place >= 0
    offsets[place[chosen] + 1] = lengths[chosen]
    np.cumsum(offsets, out=offsets)
    return np.empty(offsets[-1], np.uint8), offsets


def _lengths(texts: pl.Series) -> I8:
    return texts.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy()
