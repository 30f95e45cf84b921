"""Pictures beside the posts: POSTS get what they look like in place of the names of their files."""

from __future__ import annotations

import csv
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from dideban.errors import InputError
from dideban.ingest import Intake
from dideban.ingest.files import expand
from dideban.ingest.merge import ROW_GROUP
from dideban.ingest.model import reject_frame
from dideban.ingest.pictures import (
    OUTSIDE,
    Decoder,
    Decoders,
    Library,
    Neighbours,
    PictureError,
    Print,
    Small,
    can_decode,
    find_film_reader,
    find_reader,
    looks_like_film,
    looks_like_picture,
    print_of,
    print_of_film,
)
from dideban.ingest.posts import safe
from dideban.messages import Message
from dideban.pipelines.picture_words import apart_by_words, read_words, texts_of_posts, together_by_words
from dideban.progress import SILENT, Progress
from dideban.report import Thumbnail
from dideban.schema import post_key
from dideban.traces.pictures import cluster_pictures

SHOWING_S = 120.0
"""Longest time for the small pictures of a report, seconds."""


@dataclass(frozen=True)
class FoundPictures:
    """Pictures that posts show."""

    uses: pl.DataFrame
    """(row, place, path, post): which file is which entry of ``media`` of which post; ``place`` is null where
    ``media`` does not name it."""
    rejects: list[tuple[str, str, str]] = field(default_factory=list)
    """Name of the file, reason, the post that names it."""
    n_missing: int = 0


@dataclass(frozen=True)
class Attached:
    """What intake and pictures give together."""

    intake: Intake
    """With a reject for each picture that cannot be used."""
    notes: list[Message] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    """A file that looks like it, for each value that stands in POSTS for a picture."""


def attach_pictures(
    intake: Intake,
    *,
    inputs: Sequence[Path],
    folder: Path | None,
    reads_words: bool = False,
    threads: int = 0,
    progress: Progress = SILENT,
) -> Attached:
    """Hash the pictures of posts and write what they look like into POSTS.

    Parameters
    ----------
    intake : Intake
        What was read; ``posts.parquet`` and ``rejects.csv`` are rewritten where there are pictures.
    inputs : paths
        The files and folders that were read: an export may name pictures beside itself.
    folder : path
        Where the pictures lie; None = beside the files that name them.
    reads_words : bool
        Read the words in the pictures: memes on one template are told apart by them, and a post without a text gets
        them as its text.
    threads : count
        Processes that decode; 0 = all cores. Never changes the result.

    Returns
    -------
    Attached

    Raises
    ------
    InputError
        ``folder`` is no folder.
    """
    if folder is not None and not folder.is_dir():
        raise InputError("ingest.no-such-path", path=str(folder))
    posts = pl.scan_parquet(intake.posts_path).with_row_index("row")
    libraries: dict[str | None, Library | Neighbours] = {None: Library(folder)} if folder else _beside(inputs, posts)
    found = _find(posts, libraries, by_post=folder is not None)
    if found.uses.is_empty() and not found.rejects:
        return Attached(
            intake, [Message("note.pictures-missing", n=found.n_missing)] if folder and found.n_missing else []
        )
    if not can_decode():
        return Attached(intake, [Message("note.pictures-need-library", n=found.uses["path"].n_unique())])
    films = found.uses.filter(_is_film())["path"].unique().to_list()
    program = find_film_reader() if films else None
    seen = found.uses if program else found.uses.filter(~_is_film())
    prints, rejects = _hash(seen, program=program or "", threads=threads, progress=progress)
    values, notes = _same_pictures(seen, prints)
    if films:
        notes.append(Message("note.films-hashed" if program else "note.films-need-program", n=len(films)))
    words: dict[str, str] = {}
    if reads_words:
        words, more = _words(found.uses, prints, threads=threads, progress=progress)
        values, n_joined = together_by_words(apart_by_words(values, words), words)
        notes += [*more, *([Message("note.pictures-same-text", n=n_joined)] if n_joined else [])]
    _rewrite(intake.posts_path, found.uses, values, texts=texts_of_posts(found.uses, words))
    n_pictures = sum(not looks_like_film(path) for path in prints)
    notes = [Message("note.pictures-hashed", n=n_pictures), *notes]
    if found.n_missing:
        notes.append(Message("note.pictures-missing", n=found.n_missing))
    files = _shown_by(values, prints, found.uses["path"].to_list())
    return Attached(_with_rejects(intake, [*found.rejects, *rejects]), notes, files)


def show_pictures(wanted: Sequence[str], *, files: Mapping[str, Path], threads: int = 0) -> dict[str, Thumbnail]:
    """Return small pictures of what stands in POSTS for pictures, made again from the files: nothing else is in them.

    One that cannot be read any more is left out, and so are those that two minutes did not suffice for.
    """
    paths, end = [files[value] for value in wanted], time.monotonic() + SHOWING_S
    made = Decoders(threads).ask(paths, partial(_small, end=end))
    return {
        value: Thumbnail(jpeg=one.jpeg, width=one.width, height=one.height)
        for value, one in zip(wanted, made, strict=True)
        if not isinstance(one, PictureError)
    }


def _small(decoder: Decoder, path: Path, *, end: float) -> Small:
    if time.monotonic() > end:
        raise PictureError("picture-too-slow")
    return decoder.thumbnail(path)


def _shown_by(values: Mapping[str, str], prints: Mapping[str, Print], order: Sequence[str]) -> dict[str, Path]:
    """Return a file for each value: the first whose own hash it is, else the first that looks like it."""
    files: dict[str, Path] = {}
    for path in sorted(dict.fromkeys(order), key=lambda path: not _is_own(values.get(path), prints.get(path))):
        if value := values.get(path):
            files.setdefault(value, Path(path))
    return files


def _is_own(value: str | None, seen: Print | None) -> bool:
    return value is not None and seen is not None and value.partition("~")[0] == seen.value


def _beside(inputs: Sequence[Path], posts: pl.LazyFrame) -> dict[str | None, Library | Neighbours]:
    """Folders beside inputs whose posts name pictures by a path."""
    value = pl.col("media").list.eval(
        pl.element().str.contains(
            r"(?i)^[^:?*]+\.(jpe?g|png|gif|webp|avif|tiff?|bmp|mp4|m4v|mov|webm|mkv|avi|3gp|mpe?g|ts|flv|wmv|ogv)$"
        )
    )
    naming = posts.filter(value.list.any()).select(pl.col("source").unique()).collect()["source"].to_list()
    named = {item.name: item.path.parent for item in expand(inputs)}
    homes = {home: Neighbours(home) for home in named.values()}
    return {name: homes[home] for name, home in named.items() if name in naming or homes[home].by_address}


def _find(posts: pl.LazyFrame, libraries: Mapping[str | None, Library | Neighbours], *, by_post: bool) -> FoundPictures:
    """Look up the pictures of each post; every post where a folder was given, else those of exports with pictures."""
    uses: list[tuple[int, int | None, str, str]] = []
    rejects: dict[str, tuple[str, str, str]] = {}
    n_missing = 0
    wanted = pl.lit(True) if by_post else pl.col("source").is_in([name for name in libraries if name])
    columns = posts.filter(wanted, pl.col("repost_of").is_null()).select(
        "row", "source", "post_id", "media", key=post_key()
    )
    for frame in columns.collect_batches(chunk_size=200_000, maintain_order=True):
        for row, source, post_id, media, key in frame.iter_rows():
            library = libraries[None] if by_post else libraries[source]
            named = [(place, library.named(value)) for place, value in enumerate(media) if looks_like_picture(value)]
            n_missing += sum(path is None for _, path in named)
            paths: list[tuple[int | None, Path]] = [(place, path) for place, path in named if path is not None]
            if by_post and not paths:
                paths = [(None, path) for path in library.of_post(post_id)]
            for place, path in paths:
                if library.is_inside(path):
                    uses.append((row, place, os.fspath(path.resolve()), key))
                else:
                    rejects.setdefault(os.fspath(path), (path.name, OUTSIDE, key))
    schema = {"row": pl.UInt32, "place": pl.Int64, "path": pl.String, "post": pl.String}
    table = pl.DataFrame(uses, schema=schema, orient="row")
    return FoundPictures(table, list(rejects.values()), n_missing)


def _is_film() -> pl.Expr:
    return pl.col("path").map_elements(looks_like_film, return_dtype=pl.Boolean)


def _hash(
    uses: pl.DataFrame, *, program: str, threads: int, progress: Progress
) -> tuple[dict[str, Print], list[tuple[str, str, str]]]:
    """Return what each file looks like, and the files that cannot be used."""
    first = dict(uses.sort("row", descending=True).select("path", "post").iter_rows())
    paths = sorted(first)
    prints: dict[str, Print] = {}
    rejects = []
    with progress.stage("hashing-pictures", total=len(paths), unit="pictures") as task:
        results = Decoders(threads).ask([Path(path) for path in paths], partial(_look, program=program))
        for path, result in zip(paths, results, strict=True):
            is_bad = isinstance(result, PictureError)
            if isinstance(result, PictureError):
                rejects.append((Path(path).name, result.slug, first[path]))
            else:
                prints[path] = result
            task.advance(1, rejects=int(is_bad))
    return prints, rejects


def _look(decoder: Decoder, path: Path, *, program: str) -> Print:
    """Hash a picture, or a frame a second of a video."""
    if looks_like_film(path.name):
        return print_of_film(decoder.frames(path, program=program))
    return print_of(decoder.decode(path))


def _same_pictures(uses: pl.DataFrame, prints: Mapping[str, Print]) -> tuple[dict[str, str], list[Message]]:
    """Give the pictures that are one, cut or whole, the hash of the most frequent among them."""
    known = {path: seen for path, seen in prints.items() if seen.parts}
    short = {seen.parts: seen.value for seen in known.values()}
    values = {path: seen.value for path, seen in prints.items()}
    n_blank = sum(not value for value in values.values())
    notes = [Message("note.pictures-plain", n=n_blank)] if n_blank else []
    if not known:
        return values, notes
    counts = Counter(known[path].parts for path in uses["path"].to_list() if path in known)
    table = pl.DataFrame({"value": list(counts), "n": list(counts.values())})
    clusters, more = cluster_pictures(table)
    leaders = dict(clusters.iter_rows())
    values |= {path: short[leaders.get(seen.parts, seen.parts)] for path, seen in known.items()}
    return values, notes + more


def _words(
    uses: pl.DataFrame, prints: Mapping[str, Print], *, threads: int, progress: Progress
) -> tuple[dict[str, str], list[Message]]:
    """Read the words in the pictures, where the program that does is installed."""
    reader = find_reader()
    if reader is None:
        return {}, [Message("note.pictures-need-reader", n=len(prints))]
    looks = {path: seen.parts or seen.value for path, seen in prints.items() if seen.value}
    looks = {path: look for path, look in looks.items() if not looks_like_film(path)}
    order = uses.sort("row", "place", "path")["path"].to_list()
    return read_words(looks, order=order, reader=reader, threads=threads, progress=progress)


def _rewrite(posts_path: Path, uses: pl.DataFrame, values: Mapping[str, str], *, texts: pl.DataFrame) -> None:
    """Put what a picture looks like in the place of its file's name; behind the others where none named it.

    The name of a picture that cannot be used stays; one with nothing to see is taken out. A post without a text gets
    that of ``texts`` (row, said).
    """
    seen = pl.DataFrame({"path": list(values), "value": list(values.values())}, schema_overrides={"path": pl.String})
    given = uses.join(seen, on="path", how="inner")
    posts = pl.scan_parquet(posts_path).with_row_index("row")
    touched = posts.select("row", "media").join(given.lazy().select("row").unique(), on="row", how="semi").collect()
    media = dict(touched.iter_rows())
    for row, place, value in given.sort("row", "place", "path").select("row", "place", "value").iter_rows():
        if place is None:
            media[row] = [*media[row], value]
        else:
            media[row][place] = value
    changed = pl.DataFrame(
        {"row": list(media), "seen": [[value for value in one if value] for one in media.values()]},
        schema={"row": pl.UInt32, "seen": pl.List(pl.String)},
    )
    partial = posts_path.with_suffix(".partial")
    silent = pl.col("text").is_null() | (pl.col("text").str.strip_chars() == "")
    spoken = posts.join(changed.lazy(), on="row", how="left", maintain_order="left").join(
        texts.lazy(), on="row", how="left", maintain_order="left"
    )
    spoken.with_columns(
        media=pl.coalesce("seen", "media"), text=pl.when(silent).then(pl.coalesce("said", "text")).otherwise("text")
    ).drop("row", "seen", "said").sink_parquet(
        partial, row_group_size=ROW_GROUP, compression="zstd", compression_level=1
    )
    os.replace(partial, posts_path)  # noqa: PTH105 - the atomic call, named as such


def _with_rejects(intake: Intake, rejects: list[tuple[str, str, str]]) -> Intake:
    """Append the pictures that cannot be used to REJECTS: each counts as a row, with number 0 as whole files have."""
    if not rejects:
        return intake
    with intake.rejects_path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for name, reason, post in rejects:
            for row in reject_frame(name, [(0, "media", reason, post)]).iter_rows():
                writer.writerow([safe(cell) for cell in row])
    reasons = Counter(intake.reject_reasons) + Counter(reason for _, reason, _ in rejects)
    return replace(
        intake,
        n_rows=intake.n_rows + len(rejects),
        n_rejects=intake.n_rejects + len(rejects),
        reject_reasons=dict(reasons.most_common()),
    )


__all__ = ["Attached", "attach_pictures", "show_pictures"]
