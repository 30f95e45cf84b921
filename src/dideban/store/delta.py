"""Posts of a room in a Delta Lake table: partitioned by day, appended in numbered batches, safe against sudden death.

Needs the extra ``dideban[room]``. A batch carries its number into the log of the table in the same commit as its
posts, so that after any interruption :meth:`PostTable.committed` says which batches are in it, whole.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from dideban.atomic import sync
from dideban.errors import StoreError
from dideban.messages import cause_of
from dideban.schema import INSTANT, POSTS, Column, Table

APP = "dideban-intake"
STORED = Table(
    name="STORED_POSTS",
    columns=(
        *POSTS.columns,
        Column(name="norm", dtype=pl.String, meaning="normal form of the text, for search", nullable=True),
        Column(name="arrived_at", dtype=INSTANT, meaning="when the room acknowledged it"),
    ),
)
"""POSTS with what the room adds. The partition ``day`` is the day of ``created_at`` in UTC."""
TARGET_BYTES = 64 * 1024 * 1024
ROW_GROUP = 8_192
"""Posts that are read together at least: a page of a search wants a few of many."""
PROPERTIES = {"delta.logRetentionDuration": "interval 1 days", "delta.dataSkippingStatsColumns": "created_at"}
"""The log keeps no text of posts: by default it would say the first and the last of every file."""
CHECKPOINT_EVERY = 50
KEEP_VERSIONS_HOURS = 1
MOST_LISTINGS = 32
_listings: dict[Path, tuple[tuple[str, int, int], list[Path]]] = {}
"""Table to the mark of a version, and its data files."""


class PostTable:
    """The Delta table of one room.

    Parameters
    ----------
    path : path
        Folder of the table; made by the first batch.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Return whether the table has been made."""
        return DeltaTable.is_deltatable(str(self.path))

    def open(self) -> DeltaTable | None:
        """Return the table as it stands now; None where there is none yet."""
        with _ours(self.path):
            try:
                return DeltaTable(str(self.path))
            except TableNotFoundError:
                return None

    def version(self) -> int | None:
        """Return the version of the table: it grows with every change."""
        table = self.open()
        return None if table is None else int(table.version())

    def committed(self) -> int:
        """Return the number of the last batch in the table; 0 = none."""
        table = self.open()
        return 0 if table is None else int(table.transaction_version(APP) or 0)

    def append(self, posts: pl.DataFrame, *, batch: int) -> None:
        """Add one batch; when this returns, it lies on the disk.

        Parameters
        ----------
        posts : STORED, (n,)
            New posts only: repeats are distinguished before.
        batch : count
            One more than :meth:`committed`.

        Raises
        ------
        StoreError
            The disk is full, or the batch is in the table already.
        """
        if batch <= (before := self.committed()):
            raise StoreError("store.batch-twice", path=str(self.path), batch=batch, before=before)
        frame = STORED.check(posts).with_columns(day=pl.col("created_at").dt.strftime("%Y-%m-%d"))
        with _ours(self.path):
            write_deltalake(
                str(self.path),
                frame,
                mode="append",
                partition_by=["day"],
                configuration=None if self._is_set() else PROPERTIES,
                writer_properties=_writing(level=1),
                commit_properties=CommitProperties(app_transactions=[Transaction(APP, batch)]),
            )
        self._sync_last()

    def files(self, *, since: date | None = None, until: date | None = None) -> list[Path]:
        """Return the data files of the days from ``since`` to ``until``, both included, newest day last."""
        low, high = str(since or date.min), str(until or date.max)
        return sorted(path for path in self._listed() if low <= _day_of(path) <= high)

    def _listed(self) -> list[Path]:
        """Return the data files; opening the table costs as much as a page, so it is done once for each version."""
        mark = _version_mark(self.path)
        if mark is not None and (known := _listings.get(self.path)) is not None and known[0] == mark:
            return known[1]
        table = self.open()
        if table is None:
            return []
        with _ours(self.path):
            paths = [_local(uri) for uri in table.file_uris()]
        # A version that came meanwhile is newer than the mark: then nothing is kept, and the next one looks again.
        if mark is not None and _version_mark(self.path) == mark:
            _listings[self.path] = mark, paths
            if len(_listings) > MOST_LISTINGS:
                _listings.clear()
        return paths

    def scan(
        self, *, since: datetime | None = None, until: datetime | None = None, columns: Sequence[str] | None = None
    ) -> pl.LazyFrame:
        """Return posts with ``since <= created_at < until``, in no particular order; only their days are opened."""
        since, until = since and since.astimezone(UTC), until and until.astimezone(UTC)
        files = self.files(since=since and since.date(), until=until and until.date())
        names = list(columns) if columns else STORED.names
        if not files:
            return STORED.empty().lazy().select(names)
        frame = pl.scan_parquet(files, glob=False, hive_partitioning=False, missing_columns="insert")
        if since is not None:
            frame = frame.filter(pl.col("created_at") >= since)
        if until is not None:
            frame = frame.filter(pl.col("created_at") < until)
        return frame.select(names)

    def days(self) -> dict[str, int]:
        """Return the number of files of every day."""
        counts: dict[str, int] = {}
        for path in self.files():
            counts[_day_of(path)] = counts.get(_day_of(path), 0) + 1
        return counts

    def compact(self, *, min_files: int = 8) -> int:
        """Join the files of every day that has at least ``min_files``; return how many days.

        Notes
        -----
        Files no longer needed are removed once no reader can still hold them.
        """
        crowded = sorted(day for day, n in self.days().items() if n >= min_files)
        table = self.open()
        if table is None:
            return 0
        with _ours(self.path):
            for day in crowded:
                table.optimize.compact(
                    partition_filters=[("day", "=", day)],
                    target_size=TARGET_BYTES,
                    writer_properties=_writing(level=3),
                )
            if crowded:
                self._sync_last()
                table = DeltaTable(str(self.path))
            if table.version() % CHECKPOINT_EVERY == 0 or crowded:
                table.create_checkpoint()
                table.cleanup_metadata()
            table.vacuum(retention_hours=KEEP_VERSIONS_HOURS, dry_run=False, enforce_retention_duration=False)
        return len(crowded)

    def delete(self, predicate: str, *, at_once: bool = False) -> int:
        """Delete the posts for which an SQL predicate holds; return how many.

        Parameters
        ----------
        at_once : bool
            Remove their bytes from the disk now, not when older versions expire.
        """
        table = self.open()
        if table is None:
            return 0
        with _ours(self.path):
            outcome: dict[str, Any] = table.delete(predicate, writer_properties=_writing(level=3))
            self._sync_last()
            if at_once:
                fresh = DeltaTable(str(self.path))
                fresh.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
                self._forget_log()
        return int(outcome.get("num_deleted_rows") or 0)

    def replace_reach(self, updates: pl.DataFrame, *, day: str) -> int:
        """Write a later ``reach`` into the posts of one day; return how many posts changed.

        Parameters
        ----------
        updates : (platform, post_id, new_reach)
        """
        table = self.open()
        if table is None or updates.is_empty():
            return 0
        with _ours(self.path):
            outcome = (
                table.merge(
                    updates.with_columns(day=pl.lit(day)),
                    predicate="t.day = s.day AND t.platform = s.platform AND t.post_id = s.post_id",
                    source_alias="s",
                    target_alias="t",
                    writer_properties=_writing(level=3),
                )
                .when_matched_update({"reach": "s.new_reach"})
                .execute()
            )
            self._sync_last()
        return int(outcome.get("num_target_rows_updated") or 0)

    def before(self, days: int, *, today: date | None = None) -> str:
        """Return the first day that ``days`` of retention keep."""
        return str((today or datetime.now(UTC).date()) - timedelta(days=days))

    def _is_set(self) -> bool:
        """Return whether the table is there, and give one of an earlier version the properties it lacks."""
        table = self.open()
        if table is None:
            return False
        if not PROPERTIES.items() <= table.metadata().configuration.items():
            table.alter.set_table_properties(PROPERTIES)
        return True

    def _forget_log(self) -> None:
        """Remove what the log says of earlier versions: it may name texts."""
        table = DeltaTable(str(self.path))
        table.create_checkpoint()
        for path in (self.path / "_delta_log").iterdir():
            version = path.name.split(".")[0]
            if version.isdigit() and int(version) < table.version():
                path.unlink(missing_ok=True)

    def _sync_last(self) -> None:
        """Make sure that the last commit outlives a power cut: files first, then the log entry that names them."""
        table = self.open()
        if table is None:
            return
        log = self.path / "_delta_log" / f"{table.version():020d}.json"
        folders = {log.parent}
        for line in log.read_bytes().splitlines():
            if (name := _added(line)) is not None:
                file = self.path / name
                sync(file)
                folders.add(file.parent)
        sync(log)
        for folder in [*sorted(folders), self.path]:
            sync(folder)


def _version_mark(path: Path) -> tuple[str, int, int] | None:
    """Return what tells the newest version from others: its name, and the file that holds it; None where none is."""
    try:
        with os.scandir(path / "_delta_log") as entries:
            newest = max((one.name for one in entries if one.name.endswith(".json")), default=None)
        if newest is None:
            return None
        state = (path / "_delta_log" / newest).stat()
    except OSError:
        return None
    return newest, state.st_mtime_ns, state.st_ino


def _writing(*, level: int) -> WriterProperties:
    return WriterProperties(compression="ZSTD", compression_level=level, max_row_group_size=ROW_GROUP)


def _added(line: bytes) -> str | None:
    import orjson

    entry = orjson.loads(line)
    return unquote(entry["add"]["path"]) if "add" in entry else None


def _local(uri: str) -> Path:
    """Return the path of a data file; deltalake gives plain paths or file addresses."""
    return Path(unquote(urlsplit(uri).path)) if uri.startswith("file://") else Path(uri)


def _day_of(path: Path) -> str:
    return path.parent.name.removeprefix("day=")


@contextlib.contextmanager
def _ours(path: Path) -> Iterator[None]:
    """Turn trouble with the table into StoreError."""
    try:
        yield
    except (DeltaError, OSError) as error:
        if isinstance(error, TableNotFoundError):
            raise
        raise StoreError(
            "store.table-trouble", hint="hint.disk-full", path=str(path), name=path.name, reason=cause_of(error)
        ) from error


__all__ = ["APP", "STORED", "PostTable"]
