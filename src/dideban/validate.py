"""``python -m dideban.validate``: measure error, power, cost, runtime and text; write the validation pages."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from dideban import __version__, validation
from dideban.progress import SilentStage
from dideban.proof import METHOD_VERSION
from dideban.validation import PARTS, Job, make_plan, run_jobs, write_page, write_text_page
from dideban.validation.effect_run import MEASURES, REAL, measure_part, measure_real
from dideban.validation.gather import Run
from dideban.validation.model import SIZES, Result, at_most
from dideban.validation.page import PAGE
from dideban.validation.page_effect import TIMES, write_effect_page
from dideban.validation.page_joint import kept_section, with_section
from dideban.validation.run import code_digest, kept_results
from dideban.validation.tally import as_previous, cells_of
from dideban.validation.tally_joint import KEPT, kept_text, read_kept, tally_joint


class Ticker(SilentStage):
    """Progress on standard error: one line per finished job."""

    def __init__(self) -> None:
        self._total, self._done, self._start = 0, 0, time.monotonic()

    def stage(self, name: str, *, total: int | None = None, unit: str = "rows") -> Self:
        """Open a stage."""
        self._total, self._done, self._start = total or 0, 0, time.monotonic()
        self._say(f"{name}: {self._total} {unit}")
        return self

    def advance(self, n: int = 1, *, rejects: int = 0) -> None:
        """Describe how far it is and how long it may take."""
        self._done += n
        spent = time.monotonic() - self._start
        left = spent / self._done * (self._total - self._done)
        self._say(f"{self._done}/{self._total}, {spent:,.0f} s, about {left:,.0f} s left")

    def _say(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line of this module."""
    options = _parser().parse_args(arguments)
    size = at_most(SIZES[options.scale], options.seeds)
    digest = code_digest()
    shared = options.shared if options.shared.is_dir() else None
    if options.only_effect:
        return _effect(options, shared)
    if shared is None:
        sys.stderr.write("no folder of real sets: that part is left out\n")
    parts = ["joint"] if options.only_joint else options.parts
    jobs = make_plan(size, parts=parts, shared=shared)
    work = options.work / f"{size.name}-{digest}"
    if options.no_measuring:
        results = kept_results(jobs, work=work)
    else:
        results = run_jobs(jobs, work=work, processes=options.processes, progress=Ticker())
    if options.only_joint:
        sys.stdout.write(f"{write_joint(Run(jobs=jobs, results=results), out=options.out, digest=digest)}\n")
        return 0
    if options.keep_counts:
        options.keep_counts.write_text(counts_text(jobs, results, digest=digest), "utf-8", newline="\n")
    page = write_page(results, jobs, size=size, out=options.out, images=options.images, digest=digest)
    sys.stdout.write(f"{page}\n")
    if not options.no_measuring:
        sys.stdout.write(f"{write_text_page(options.out, n_per_kind=250 if size.name == 'full' else 20)}\n")
    return 0


def _effect(options: argparse.Namespace, shared: Path | None) -> int:
    """Measure the page on effects, or parts of it, and write it from all that is kept of this version of the method."""
    n_seeds, work = options.seeds or 40, options.work / "effect"
    for part in [] if options.no_measuring else options.effect_parts or [*MEASURES, REAL]:
        if part != REAL:
            n = n_seeds * TIMES if part == "alone" else n_seeds
            measure_part(part, seeds=range(1, n + 1), work=work, say=_say_line)
        elif shared is not None:
            measure_real(shared, work=work, say=_say_line)
    sys.stdout.write(f"{write_effect_page(options.out, work=work)}\n")
    return 0


def _say_line(text: str) -> None:
    sys.stderr.write(text + "\n")


def write_joint(run: Run, *, out: Path, digest: str) -> Path:
    """Keep the counts of several rooms, and write them into the page, whose other sections stay; return the page."""
    page = out / PAGE
    if rows := tally_joint(run):
        (Path(validation.__file__).parent / KEPT).write_text(kept_text(rows, digest=digest), "utf-8", newline="\n")
    page.write_text(with_section(page.read_text("utf-8"), kept_section(read_kept())), "utf-8", newline="\n")
    return page


def counts_text(jobs: Sequence[Job], results: Mapping[str, Result], *, digest: str) -> str:
    """Return the counts of a run with what they come from, as the page of a later method reads them."""
    run = Run(jobs=jobs, results=results)
    seeds = {part: len({job.params["seed"] for job in run.jobs_of(part) if "seed" in job.params}) for part in PARTS}
    shown = ", ".join(f"{part} {n}" for part, n in seeds.items() if n)
    source = {"method": METHOD_VERSION, "version": __version__, "digest": digest, "seeds": f"seeds: {shown}"}
    return as_previous(cells_of(run), source)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dideban.validate", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/methods"), help="folder of validation.md")
    parser.add_argument("--images", type=Path, default=None, help="folder of figures (default: ../images beside --out)")
    parser.add_argument("--scale", choices=sorted(SIZES), default="full", help="how much is measured")
    parser.add_argument("--seeds", type=int, default=None, help="seeds of every part, at most")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="which parts")
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="folder of the real sets")
    parser.add_argument("--work", type=Path, default=Path("build/validation"), help="results kept between runs")
    parser.add_argument("--processes", type=int, default=2, help="jobs at a time")
    parser.add_argument("--keep-counts", type=Path, default=None, help="write the counts here, for later methods")
    parser.add_argument("--only-effect", action="store_true", help="only the page on effects of responses")
    parser.add_argument(
        "--effect-parts",
        nargs="+",
        choices=sorted([*MEASURES, REAL]),
        default=[],
        help="with --only-effect: measure these only",
    )
    parser.add_argument("--only-joint", action="store_true", help="only the section on several rooms")
    parser.add_argument("--no-measuring", action="store_true", help="write the page from what is kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
