"""Read files of posts for a pipeline that keeps what it makes of them, and not the posts."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from dideban.config import Config
from dideban.errors import InputError
from dideban.ingest import Intake, load_key, read_posts
from dideban.pipelines.targets import default_key_file
from dideban.progress import SILENT, Progress
from dideban.schema import POSTS


def files_of(paths: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return one path or several as a list."""
    return [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]


@contextlib.contextmanager
def reading_posts(
    files: Sequence[Path],
    *,
    config: Config,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> Iterator[Intake]:
    """Read files of posts into a scratch folder, which is removed when the block ends.

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words.
    """
    with tempfile.TemporaryDirectory(prefix="dideban-") as scratch:
        yield read_posts(
            files, out=Path(scratch), key=key or load_key(key_file or default_key_file()), config=config.ingest,
            mapping=mapping, progress=progress,
        )  # fmt: skip


def read_table(path: Path) -> pl.LazyFrame:
    """Return POSTS kept as Parquet.

    Raises
    ------
    InputError
        The file is missing or does not hold POSTS.
    """
    try:
        table = pl.scan_parquet(path)
        missing = [name for name in POSTS.names if name not in table.collect_schema()]
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("run.posts-unreadable", path=str(path)) from error
    if missing:
        raise InputError("file.no-column", path=str(path), column=missing[0])
    return table


__all__ = ["files_of", "read_table", "reading_posts"]
