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
from dideban.validation.gather import Run, claims, false_shares, in_part, is_hidden, n_found, plants
from dideban.validation.intervals import exact_interval
from dideban.validation.model import PARTS, Job, Result, Size
from dideban.validation.page_real import behind, label, real_section, runtime_section
from dideban.validation.page_streams import (
    crowds_section,
    evasion_section,
    null_rows,
    null_section,
    power_section,
    variants_section,
)
from dideban.validation.words import join, mean, percent, rate, table

PAGE = "validation.md"
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
  no crowd here does. Shuffled copies of real data test the code and the search for groups, not the null hypothesis.
- The crowds were at hand while the method was developed, and some of its steps exist because of them, also some of
  the seeds. That none of them is found is partly by design; a crowd of another kind has not been tried.
- Accounts that are told something at the same moment by a channel outside the data (a call on another network, a
  broadcast) act in concert in time. The test is right about that and cannot know that it is innocent.
- Campaigns that share their objects with nobody are leads at best, and leads carry no error rate.
- Real sets without complete truth give no error rate. None of them mixes a known campaign with ordinary accounts of the
  same place and time, which would be the test that matters most.
- Plants are stationary and of one kind of object; power on several kinds at once, or on campaigns that change their
  members, is not measured here.
- Several plants share a stream to save time. The column *alone* corrects for that only in the last step (e-BH).
- Intervals are for each figure by itself, not for all at once. Streams of one part share their seeds between variants,
  so that differences between variants are less uncertain than the intervals suggest.
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
    return join(
        "# Validation",
        "Written by `make validate`; every figure comes from the runs it describes. Shares are given with exact "
        "95% intervals (Clopper and Pearson 1934), means over streams with bootstrap intervals over whole streams.",
        _caution(size),
        "## Aims and figures",
        _aims(run),
        "## What was run",
        _setting(run, size, digest),
        "## Nothing planted",
        null_section(run),
        crowds_section(run),
        "## Planted groups",
        power_section(run),
        "## Real data",
        real_section(run),
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
        "large. *In part* means that a finding is of the campaign, however few of its members it holds: a campaign in "
        "cells is found cell by cell. *Found* asks for half of the members in one finding, as above.",
        evasion_section(run),
        "## Runtime",
        runtime_section(run),
        "## Text",
        TEXT,
        "## Where it fails",
        _failures(run),
        "## What is not covered",
        NOT_COVERED,
    )


def _caution(size: Size) -> str:
    if size.name == "full":
        return ""
    return f"**A trial run ({size.name}): far too little was measured to say anything. Run `make validate`.**"


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
            f"- Streams of {size.n_accounts:,} accounts and {size.n_shares:,} shares over 14 days unless said "
            "otherwise.",
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


def _aims(run: Run) -> str:
    rows: list[Sequence[object]] = []
    for name, some in null_rows(run).items():
        if some:
            hits = sum(bool(claims(result)) for result in some)
            aim = "at most 5%" if name == "default crowds" else "none stated"
            reached = _below(hits, len(some)) if name == "default crowds" else "-"
            rows.append([f"null streams with any finding, {name}", aim, rate(hits, len(some)), reached])
    power = run.of("power")
    if power:
        shares = false_shares(power)
        wrong = sum(shares) / len(shares)
        rows.append(["false share among findings, mean", "at most 5%", mean(shares), "yes" if wrong <= 0.05 else "no"])
        hidden = plants(power, is_hidden)
        for label, least, low, high in (("12 or more", 0.9, 12, 99), ("8", 0.6, 8, 8)):
            some = [p for p in hidden if low <= p["operations"] <= high]
            got = n_found(some) / max(len(some), 1)
            what = f"hidden groups found, 5 or more accounts, {label} operations, within 40 s"
            rows.append([what, percent(least), rate(n_found(some), len(some)), "yes" if got >= least else "no"])
    for one in run.of("runtime"):
        ratio, ratio_all = (one["proof"] / max(one[name], 1e-9) for name in ("threshold", "threshold_all"))
        what = f"time at {one['n_traces']:,} traces by that of the threshold rule, one window (the same four)"
        reached = "yes" if ratio <= 3 else f"no{'; by the four yes' if ratio_all <= 3 else ''}"
        rows.append([what, "at most 3", f"{ratio:.1f} ({ratio_all:.1f})", reached])
    if not rows:
        return "Neither null streams nor plants were measured in this run."
    return table(["figure", "aim", "measured", "reached"], rows)


def _below(hits: int, n: int) -> str:
    high = exact_interval(hits, n)[1]
    if hits / n > 0.05:
        return "no"
    return "yes" if high <= 0.05 else f"yes; the interval reaches {percent(high)}"


def _failures(run: Run) -> str:
    """List what the numbers above say against the method."""
    lines = []
    hidden = plants(run.of("power"), is_hidden)
    for size, count, jitter in sorted({(p["size"], p["operations"], p["jitter_s"]) for p in hidden}):
        some = [p for p in hidden if (p["size"], p["operations"], p["jitter_s"]) == (size, count, jitter)]
        if n_found(some) < 0.5 * len(some):
            what = f"{size} accounts with {count} operations within {jitter:g} s"
            lines.append(f"- Hidden groups of {what}: more are missed than found, {rate(n_found(some), len(some))}.")
    slow = [p for p in plants(run.of("power")) if p["jitter_s"] > 40 and p["where"] == "popular"]
    for jitter in sorted({p["jitter_s"] for p in slow}):
        some = [p for p in slow if p["jitter_s"] == jitter]
        if n_found(some) < 0.5 * len(some):
            lines.append(f"- Groups that take {jitter:g} s to join: {rate(n_found(some), len(some))} found.")
    for name in sorted({job.params["adversary"] for job in run.jobs_of("evasion")}):
        free = _cheapest(run, name)
        if free:
            lines.append(free)
    for job in run.jobs_of("real"):
        result = run.results[job.key]
        if result.get("n_shuffled"):
            lines.append(
                f"- {label(job.name)}: {result['n_shuffled']} findings in shuffled copies, where none is true."
            )
        elif not result.get("absent") and not result["sizes"]:
            lines.append(f"- {label(job.name)}: nothing found.")
    lines += behind(run)
    return "\n".join(lines) or "Nothing in the figures above was below the aims."


def _cheapest(run: Run, name: str) -> str:
    """Say at which least strength an adversary is missed more often than not."""
    for strength in sorted({job.params["strength"] for job in run.jobs_of("evasion", adversary=name)} - {0.0}):
        results = run.of("evasion", adversary=name, strength=strength)
        hits, n = in_part(results)
        if hits < 0.5 * n:
            kept = sum(r["reach_kept"] for r in results) / len(results)
            extra = sum(r["extra_posts"] for r in results) / len(results)
            return (
                f"- `{name}` at strength {strength:g} goes unfound in {n - hits} of {n} cases and keeps "
                f"{percent(kept)} of its reach ({percent(extra)} more posts)."
            )
    return ""
