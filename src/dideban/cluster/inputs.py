"""What a run on a cluster reads: Parquet, Delta and named tables, one schema at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dideban.errors import InputError

if TYPE_CHECKING:
    from dideban.cluster.engine import Engine

DELTA, TABLE = "delta:", "table:"
"""Written before the address of a Delta table that this machine does not see, and before a name in a catalogue."""
LOG = "_delta_log"


@dataclass(frozen=True, kw_only=True)
class ClusterInput:
    """Files of one schema, or one table."""

    name: str
    places: tuple[str, ...]
    kind: str
    """``parquet``, ``delta`` or ``table``."""
    n_bytes: int = 0
    n_rows: int = -1
    """-1 = not known before the table is opened."""
    version: int = -1
    """Version of a Delta table as it was found: it may be written to meanwhile. -1 = the newest."""

    def open(self, engine: Engine) -> Any:
        """Return the table as the engine reads it."""
        reader = engine.spark.read
        if self.kind == "table":
            return reader.table(self.places[0])
        if self.kind == "delta":
            table = reader.format("delta")
            return (table.option("versionAsOf", self.version) if self.version >= 0 else table).load(self.places[0])
        return reader.parquet(*self.places)


def find_inputs(places: Sequence[str]) -> list[ClusterInput]:
    """Say what is read: local files are grouped by their schemas, since a column may have another type in each.

    Raises
    ------
    InputError
        A place does not exist, is no Parquet, or holds nothing.
    """
    found = [one for place in places for one in _inputs_at(place)]
    if not found:
        raise InputError("ingest.nothing-to-read")
    return found


def _inputs_at(place: str) -> list[ClusterInput]:
    for prefix, kind in ((DELTA, "delta"), (TABLE, "table")):
        if place.startswith(prefix):
            rest = place.removeprefix(prefix)
            return [ClusterInput(name=_last(rest), places=(rest,), kind=kind)]
    if "://" in place:
        return [ClusterInput(name=_last(place), places=(place,), kind="parquet")]
    path = Path(place)
    if not path.exists():
        raise InputError("ingest.no-such-path", path=place)
    if (path / LOG).is_dir():
        size = sum(one.stat().st_size for one in path.rglob("*.parquet"))
        place, version = str(path.absolute()), _version(path / LOG)
        return [ClusterInput(name=path.name, places=(place,), kind="delta", n_bytes=size, version=version)]
    return _by_schema(path)


def _version(log: Path) -> int:
    return max((int(one.stem) for one in log.glob("*.json") if one.stem.isdigit()), default=-1)


def _last(place: str) -> str:
    return place.rstrip("/").rsplit("/", 1)[-1]


def _by_schema(path: Path) -> list[ClusterInput]:
    groups: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for file in _files(path):
        groups.setdefault(_schema(file), []).append(file)
    return [
        ClusterInput(
            name=files[0].name if len(files) == 1 else f"{path.name}/{files[0].name}",
            places=tuple(str(file.absolute()) for file in files), kind="parquet",
            n_bytes=sum(file.stat().st_size for file in files), n_rows=sum(_n_rows(file) for file in files),
        )
        for files in groups.values()
    ]  # fmt: skip


def _files(path: Path) -> list[Path]:
    """Return a file, or what a folder holds; what engines put beside their data is hidden or begins with a bar."""
    if path.is_file():
        return [path]
    found = [one for one in sorted(path.rglob("*")) if one.is_file()]
    return [one for one in found if not any(part[0] in "._" for part in one.relative_to(path).parts)]


def _schema(file: Path) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((name, str(dtype)) for name, dtype in pl.read_parquet_schema(file).items())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError("cluster.not-parquet", hint="cluster.hint-parquet", path=str(file), name=file.name) from error


def _n_rows(file: Path) -> int:
    return int(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item())
