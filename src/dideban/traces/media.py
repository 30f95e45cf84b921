"""Pictures and videos: the same id, or perceptual hashes that differ in a few bits."""

from __future__ import annotations

import re

import polars as pl

from dideban.messages import Message
from dideban.traces import pictures, videos
from dideban.traces.hamming import cluster_hashes
from dideban.traces.tables import Found, PostColumns, plain_labels

_HASH = r"^[0-9a-f]*[a-f][0-9a-f]*$"
"""Hexadecimal with at least one letter: digits alone are an id of a platform, not a hash."""

_SHORT = r"^[0-9a-f]{16}$"
_TINY = r"^dhash:[0-9a-f]{16}$"
"""What intake writes for pictures too small for PDQ."""


def find(table: PostColumns) -> Found:
    """Find the pictures that several accounts posted."""
    folded = fold(table)
    leaders, notes = lead_pictures(folded["value"].value_counts(name="n"), distance=table.config.media_distance)
    events = name_pictures(folded, leaders).unique()
    shared = table.shared(events)
    return Found(events=shared, objects=plain_labels(shared), n_traces=events.height, notes=notes)


def fold(table: PostColumns) -> pl.DataFrame:
    """Return (row, value, named): each picture of each post, folded; ``named`` is its id on its platform."""
    written = table.column("media").explode("media").drop_nulls("media")
    platform = table.index["platform"].gather(written["row"]).cast(pl.String)
    folded = written.with_columns(
        value=pl.col("media").str.strip_chars().str.to_lowercase(), named=pl.concat_str(platform, pl.lit("/"), "media")
    )
    return folded.filter(pl.col("value") != "").select("row", "value", "named")


def name_pictures(folded: pl.DataFrame, leaders: pl.DataFrame) -> pl.DataFrame:
    """Return (row, object_id) of folded pictures; what has no leader is named by its platform."""
    events = folded.join(leaders, on="value", how="inner")
    return events.select("row", object_id=pl.coalesce("leader", "named"))


def lead_pictures(counts: pl.DataFrame, *, distance: int) -> tuple[pl.DataFrame, list[Message]]:
    """Return (value, leader) of folded values, and notes; the leader of an id that is no hash is null.

    Parameters
    ----------
    counts : (value, n)
        Distinct folded values, and how often each occurs.
    """
    value = pl.col("value")
    is_tiny, is_hash = value.str.contains(_TINY), value.str.contains(_HASH)
    judged = counts.with_columns(
        kind=pl.when(is_tiny | (is_hash & (value.str.len_bytes() == 16)))
        .then(pl.lit("print"))
        .when(is_hash)
        .then(pl.lit("exact"))
        .when(value.str.contains(pictures.PATTERN))
        .then(pl.lit("picture"))
        .when(value.str.contains(videos.PATTERN))
        .then(pl.lit("film"))
        .otherwise(pl.lit("id"))
    )
    of = {
        kind: judged.filter(pl.col("kind") == kind).drop("kind") for kind in ("print", "exact", "picture", "film", "id")
    }
    near, notes = _prints(of["print"], distance=distance)
    seen, more = _pictures(of["picture"])
    films, further = _videos(of["film"])
    exact = of["exact"].select("value", leader="value")
    ids = of["id"].select("value", leader=pl.lit(None, pl.String))
    more = [*more, *further]
    return pl.concat([near, seen, films, exact, ids]), notes + [note for note in more if note not in notes]


def _prints(counts: pl.DataFrame, *, distance: int) -> tuple[pl.DataFrame, list[Message]]:
    bare = counts.with_columns(bare=pl.col("value").str.strip_prefix("dhash:"))
    clusters, notes = cluster_hashes(_counted(bare, "bare"), distance=distance)
    found = bare.join(clusters, left_on="bare", right_on="value", how="inner")
    return found.select("value", "leader"), notes


def _pictures(counts: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    """Pictures that were hashed with PDQ."""
    if counts.is_empty():  # the kernel is not even loaded
        return counts.select("value", leader="value"), []
    parts = pl.col("value").str.split_exact(pictures.WORDS, 1)
    looks = counts.with_columns(bare=parts.struct[0], said=pl.lit(pictures.WORDS) + parts.struct[1])
    clusters, notes = pictures.cluster_pictures(_counted(looks, "bare"))
    found = looks.join(clusters, left_on="bare", right_on="value", how="inner")
    return found.select("value", leader=pl.col("leader") + pl.col("said").fill_null("")), notes


def _counted(values: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return (value, n) of the distinct values of a column."""
    return values.group_by(value=name).agg(pl.col("n").sum())


def _videos(counts: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    """Videos whose frames were hashed."""
    return videos.cluster_videos(counts) if counts.height else (counts.select("value", leader="value"), [])


def is_same(object_id: str, value: str, *, distance: int) -> bool:
    """Whether a value, folded as ``find`` does, may belong to an object that is named by a hash."""
    if re.match(pictures.PATTERN, object_id) and re.match(pictures.PATTERN, value):
        return pictures.is_near(object_id, value)
    if re.match(videos.PATTERN, object_id) and re.match(videos.PATTERN, value):
        return videos.is_near(object_id, value)
    value = value.removeprefix("dhash:")
    if not (re.match(_SHORT, object_id) and re.match(_SHORT, value)):
        return object_id == value
    return (int(object_id, 16) ^ int(value, 16)).bit_count() <= distance
