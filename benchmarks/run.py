"""Time and memory by data size: runs every ``bench_*.py`` beside this file and prints a table.

    python benchmarks/run.py [--scale small|full] [--only coshare] [--page] [--check] [--json FILE] [--record NOTE]

A benchmark is a module with ``def run(scale: str) -> list[dict]``: one dictionary per row of its table. ``small`` ends
within about a minute; ``full`` is what the documentation quotes.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
HISTORY = HERE.parent / "docs" / "benchmark-history.md"


def load(path: Path) -> ModuleType:
    """Import a benchmark by its file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def table(rows: list[dict]) -> str:
    """Rows as aligned text."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def history_line(name: str, row: dict, *, note: str, version: str, day: str) -> str:
    """Return the line of ``docs/benchmark-history.md`` for one row of a benchmark."""
    size_name = next((key for key in ("posts", "shares", "traces", "n") if key in row), "")
    seconds = next((row[key] for key in ("processor_s", "cpu_s", "seconds") if key in row), None)
    mib = next((row[key] for key in ("peak_mib", "peak_mb") if key in row), None)
    cells = [
        day,
        version,
        name,
        f"{row[size_name]:,} {size_name}" if size_name else "",
        _cell(seconds) if seconds is not None else "",
        f"{mib / 1024:.1f} GiB" if mib is not None else "",
        note,
    ]
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"


def record(results: dict[str, list[dict]], note: str) -> None:
    """Append one line per measured row to the history."""
    import dideban

    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    with HISTORY.open("a", encoding="utf-8", newline="\n") as page:
        for name, rows in results.items():
            page.writelines(history_line(name, row, note=note, version=dideban.__version__, day=day) for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description="Time and memory by data size.")
    parser.add_argument("--scale", choices=["small", "full"], default="small")
    parser.add_argument("--only", default="", help="part of a benchmark's name")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    parser.add_argument("--page", action="store_true", help="rewrite docs/benchmarks.md with the rows")
    parser.add_argument("--check", action="store_true", help="fail where a benchmark is slower than docs/benchmarks.md")
    parser.add_argument("--record", metavar="NOTE", help="append the rows to docs/benchmark-history.md, with a note")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    import page
    import yardstick

    results = {}
    for path in sorted(HERE.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if options.only in name:
            start = time.perf_counter()
            before = yardstick.measure()
            rows = load(path).run(options.scale)
            results[name] = page.with_yards(rows, (before + yardstick.measure()) / 2)
            print(
                f"\n{name} ({options.scale}, {time.perf_counter() - start:.0f} s)\n{table(results[name])}", flush=True
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    if options.record is not None:
        record(results, options.record)
    code = page.say_regressions(results) if options.check else 0
    if options.page:
        page.keep(results, scale=options.scale, day=datetime.datetime.now(datetime.UTC).date().isoformat())
    return code


if __name__ == "__main__":
    sys.exit(main())
