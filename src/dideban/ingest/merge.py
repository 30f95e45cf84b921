"""Parts of any number of files to one sorted table without repeats, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from dideban.errors import StoreError
from dideban.ingest.convert import SEQ
from dideban.ingest.identity import repeats
from dideban.ingest.model import ROW
from dideban.messages import cause_of
from dideban.schema import POSTS

KEYS = ("platform", "post_id")
ORDER = ("created_at", "platform", "post_id")
BUCKET_ROWS = 4_000_000
"""Rows whose keys are held in memory at a time when repeats are looked for."""
ROW_GROUP = 131_072
_CONFLICTS = pl.DataFrame(schema={"source": pl.String, ROW: pl.Int64, "post_id": pl.String})
UNITS_S = (86_400.0, 3_600.0, 60.0, 1.0, 0.1, 0.01, 0.001, 0.0001, 0.00001)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn trouble with our own disk into StoreError; Polars tells of it in several ways."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise StoreError(
            "file.not-written", hint="ingest.hint-free-space", path=str(path), reason=cause_of(error)
        ) from error


class ConvertedParts:
    """Converted rows on the way to the final table; the first few stay in memory.

    Parameters
    ----------
    folder : path
        Where parts are spilled; removed by the caller.
    chunk_rows : count
        Rows that may stay in memory.
    """

    def __init__(self, folder: Path, *, chunk_rows: int) -> None:
        self.folder, self.chunk_rows = folder, chunk_rows
        self.held: list[pl.DataFrame] = []
        self.files: list[Path] = []
        self.n_rows = self.base = 0

    def add(self, posts: pl.DataFrame) -> None:
        """Take POSTS with SEQ."""
        if posts.is_empty():
            return
        self.held.append(posts)
        self.n_rows += posts.height
        if sum(frame.height for frame in self.held[self.base :]) >= self.chunk_rows:
            self._spill(self.base)

    def begin_file(self) -> tuple[int, int]:
        """Remember where a file begins, for :meth:`undo`."""
        if sum(frame.height for frame in self.held) >= self.chunk_rows:
            self._spill(0)
        self.base = len(self.held)
        return len(self.files), self.n_rows

    def undo(self, mark: tuple[int, int]) -> None:
        """Forget every row since ``mark``."""
        n_files, self.n_rows = mark
        del self.held[self.base :]
        for path in self.files[n_files:]:
            path.unlink(missing_ok=True)
        del self.files[n_files:]

    def _spill(self, base: int) -> None:
        path = self.folder / f"part-{len(self.files):05d}.parquet"
        merged = pl.concat(self.held[base:]).sort(ORDER)
        with writing(path):
            merged.write_parquet(path, compression="lz4", row_group_size=ROW_GROUP)
        self.files.append(path)
        del self.held[base:]

    def scan(self) -> pl.LazyFrame:
        """Return all rows, in no particular order."""
        frames = [pl.scan_parquet(path, glob=False) for path in self.files]
        frames += [frame.lazy() for frame in self.held]
        if not frames:
            return POSTS.empty().with_columns(pl.Series(SEQ, [], pl.Int64), pl.Series(ROW, [], pl.Int64)).lazy()
        return pl.concat(frames)

    def since(self, mark: tuple[int, int]) -> pl.LazyFrame:
        """Return the rows of the file that began at ``mark``."""
        frames = [pl.scan_parquet(path, glob=False) for path in self.files[mark[0] :]]
        return pl.concat([*frames, *(frame.lazy() for frame in self.held[self.base :])])


@dataclass(frozen=True)
class Repeats:
    """Rows whose (platform, post_id) was met before."""

    drop: pl.Series
    """SEQ of every later arrival."""
    reach: pl.DataFrame
    """(SEQ, last_reach) of first arrivals that take a later reach."""
    conflicts: pl.DataFrame
    """(source, ROW, post_id) of those that say something else than the first: they are other posts."""

    @property
    def n_duplicates(self) -> int:
        """Later arrivals that say the same."""
        return int(self.drop.len()) - self.conflicts.height


def write_sorted(parts: ConvertedParts, out: Path, *, found: Repeats, time_zone: str = "UTC") -> tuple[int, float]:
    """Write the final table; return posts and the resolution of the times in seconds.

    Raises
    ------
    StoreError
        The disk is full or cannot be written.

    Notes
    -----
    Of rows with the same (platform, post_id) the first arrival stands; its ``reach`` is that of the last arrival
    that knows one.
    """
    moments = parts.scan().select("created_at").collect()["created_at"]
    edges = _edges(moments.dt.timestamp("us").to_numpy(), parts.chunk_rows)
    resolution = time_resolution(moments, time_zone=time_zone)

    def batches(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        for low, high in edges:
            yield _stretch(parts, low, high, found.drop, found.reach)

    source = register_io_source(batches, schema=POSTS.dtypes)
    with writing(out):
        source.sink_parquet(out, row_group_size=ROW_GROUP, compression="zstd", compression_level=1)
    return parts.n_rows - int(found.drop.len()), resolution


def find_repeats(parts: ConvertedParts) -> Repeats:
    """Find rows whose key was met before, and whether they say the same."""
    n_buckets = max(1, -(-parts.n_rows // BUCKET_ROWS))
    empty = pl.DataFrame(schema={SEQ: pl.Int64, "last_reach": pl.Int64})
    drops, updates, conflicts = [empty[SEQ]], [empty], [_CONFLICTS]
    for bucket in range(n_buckets):
        keys = parts.scan().select(*KEYS, SEQ)
        if n_buckets > 1:
            keys = keys.filter(pl.col("post_id").hash(seed=0) % n_buckets == bucket)
        repeated = keys.filter(pl.len().over(KEYS) > 1).select(SEQ).collect()
        if repeated.is_empty():
            continue
        rows = parts.scan().join(repeated.lazy(), on=SEQ, how="semi")
        judged = repeats(rows.rename({SEQ: "order"}), list(KEYS)).rename({"order": SEQ})
        is_first = pl.int_range(pl.len()).over(KEYS) == 0
        later = judged.filter(~is_first)
        drops.append(later[SEQ])
        conflicts.append(later.filter(~pl.col("agrees")).select(_CONFLICTS.columns))
        known = judged.filter("agrees").group_by(KEYS, maintain_order=True)
        updates.append(known.agg(pl.col(SEQ).first(), last_reach=pl.col("reach").drop_nulls().last()).drop(KEYS))
    return Repeats(pl.concat(drops), pl.concat(updates).select(SEQ, "last_reach"), pl.concat(conflicts))


def _edges(times: np.ndarray, chunk_rows: int) -> list[tuple[int, int]]:
    """Cut time into stretches of about ``chunk_rows`` posts; equal times are never parted."""
    if not len(times):
        return []
    n = max(1, -(-len(times) // chunk_rows))
    cuts = np.unique(np.quantile(times, np.linspace(0, 1, n + 1)[1:-1], method="lower")) if n > 1 else np.array([])
    inner = [int(cut) for cut in cuts if cut > times.min()]
    lows = [int(times.min()), *inner]
    return list(zip(lows, [*inner, int(times.max()) + 1], strict=True))


def _stretch(parts: ConvertedParts, low: int, high: int, drop: pl.Series, reach: pl.DataFrame) -> pl.DataFrame:
    moment = [pl.lit(value, pl.Int64).cast(pl.Datetime("us", "UTC")) for value in (low, high)]
    rows = parts.scan().filter((pl.col("created_at") >= moment[0]) & (pl.col("created_at") < moment[1])).collect()
    if drop.len():
        rows = rows.join(drop.to_frame(), on=SEQ, how="anti")
        rows = rows.join(reach, on=SEQ, how="left").with_columns(reach=pl.coalesce("last_reach", "reach"))
    return rows.sort(ORDER).select(POSTS.names)


def time_resolution(moments: pl.Series, *, time_zone: str) -> float:
    """Coarsest unit that 99 of 100 times are multiples of, in UTC or in ``time_zone``, seconds."""
    clocks = [moments.dt.timestamp("us").to_numpy()]
    if time_zone != "UTC":
        local = moments.dt.convert_time_zone(time_zone).dt.replace_time_zone(None)
        clocks.append(local.dt.timestamp("us").to_numpy())
    for unit_s in UNITS_S:
        unit = round(unit_s * 1e6)
        if any(len(us) and np.count_nonzero(us % unit == 0) >= 0.99 * len(us) for us in clocks):
            return unit_s
    return 1e-6
