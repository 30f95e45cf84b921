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
    written = table.column("media").explode("media").drop_nulls("media")
    events, notes = _events(table, written)
    events = events.unique()
    shared = table.shared(events)
    return Found(events=shared, objects=plain_labels(shared), n_traces=events.height, notes=notes)


def _events(table: PostColumns, written: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    folded = written.with_columns(value=pl.col("media").str.strip_chars().str.to_lowercase())
    folded = folded.filter(pl.col("value") != "")
    is_tiny = pl.col("value").str.contains(_TINY)
    is_hash = pl.col("value").str.contains(_HASH)
    is_perceptual = (is_hash & (pl.col("value").str.len_bytes() == 16)) | is_tiny
    is_picture = pl.col("value").str.contains(pictures.PATTERN)
    is_film = pl.col("value").str.contains(videos.PATTERN)
    prints = folded.filter(is_perceptual).with_columns(pl.col("value").str.strip_prefix("dhash:"))
    clusters, notes = cluster_hashes(prints["value"].value_counts(name="n"), distance=table.config.media_distance)
    near = prints.join(clusters, on="value", how="inner").select("row", object_id="leader")
    seen, more = _pictures(folded.filter(is_picture))
    films, further = _videos(folded.filter(is_film))
    more = [*more, *further]
    exact = folded.filter(is_hash & ~is_perceptual).select("row", object_id="value")
    named = folded.filter(~is_hash & ~is_picture & ~is_film & ~is_tiny)
    platform = table.index["platform"].gather(named["row"]).cast(pl.String)
    ids = named.with_columns(platform=platform).select("row", object_id=pl.concat_str("platform", pl.lit("/"), "media"))
    return pl.concat([near, seen, films, exact, ids]), notes + [note for note in more if note not in notes]


def _pictures(written: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    """Pictures that were hashed with PDQ: which post shows which."""
    if written.is_empty():  # the kernel is not even loaded
        return written.select("row", object_id="value"), []
    parts = pl.col("value").str.split_exact(pictures.WORDS, 1)
    looks = written.select("row", value=parts.struct[0], said=pl.lit(pictures.WORDS) + parts.struct[1])
    clusters, notes = pictures.cluster_pictures(looks["value"].value_counts(name="n"))
    said = looks.join(clusters, on="value", how="inner")
    return said.select("row", object_id=pl.col("leader") + pl.col("said").fill_null("")), notes


def _videos(written: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    """Videos whose frames were hashed: which post shows which."""
    if written.is_empty():
        return written.select("row", object_id="value"), []
    clusters, notes = videos.cluster_videos(written["value"].value_counts(name="n"))
    return written.join(clusters, on="value", how="inner").select("row", object_id="leader"), notes


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
