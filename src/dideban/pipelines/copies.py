"""Copied articles: from pages, feeds or posts to a folder that shows who copied whose text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import polars as pl

from dideban import __version__
from dideban.atomic import write_folder
from dideban.config import Config
from dideban.errors import InputError
from dideban.findings.copying import Copies, find_copies
from dideban.ingest import is_articles, read_articles
from dideban.pipelines.reading import files_of, reading_posts
from dideban.pipelines.targets import check_target
from dideban.progress import SILENT, Progress
from dideban.report import render_copies

COPIES = "copying.json"


@dataclass(frozen=True, kw_only=True)
class CopyRun:
    """The result of :func:`trace_copies`, and where its files are."""

    out: Path
    copies: Copies
    n_rejects: int

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.out / "copying.html"


def trace_copies(
    paths: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    config: Config | None = None,
    min_letters: int = 200,
    least_share: float = 0.3,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> CopyRun:
    """Find who copied whose articles or posts, and write it to a folder.

    Parameters
    ----------
    paths : path or paths
        Article pages (HTML) and feeds, or files of posts in any known shape; folders are walked.
    out : path
        Folder to write. It appears whole or not at all; an earlier result of ours is replaced.
    config : Config
        Settings of intake; None = defaults.
    min_letters : count
        Shorter texts are not compared.
    least_share : 0..1
        Least share of a text that occurs in an earlier one.
    key, key_file : bytes, path
        Key of the pseudonyms, for posts; websites keep their names.
    mapping : mapping
        Column of POSTS to column of the files.
    progress : Progress
        Reports each stage.

    Returns
    -------
    CopyRun

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config, target = config or Config(), Path(out)
    check_target(target, mark=COPIES)
    files = files_of(paths)
    if is_articles(files):
        read = read_articles(files, config=config.ingest, progress=progress)
        posts, names, resolution_s, rejects = read.posts, read.names, 0.0, read.rejects.write_csv().encode()
        n_rejects = read.rejects.height
        if not posts.height:
            raise InputError("run.no-article", hint="hint.are-articles")
    else:
        with reading_posts(
            files, config=config, key=key, key_file=key_file, mapping=mapping, progress=progress
        ) as intake:
            posts, rejects = pl.read_parquet(intake.posts_path), intake.rejects_path.read_bytes()
            names, resolution_s, n_rejects = {}, intake.time_resolution_s, intake.n_rejects
    found = find_copies(
        posts, names=names, min_letters=min_letters, least_share=least_share, resolution_s=resolution_s,
        progress=progress,
    )  # fmt: skip
    content = {**found.to_dict(), "version": __version__}
    write_folder(
        target,
        {
            "copying.html": render_copies(found, version=__version__).encode("utf-8", "replace"),
            "rejects.csv": rejects,
            COPIES: orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS),
        },
        survives="kill",
    )
    return CopyRun(out=target, copies=found, n_rejects=n_rejects)


__all__ = ["CopyRun", "trace_copies"]
