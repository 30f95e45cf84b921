"""What intake hands from hand to hand: raw blocks, the account of a file, the account of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from dideban.errors import InputError
from dideban.ingest.reasons import CUT, REASONS
from dideban.messages.message import NOTHING, Message, Value
from dideban.schema import REJECTS

ROW = "__row"
"""Column of a raw block that carries the row number, 1-based, header not counted."""
NO_ROWS = Message("ingest.header-no-rows")


class UnusableError(InputError):
    """A whole file that cannot be used, with the reason slug that REJECTS gets."""

    def __init__(
        self, message: str | Message, /, *, slug: str, hint: str | Message = NOTHING, path: str = "", **values: Value
    ) -> None:
        super().__init__(message, hint=hint, path=path, **values)
        self.slug = slug


@dataclass
class Block:
    """Some rows of a file as they stand there, and those that could not be split into fields."""

    frame: pl.DataFrame
    """Raw columns and ROW (Int64)."""
    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Row, column, reason, value."""
    passed: Counter[str] = field(default_factory=Counter)
    """Kind to count of records that are whole but are not posts (likes, service messages): counted, not kept."""
    said: Counter[str] = field(default_factory=Counter)
    """Note to count of rows it is about."""

    @property
    def n_rows(self) -> int:
        """Rows that came in."""
        return self.frame.height + len(self.rejects)


@dataclass(frozen=True)
class InputFile:
    """One file as it was read."""

    name: str
    sha256: str
    n_bytes: int
    n_rows: int
    shape: str
    mapping: dict[str, str]
    notes: list[Message]
    passed: dict[str, int] = field(default_factory=dict)
    """Kind to count of records that are no posts."""


@dataclass(frozen=True)
class Intake:
    """What a run of intake did: ``n_rows == n_posts + n_duplicates + n_rejects`` always."""

    posts_path: Path
    n_posts: int
    n_rows: int
    n_rejects: int
    n_duplicates: int
    reject_reasons: dict[str, int]
    rejects_path: Path
    files: list[InputFile]
    time_resolution_s: float
    """Coarsest unit that nearly all times are multiples of, seconds."""
    passed: dict[str, int] = field(default_factory=dict)
    """Kind to count of records that are whole but are no posts: they are no rows."""


def reject_frame(source: str, rejects: Iterable[tuple[int, str, str, str]]) -> pl.DataFrame:
    """Turn (row, column, reason, value) into REJECTS, values cut short."""
    rows = [(source, row, column, reason, value[:CUT]) for row, column, reason, value in rejects]
    unknown = {row[3] for row in rows} - set(REASONS)
    if unknown:
        raise AssertionError(f"reasons without a meaning: {sorted(unknown)}")
    return pl.DataFrame(rows, schema=REJECTS.dtypes, orient="row")
