"""Posts that are acknowledged and not yet in the table: one file per batch, on disk before the sender gets an answer.

A file appears whole in ``new/`` or not at all: it is written and synced under ``tmp/`` and renamed. The merge moves
files into ``batches/N/``, commits them to the table as batch N, and removes the folder. Whatever dies in between, the
number tells the next merge whether the batch is in the table.
"""

from __future__ import annotations

import io
import itertools
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dideban.atomic import part_of, publish, sweep
from dideban.errors import StoreError
from dideban.room.disk import os_reason
from dideban.schema import INSTANT, POSTS

SPOOLED = {**POSTS.dtypes, "arrived_at": INSTANT, "sealed": pl.Binary()}
"""POSTS, when they came, and the sealed original id beside the first post of each account."""
_numbers = itertools.count()


@dataclass(frozen=True)
class Spool:
    """The spool of one room."""

    root: Path

    @property
    def new(self) -> Path:
        """Files that wait."""
        return self.root / "new"

    @property
    def batches(self) -> Path:
        """Batches under way."""
        return self.root / "batches"

    @property
    def damaged(self) -> Path:
        """Files that could not be read: kept for a person to look at."""
        return self.root / "damaged"

    def add(self, posts: pl.DataFrame) -> Path:
        """Put a batch on the disk; when this returns, it outlives a power cut.

        Raises
        ------
        StoreError
            The disk is full.
        """
        frame = posts.select([pl.col(name).cast(dtype) for name, dtype in SPOOLED.items()])
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="lz4", statistics=False)
        # The name orders files by arrival; the count of rows in it lets back-pressure look at names alone.
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(_numbers)}.{frame.height}.parquet"
        try:
            self.new.mkdir(parents=True, exist_ok=True)
            with part_of(self.root / "tmp" / name) as part:
                part.write_bytes(buffer.getbuffer())
                publish({part: self.new / name}, survives="power")
        except OSError as error:
            raise StoreError(
                "room.cannot-keep-posts", hint="room.disk-full-hint", path=str(self.root), reason=os_reason(error)
            ) from error
        return self.new / name

    def n_waiting(self) -> int:
        """Return how many posts wait: from the names of the files alone."""
        paths = itertools.chain(_entries(self.new), *(_entries(folder) for folder in _entries(self.batches)))
        return sum(_rows_of(path) for path in paths)

    def oldest(self) -> float | None:
        """Return when the oldest waiting file came, seconds since 1970."""
        first = min((path.name for path in _entries(self.new)), default=None)
        return None if first is None else int(first.split("-")[0]) / 1e9

    def claim(self, *, committed: int, max_posts: int) -> tuple[int, Path] | None:
        """Return the next batch to commit: one that was under way when a process died, or a new one.

        Batches that are in the table already are removed here.
        """
        for folder in sorted(_entries(self.batches), key=lambda path: int(path.name)):
            if int(folder.name) > committed:
                return int(folder.name), folder
            shutil.rmtree(folder)
        waiting = sorted(_entries(self.new), key=lambda path: path.name)
        if not waiting:
            return None
        folder = self.batches / str(committed + 1)
        folder.mkdir(parents=True, exist_ok=True)
        n = 0
        for path in waiting:
            n += _rows_of(path)
            if n > max_posts and n != _rows_of(path):
                break
            path.rename(folder / path.name)
        return committed + 1, folder

    def read(self, folder: Path) -> pl.DataFrame:
        """Return the posts of a batch in order of arrival; files that cannot be read are set aside."""
        frames = [pl.DataFrame(schema=SPOOLED)]
        for path in sorted(_entries(folder), key=lambda path: path.name):
            try:
                frames.append(pl.read_parquet(path, glob=False).select(list(SPOOLED)))
            except (OSError, pl.exceptions.PolarsError):
                self.damaged.mkdir(parents=True, exist_ok=True)
                path.rename(self.damaged / path.name)
        return pl.concat(frames)

    def drop(self, folder: Path) -> None:
        """Remove a batch that is in the table."""
        shutil.rmtree(folder)

    def tidy(self) -> None:
        """Remove what a process that died was still writing: no sender got an acknowledgement for it."""
        sweep(self.root / "tmp")


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _rows_of(path: Path) -> int:
    part = path.name.split(".")[-2] if path.name.count(".") >= 2 else "0"
    return int(part) if part.isdigit() else 0
