"""Simulated streams on disk, and campaigns written in one word."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import polars as pl

from dideban.errors import ConfigError, StoreError
from dideban.messages import cause_of
from dideban.simulate.model import WHERES, Plant, Stream

_PLANT = re.compile(r"(\d{1,6})x(\d{1,6})x(\d{1,7}(?:\.\d{1,6})?)(?::([a-z]+))?", re.ASCII)


def parse_plant(text: str) -> Plant:
    """Read ``8x12x40:popular``: accounts x operations x jitter in seconds, and where (popular unless said).

    Raises
    ------
    ConfigError
        The text is something else, or a number is out of range.
    """
    match = _PLANT.fullmatch(text.strip())
    if match is None or (match[4] or "popular") not in WHERES:
        raise ConfigError("simulate.plant-unreadable", hint="hint.plant", key="plant", value=text, wheres=WHERES)
    where = match[4] or "popular"
    return Plant(
        n_accounts=int(match[1]),
        n_operations=int(match[2]),
        jitter_s=float(match[3]),
        where=where,  # type: ignore[arg-type]
    )


def stream_files(path: Path) -> dict[str, Path]:
    """Return the files that belong to a stream written to ``path``, by what they hold."""
    stem = path.name.removesuffix(".parquet")
    names = {"traces": path.name, "truth": f"{stem}.truth.csv"}
    names |= {"objects": f"{stem}.objects.parquet", "operations": f"{stem}.operations.csv"}
    return {what: path.with_name(name) for what, name in names.items()}


def write_stream(path: Path, stream: Stream) -> dict[str, Path]:
    """Write traces to ``path``; truth, objects and operations beside it. All appear whole or not at all.

    Raises
    ------
    StoreError
        The folder cannot be written to.
    """
    files = stream_files(path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".stream-") as folder:
            for what, target in files.items():
                _write(getattr(stream, what), Path(folder) / what, csv=target.suffix == ".csv")
            for what, target in files.items():
                (Path(folder) / what).replace(target)
    except OSError as error:
        raise StoreError("file.not-written", path=str(path), reason=cause_of(error)) from error
    return files


def _write(frame: pl.DataFrame, path: Path, *, csv: bool) -> None:
    if csv:
        frame.write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    else:
        frame.write_parquet(path, compression="zstd")
