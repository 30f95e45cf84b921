"""``docs/benchmarks.md`` from the figures in ``docs/benchmarks.json``, and the check of new figures against them."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
FIGURES, PAGE = DOCS / "benchmarks.json", DOCS / "benchmarks.md"
MOST = 1.25
"""A benchmark that takes this many times the yards it took is a regression."""
SIZES = ("posts", "shares", "traces", "n", "pictures")
HEAD = """\
<!-- Written by `make bench` from benchmarks.json. -->
# Benchmarks

Figures of the last run of each benchmark. **yards** are multiples of a fixed piece of work that was measured in the
same call (`benchmarks/yardstick.py`), so they can be compared between machines; seconds cannot, and clock seconds
depend on what else runs. **growth** is the factor to the size before. `make bench` measures again and rewrites this
page; `python benchmarks/run.py --check` measures and fails where a benchmark takes more than {most} times the yards
stated here. Earlier figures: [benchmark history](benchmark-history.md).
"""


def machine() -> str:
    """Name the machine: processor, cores, memory, system, Python."""
    return f"{_processor()}, {os.cpu_count()} cores, {_memory()}{platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB, "
    except (AttributeError, ValueError, OSError):
        return ""


def seconds_of(row: dict) -> float | None:
    """Processor seconds of a row, clock seconds where it has none."""
    return next((row[key] for key in ("processor_s", "cpu_s", "seconds") if row.get(key) is not None), None)


def with_yards(rows: list[dict], yard_s: float) -> list[dict]:
    """Give rows that took time their yards."""
    return [row if (s := seconds_of(row)) is None else {**row, "yards": round(s / yard_s, 2)} for row in rows]


def known() -> dict:
    """Read the figures of earlier runs."""
    return json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}


def keep(results: dict[str, list[dict]], *, scale: str, day: str) -> None:
    """Put new figures in the place of those of the same benchmarks, and write the page."""
    figures = known()
    for name, rows in results.items():
        figures[name] = {"scale": scale, "day": day, "machine": machine(), "rows": rows}
    FIGURES.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n", "utf-8", newline="\n")
    PAGE.write_text(render(figures), "utf-8", newline="\n")


def render(figures: dict) -> str:
    """Return the page."""
    parts = [HEAD.format(most=MOST)]
    for name, one in sorted(figures.items()):
        parts.append(f"## {name}\n\n{one['day']}, scale {one['scale']}: {one['machine']}.\n\n{_table(one['rows'])}\n")
    return "\n".join(parts)


def _table(rows: list[dict]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, ["---:"] * len(names), *([_cell(row.get(name)) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "/")


def regressions(results: dict[str, list[dict]], figures: dict) -> list[str]:
    """Say which benchmarks take more than MOST times the yards they took at the same size."""
    found = []
    for name, rows in results.items():
        before = {_size(row): row.get("yards") for row in figures.get(name, {}).get("rows", [])}
        for row in rows:
            yards, was = row.get("yards"), before.get(_size(row))
            if yards and was and yards > MOST * was:
                found.append(f"{name}, {_size(row)}: {yards:,.2f} yards, {yards / was:.2f} times the {was:,.2f} before")
    return found


def _size(row: dict) -> str:
    return next((f"{row[key]:,} {key}" for key in SIZES if key in row), "")


def say_regressions(results: dict[str, list[dict]]) -> int:
    """Print regressions and return the code to exit with."""
    found = regressions(results, known())
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0
