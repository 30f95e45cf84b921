"""The page: what was measured, with numbers and intervals, where the method fails, and what is not covered."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from dideban import __version__
from dideban.config import Config
from dideban.proof import METHOD_VERSION
from dideban.validation.figures import draw_evasion, draw_power, draw_variants
from dideban.validation.gather import Run
from dideban.validation.model import PARTS, Job, Result, Size
from dideban.validation.page_aims import aims, failures, worse
from dideban.validation.page_joint import joint_section
from dideban.validation.page_real import real_section, runtime_section
from dideban.validation.page_streams import (
    cases_section,
    evasion_section,
    framing_section,
    null_section,
    own_section,
    power_section,
    variants_section,
)
from dideban.validation.tally import cells_of, read_previous
from dideban.validation.words import join, percent

PAGE = "validation.md"
FULL_SEEDS = 100
FIGURES = {
    "validation-power.svg": draw_power,
    "validation-evasion.svg": draw_evasion,
    "validation-variants.svg": draw_variants,
}
TEXT = (
    "How well posts that carry one message in other words are told from posts that only look alike is measured on "
    "10,500 labelled pairs in English, Persian and Arabic, beside exact match, MinHash and SimHash, with the errors: "
    "[near-duplicate text](validation-text.md). How it works: [text](text.md)."
)
ABLATION = (
    "One thing changed at a time, on the same streams; the error rate asked for is 5% throughout. Streams are half as "
    "large as above and hold groups near the limit: 5 or 8 accounts with 4, 6 or 8 hidden operations within 40 s, and "
    "slow ones of 8 accounts with 12 or 18 operations within 10 min or 1 h. *Scales 60 s only* tests one window. *No "
    "habits* keeps the null in which all placements are equally likely and drops those in which a group has its own "
    "quickness, hour, minute or origin. *Followers of one origin kept* lets them be findings. *1* and *4 divisions* "
    "change how often time is divided (2). *One bet* replaces the mixture of alternatives by a single one. *Proposals "
    "by count only* or *by excess only* leave out one source of proposals. A step that buys little power may still be "
    "there for the error rate, and the other way round. Constants are set for the length of the measurement; the code "
    "is as it is."
)
NOT_COVERED = """
- Simulated streams obey the laws of [simulation](simulation.md), chosen by hand to be awkward, not fitted to a
  platform. An error rate measured on them promises nothing about a stream that breaks the null hypothesis in a way that
  no crowd here does. Exchanged copies of real data test the code and the search for groups, not the null hypothesis.
- The crowds were at hand while the method was developed, and some of its steps exist because of them. That none of them
  is found is partly by design. Parameters of the crowds were set until the previous method failed on clocks; no crowd
  was made by somebody who had not seen the method.
- Accounts that are told something at the same moment by a channel outside the data (a call on another network, a
  broadcast) act in concert in time. The test is right about that and cannot know that it is innocent.
- Names within one finding hang together. Intervals for names treat them as independent and are too narrow; the count
  of streams that name an innocent account is the safer figure.
- Real sets without complete truth give no error rate. None of them mixes a known campaign with ordinary accounts of the
  same place and time, which would be the test that matters most.
- Plants are stationary and of one kind of object; power on several kinds at once, or on campaigns that change their
  members, is not measured here.
- Several plants share a stream to save time. The column *alone* corrects for that only in the last step (e-BH).
- Intervals are for each figure by itself, not for all at once. Streams of one part share their seeds between variants,
  so that differences between variants are less uncertain than the intervals suggest.
- The adversaries know the method as it is described, not its seed or its division of the data; none of them searches
  for its weakest point by running it.
"""


def write_page(
    results: Mapping[str, Result], jobs: Sequence[Job], *, size: Size, out: Path, images: Path | None, digest: str
) -> Path:
    """Write the page and its figures; return the path of the page.

    Parameters
    ----------
    results : by key of the job
        Parts without results say so on the page.
    out : folder
        Of the page.
    images : folder or None
        Of the figures; None = ``images`` beside ``out``.
    digest : str
        Of the code that was measured.
    """
    run = Run(jobs=jobs, results=results)
    folder = images or out.parent / "images"
    for name, draw in FIGURES.items():
        draw(run, folder / name)
    out.mkdir(parents=True, exist_ok=True)
    path = out / PAGE
    path.write_text(render(run, size=size, digest=digest) + "\n", "utf-8", newline="\n")
    return path


def render(run: Run, *, size: Size, digest: str) -> str:
    """Return the page as Markdown."""
    cells = cells_of(run)
    before, source = read_previous()
    return join(
        "# Validation",
        "Written by `make validate`; every figure comes from the runs it describes. Shares are given with exact "
        "95% intervals (Clopper and Pearson 1934), means over streams with bootstrap intervals over whole streams. "
        "False claims are counted twice: for groups (findings) and for names (accounts in findings).",
        _caution(size, run),
        "## Aims and figures",
        aims(run, cells, before),
        "## What was run",
        _setting(run, size, digest),
        "## Nothing planted",
        null_section(run, cells, before),
        "## Framing",
        framing_section(cells, before),
        "## Planted groups",
        power_section(run, cells, before),
        "### Content of their own",
        own_section(cells, before),
        "### One day, always first, always as late, two in lockstep",
        cases_section(cells, before),
        joint_section(run),
        "## Real data",
        real_section(run, before),
        "## What each step buys",
        ABLATION,
        variants_section(run, "ablation"),
        "## How much the constants matter",
        variants_section(run, "sensitivity"),
        "![Share of planted groups found under every variant](../images/validation-variants.svg)"
        if run.of("ablation") or run.of("sensitivity")
        else "",
        "## The cost of evasion",
        "Groups of 10 accounts with 20 operations, half of them on popular objects, try not to be found; what the "
        "adversaries do, and how reach is measured, is in [simulation](simulation.md). Streams are a third as "
        "large, with three groups each. *Found* asks for half of the members in one finding: a campaign in cells can "
        "only be found cell by cell, which does not count; its members named do.",
        evasion_section(cells, before),
        "## Runtime",
        runtime_section(run),
        "## Text",
        TEXT,
        "## Where it fails",
        failures(run, cells),
        "## What got worse",
        worse(cells, before, source),
        "## What is not covered",
        NOT_COVERED,
    )


def _caution(size: Size, run: Run) -> str:
    if size.name != "full":
        return f"**A trial run ({size.name}): far too little was measured to say anything. Run `make validate`.**"
    short = {
        part: (n, wanted)
        for part, wanted in (("null", size.null_seeds), ("framing", size.framing_seeds), ("power", size.power_seeds))
        if (n := len({job.params["seed"] for job in run.jobs_of(part)})) < FULL_SEEDS
    }
    if not short:
        return ""
    listed = ", ".join(f"{part} {n}" for part, (n, _) in short.items())
    return (
        f"**A shortened run: {FULL_SEEDS} seeds are meant to be measured for each of these parts, and were not "
        f"(seeds measured: {listed}). Intervals are wide; read them.**"
    )


def _setting(run: Run, size: Size, digest: str) -> str:
    config = Config()
    names = ("numpy", "polars", "numba", "scipy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    measured = [job for job in run.jobs if job.key in run.results]
    parts = {
        part: [job for job in measured if job.part == part] for part in PARTS if any(j.part == part for j in run.jobs)
    }
    listed = "; ".join(f"{part} {len(some)} of {sum(j.part == part for j in run.jobs)}" for part, some in parts.items())
    seeds = sorted({job.params["seed"] for job in measured if "seed" in job.params})
    shown = ", ".join(f"{a} to {b}" if b > a else f"{a}" for a, b in _runs(seeds))
    return "\n".join(
        [
            f"- Dideban {__version__}, method `{METHOD_VERSION}`, code digest `{digest}`, settings digest "
            f"`{config.digest()}`: the defaults, without shuffled copies unless said.",
            f"- Python {platform.python_version()}, {versions}.",
            f"- Scales {', '.join(f'{s:g}' for s in config.proof.scales_s)} s; {config.proof.n_splits} divisions of "
            f"time, each both ways round; false discovery rate {percent(config.fdr)}.",
            f"- Streams of {size.n_accounts:,} accounts and {size.n_shares:,} shares over 14 days for hidden and slow "
            "plants and where a crowd is called large; a quarter of that for crowds, framing and cases, half for "
            "content of their own, a third for evasion.",
            f"- Measurements: {listed}.",
            f"- Seeds of streams: {shown or 'none'}; the seed of the method is {config.seed}.",
        ]
    )


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
