"""Runs in a process of its own: reads Parquet and XLSX, whose compiled readers may die of damaged files.

Started by file name, not as part of the package, so that it is up in a fraction of a second: it imports nothing of
Dideban. One request a line on stdin, answers a line each on stdout, both JSON; rows go through Arrow files in the
scratch folder of the run, never more than AHEAD of them at a time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

ROW = "__row"
DEEPEST = 3
"""Steps to a column inside others at most."""
AHEAD = 2
"""Files written before one of them must have been taken."""
ROWS_PER_BLOCK = 50_000
"""Rows of a sheet in one file."""
HEADERS = 12
LAST_HEADER = 50
"""Place of the last row that may be a header."""
EPOCH = dt.datetime(1899, 12, 30)
SERIALS = (20_000.0, 60_000.0)
"""Numbers in a time column that are days since 1899: 1954 to 2064."""


class DiskError(Exception):
    """The rows could not be handed over."""


def parquet_columns(request: dict[str, Any]) -> dict[str, Any]:
    """Name the columns and count the rows, as the file claims them."""
    scan = pl.scan_parquet(Path(request["path"]), glob=False)
    return {"columns": list(paths(scan.collect_schema())), "n_rows": int(scan.select(pl.len()).collect().item())}


def paths(schema: Mapping[str, Any], prefix: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Return columns, those inside others by their path: ``author.username`` and the steps to it."""
    found: dict[str, tuple[str, ...]] = {}
    for name, dtype in schema.items():
        steps = (*prefix, name)
        if isinstance(dtype, pl.Struct) and len(steps) < DEEPEST:
            found.update(paths({one.name: one.dtype for one in dtype.fields}, steps))
        else:
            found[".".join(steps)] = steps
    return found


def column_at(steps: tuple[str, ...]) -> pl.Expr:
    """The column that a path leads to."""
    column = pl.col(steps[0])
    for step in steps[1:]:
        column = column.struct.field(step)
    return column


def parquet_frames(request: dict[str, Any]) -> Iterator[pl.DataFrame]:
    """Yield the columns asked for, renamed as asked, so many rows at a time."""
    scan = pl.scan_parquet(Path(request["path"]), glob=False)
    at = paths(scan.collect_schema())
    scan = scan.select(column_at(at[source]).alias(name) for name, source in request["columns"].items())
    if request.get("limit"):
        scan = scan.head(request["limit"])
    if request.get("empty"):  # a table without rows is a table too
        yield scan.head(0).collect()
    row = 1
    for batch in scan.collect_batches(chunk_size=request["chunk_rows"], maintain_order=True, lazy=True):
        rows = pl.int_range(row, row + batch.height, dtype=pl.Int64, eager=True)
        row += batch.height
        yield batch.with_columns(rows.alias(ROW)) if request["numbered"] else batch


def open_book(path: str, *, _held: dict[str, Any] = {}) -> Any:  # noqa: B006 - the last workbook is kept
    """Open a workbook, or return it where it was the last one."""
    from python_calamine import CalamineWorkbook

    if path not in _held:
        _held.clear()
        _held[path] = CalamineWorkbook.from_path(path)
    return _held[path]


def sheets(request: dict[str, Any]) -> dict[str, Any]:
    """Name the sheets, each with the place and the names of its header."""
    book = open_book(request["path"])
    found = []
    for name in book.sheet_names:
        heads = headers(book.get_sheet_by_name(name).iter_rows())
        found.append({"name": name, "heads": heads})
    return {"sheets": found}


def headers(rows: Iterator[list[Any]]) -> list[tuple[int, list[str]]]:
    """Return the first rows with two filled cells, each with its place and its cells as names: one is the header."""
    found: list[tuple[int, list[str]]] = []
    for place, row in enumerate(rows):
        if sum(cell not in ("", None) for cell in row) > 1:
            found.append((place, column_names(row)))
        if place > LAST_HEADER or len(found) == HEADERS:
            break
    return found


def column_names(row: list[Any]) -> list[str]:
    """Return column names: stripped, unnamed ones numbered, repeated ones told apart."""
    names: list[str] = []
    for place, cell in enumerate(row, start=1):
        name = str(cell).strip() or f"column_{place}"
        while name in names:
            name += "_"
        names.append(name)
    return names


def sheet_frames(request: dict[str, Any]) -> Iterator[pl.DataFrame]:
    """Yield the rows below the header as text columns; empty rows are passed over."""
    names: list[str] = request["columns"]
    time_at = names.index(request["time_column"]) if request["time_column"] in names else -1
    schema: dict[str, pl.DataType] = {**dict.fromkeys(names, pl.String()), ROW: pl.Int64()}
    held: list[list[Any]] = []
    row = 0
    for place, cells in enumerate(open_book(request["path"]).get_sheet_by_name(request["sheet"]).iter_rows()):
        if place <= request["skip"] or all(cell in ("", None) for cell in cells):
            continue
        row += 1
        if request.get("limit") and row > request["limit"]:
            break
        held.append([*(cell_text(cell, is_time=i == time_at) for i, cell in enumerate(cells)), row])
        if len(held) >= ROWS_PER_BLOCK:
            yield pl.DataFrame(held, schema=schema, orient="row")
            held = []
    yield pl.DataFrame(held, schema=schema, orient="row")


def cell_text(cell: Any, *, is_time: bool) -> str | None:
    """Return a cell as text: whole numbers without a point, moments as ISO, serial dates where a time is due."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        if is_time and SERIALS[0] <= cell < SERIALS[1]:
            moment = EPOCH + dt.timedelta(days=float(cell))
            return (moment + dt.timedelta(microseconds=500)).replace(microsecond=0).isoformat()
        return str(int(cell)) if float(cell).is_integer() else repr(cell)
    return str(cell)


def answer(request: dict[str, Any]) -> None:
    """Answer one request: facts at once, rows as files."""
    facts = {"parquet-columns": parquet_columns, "sheets": sheets}
    if request["op"] in facts:
        say(facts[request["op"]](request))
        return
    frames = {"parquet": parquet_frames, "sheet": sheet_frames}[request["op"]](request)
    taken = written = 0
    for frame in frames:
        path = Path(f"{request['out']}{written}.arrow")
        try:
            frame.write_ipc(path)
        except Exception as error:
            raise DiskError(str(error)) from error
        say({"file": str(path)})
        written += 1
        while written - taken >= AHEAD:
            if not sys.stdin.readline():
                sys.exit(0)  # no one is there any more
            taken += 1
    say({"n_files": written})
    for _ in range(written - taken):
        sys.stdin.readline()


def say(message: dict[str, Any]) -> None:
    """Write one answer."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def be_careful(memory: int) -> None:
    """Bound memory, leave no core dump, show no window, and leave Ctrl-C to the parent."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(0x0003)


def main() -> None:
    """Answer requests until no one asks any more."""
    be_careful(int(sys.argv[1]))
    say({"ready": True})
    for line in sys.stdin:
        try:
            answer(json.loads(line))
        except BaseException as error:  # a panic of a compiled library is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit | BrokenPipeError):
                raise
            say({"error": " ".join(str(error).split())[:200], "disk": isinstance(error, DiskError)})


if __name__ == "__main__":
    main()
