"""One readable part of a file: its shape, its mapping, and how its rows are reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dideban.config import IngestConfig
from dideban.ingest import columns
from dideban.ingest.dialects import is_time
from dideban.ingest.format import Shape
from dideban.ingest.model import Block, UnusableError
from dideban.ingest.sources import GENERIC, SHAPES
from dideban.ingest.subprocess_reader import Reader


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file, or one inside an archive or workbook, ready to be read."""

    name: str
    form: str
    """``csv``, ``ndjson``, ``json``, ``parquet`` or ``xlsx``."""
    columns: list[str]
    shape: Shape
    mapping: dict[str, str]
    blocks: Callable[[], Iterator[Block]]
    packing: str = "none"
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choices:
    """What the person settled beforehand, and who reads what may break its reader."""

    config: IngestConfig
    reader: Reader
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """Where there is room to unpack."""
        return self.reader.scratch


def choose(names: list[str], name: str, choices: Choices) -> tuple[Shape, dict[str, str]]:
    """Pick the shape of a table and the mapping of its columns.

    Raises
    ------
    UnusableError
        No columns for account and time.
    ConfigError
        What the person said names a column that is not there.
    """
    known = frozenset(names)
    shape = next((s for s in SHAPES if s.columns is not None and s.columns(known)), GENERIC)
    guessed = columns.guess_columns(names) if shape is GENERIC else shape.choose(known)
    mapping = columns.apply_map(choices.mapping, [*names, *shape.derived], guessed)
    missing = [target for target in ("account_id", "created_at") if target not in mapping]
    if missing:
        raise UnusableError(
            f"{name}: no column for {' and '.join(missing)} among: {', '.join(names[:15])}",
            slug="file-unmapped",
            hint=_no_header(names) or columns.suggest(missing, names, taken=mapping.values()),
            path=name,
        )
    return shape, mapping


def _no_header(names: list[str]) -> str:
    """Say how columns are named by place where what should be names looks like a row."""
    times = [place for place, cell in enumerate(names, start=1) if is_time(cell)]
    if not times:
        return ""
    other = next(place for place in (2, 1, 3) if place != times[0])
    return (
        "the first line looks like a row, not like names of columns; name them by place, "
        f"e.g. --map account_id={other} --map created_at={times[0]}"
    )
