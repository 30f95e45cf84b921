"""Change one line at a time and see whether a test fails.

python scripts/mutants.py                     run every mutant, write docs/mutation-checks.md
python scripts/mutants.py --area proof        only some; prints the table, writes nothing
python scripts/mutants.py --list              what would run

``scripts/mutation/mutants.toml`` lists the mutants: a line of the program, what it is changed to, and the tests that
must notice. A mutant that no test notices has to say why.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "scripts" / "mutation" / "mutants.toml"
PAGE = ROOT / "docs" / "mutation-checks.md"
LIMIT_S = 900
"""Longest time for the tests of one mutant; one that takes longer counts as noticed: it hangs."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One changed line."""

    area: str
    module: str
    what: str
    """What the changed program does wrong, in words."""
    old: str
    new: str
    tests: list[str]
    survives: str = ""
    """Why no test can notice; empty = one must."""

    @property
    def path(self) -> Path:
        """File of the module."""
        base = ROOT / "src" / Path(*self.module.split("."))
        return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the tests said about a mutant."""

    mutant: Mutant
    killed: bool
    by: str
    """The first test that failed, or how the run ended."""
    seconds: float

    @property
    def expected(self) -> bool:
        """Whether it went as the list says."""
        return self.killed != bool(self.mutant.survives)


def read_mutants() -> list[Mutant]:
    """Return the list, in its order."""
    return [Mutant(**entry) for entry in tomllib.loads(LIST.read_text("utf-8"))["mutant"]]


def stale(mutants: list[Mutant]) -> list[str]:
    """Return what no longer fits the program: lines that are not there exactly once, tests that do not exist."""
    problems = []
    for one in mutants:
        count = one.path.read_text("utf-8").count(one.old) if one.path.exists() else 0
        if count != 1:
            problems.append(f"{one.module}: {count} times: {one.old}")
        problems += [f"{one.module}: no such test: {test}" for test in one.tests if not _exists(test)]
    return problems


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.exists() and (not name or all(part in file.read_text("utf-8") for part in name.split("::")))


def run(mutant: Mutant | None, tests: list[str], *, limit_s: float = LIMIT_S) -> tuple[bool, str]:
    """Run tests with one line changed; say whether one failed, and which.

    Parameters
    ----------
    mutant : Mutant or None
        None = the program as it is.
    tests : list of str
        Files, or files and names, as pytest takes them.
    """
    change = {"module": mutant.module, "old": mutant.old, "new": mutant.new} if mutant else None
    with tempfile.TemporaryDirectory(prefix="mutant-") as scratch:
        environment = {
            **os.environ,
            "MUTANT": json.dumps(change),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "scripts" / "mutation"), str(ROOT / "src")]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if mutant and ".kernels." in mutant.module:
            environment["NUMBA_CACHE_DIR"] = scratch
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-cov", *tests]
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit_s, check=False
            )
        except subprocess.TimeoutExpired:
            return True, f"no end within {limit_s:g} s"
    failed = next((line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))), "")
    name = failed.partition(" ")[2].split(" - ")[0].split("[")[0]
    if done.returncode == 0:
        return False, "nothing"
    return True, name or (done.stdout + done.stderr).strip().rpartition("\n")[2][:120]


def try_all(mutants: list[Mutant], *, jobs: int) -> Iterator[Outcome]:
    """Run every mutant, ``jobs`` at a time, in the order of the list."""

    def one(mutant: Mutant) -> Outcome:
        start = time.monotonic()
        killed, by = run(mutant, mutant.tests)
        return Outcome(mutant=mutant, killed=killed, by=by, seconds=time.monotonic() - start)

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, mutants)


def page(outcomes: list[Outcome]) -> str:
    """Return the page of documentation."""
    killed = sum(one.killed for one in outcomes)
    parts = [
        "# Mutation checks",
        "<!-- Written by scripts/mutants.py: run `make mutants`. -->",
        "A test-suite is only as good as the faults it notices. `make mutants` changes one line of the program at a "
        "time, in memory, and runs the tests that guard it. The lines are chosen where a fault would be worst: the "
        "proof, access to a room, intake of posts, and erasure.",
        f"{len(outcomes)} lines were changed; a test failed for {killed} of them.",
    ]
    for area in dict.fromkeys(one.mutant.area for one in outcomes):
        rows = [one for one in outcomes if one.mutant.area == area]
        parts.append(f"## {area.capitalize()}")
        parts.append("\n".join(["| module | the change | noticed by |", "| --- | --- | --- |", *map(_row, rows)]))
    survivors = [one for one in outcomes if not one.killed]
    if survivors:
        parts.append("## Not noticed, and why")
        parts.append(
            "\n".join(f"- {one.mutant.what} (`{one.mutant.module}`): {one.mutant.survives}" for one in survivors)
        )
    return "\n\n".join(parts) + "\n"


def _row(outcome: Outcome) -> str:
    by = f"`{outcome.by.rpartition('/')[2]}`" if outcome.killed else "nothing (see below)"
    return f"| `{outcome.mutant.module.removeprefix('dideban.')}` | {outcome.mutant.what} | {by} |"


def main() -> int:
    """Run the command line of this script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--area", help="only mutants of this area")
    parser.add_argument("--only", default="", help="part of the words or the module")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    chosen = [
        one for one in read_mutants()
        if options.area in (None, one.area) and options.only in f"{one.module} {one.what}"
    ]  # fmt: skip
    problems = stale(chosen)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems or options.list:
        print("\n".join(f"{one.area:8} {one.module}: {one.what}" for one in chosen))
        return 1 if problems else 0
    return report(chosen, jobs=options.jobs, whole=not options.area and not options.only)


def report(mutants: list[Mutant], *, jobs: int, whole: bool) -> int:
    """Run, print a line per mutant, write the page after a whole run; 0 if all went as the list says."""
    tests = list(dict.fromkeys(test for one in mutants for test in one.tests))
    broken, by = run(None, tests, limit_s=LIMIT_S * len(tests))
    if broken:
        print(f"the tests fail without any change: {by}", file=sys.stderr)
        return 1
    outcomes = []
    for one in try_all(mutants, jobs=jobs):
        word = "noticed " if one.killed else "SURVIVED"
        print(f"{word} {one.seconds:5.0f} s  {one.mutant.module}: {one.mutant.what}  [{one.by}]", flush=True)
        outcomes.append(one)
    if whole:
        PAGE.write_text(page(outcomes), "utf-8", newline="\n")
    return 0 if all(one.expected for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
