"""The page on how often the estimate of effects errs and what it sees."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np

from dideban.arrays import B1, I8
from dideban.effect.model import VERSION, EffectConfig
from dideban.validation.effect_run import (
    CHOICES,
    MOVES,
    REDUCTIONS,
    KeptReal,
    kept_part,
    kept_real,
    moves_of,
    tally_of,
    year_of,
)
from dideban.validation.effects import HORIZONS_H, SIZES, EffectTally
from dideban.validation.intervals import clustered_interval, exact_interval

TIMES = 5
"""So many times as many histories for one response alone: thousands that can be used."""
LEVEL = EffectConfig().level


def write_effect_page(out: Path, *, work: Path) -> Path:
    """Write the sections of ``validation-effect.md`` of which histories are kept in ``work``; the others stay.

    Each section says with which version of the method it was measured, and on how many histories.
    """
    path = out / "validation-effect.md"
    sections = _sections(path.read_text("utf-8") if path.is_file() else "")
    made = [_made_up(work), _real(work), *(_together(work, one) for one in REDUCTIONS), _covers(work), _chosen(work)]
    for head, *blocks in filter(None, [*made, _year(work), _moved(work)]):
        sections[head] = "\n\n".join(blocks)
    order = [head for head in ORDER if head in sections] + [head for head in sections if head not in ORDER]
    text = "\n\n".join([HEAD, *(f"{head}\n\n{sections[head]}" for head in order)])
    path.write_text(text + "\n", "utf-8", newline="\n")
    return path


def _sections(page: str) -> dict[str, str]:
    """Return the sections of a page by their headings."""
    parts = re.split(r"^(## .*)$", page, flags=re.MULTILINE)
    return {head: text.strip() for head, text in zip(parts[1::2], parts[2::2], strict=True)}


def _made_up(work: Path) -> list[str]:
    if not (histories := kept_part("alone", work=work)):
        return []
    table = PLACEBO_HEAD
    for horizon_h in HORIZONS_H:
        one = tally_of(histories, str(horizon_h))
        cells = (_clustered(*one.share(name)) for name in ("fewer", "more", "covered"))
        table += _line(f"{horizon_h} h", f"{one.n:,}/{one.asked:,}", *cells)
    return [MADE_UP, _measured(len(histories)), table]


def _real(work: Path) -> list[str]:
    if not (rows := kept_real(work=work)):
        return []
    table = REAL_HEAD + "".join(_real_line(row) for row in rows if row["targets"])
    silent = "; ".join(row["row"] for row in rows if row["n_asked"] and not row["targets"])
    said = [f"Nothing is said of: {silent}."] if silent else []
    return [REAL_TITLE, f"Method {VERSION}. {REAL}", table, *said]


def _real_line(row: KeptReal) -> str:
    fewer, more, large = (np.asarray(row[name], np.bool_) for name in ("fewer", "more", "large"))
    targets = np.asarray(row["targets"], np.int64)
    shares = (_clustered(one, targets) for one in (fewer, more, ~(fewer | more)))
    counts = f"{len(targets):,}/{row['n_asked']:,}", str(len(np.unique(targets)))
    return _line(row["row"], *counts, *shares, f"{fewer[large].mean():.1%} / {more[large].mean():.1%}")


def _together(work: Path, reduction: float) -> list[str]:
    if not (histories := kept_part(f"together-{reduction:g}", work=work)):
        return []
    table = POWER_HEAD
    for horizon_h, size in itertools.product(HORIZONS_H, SIZES):
        one = tally_of(histories, f"{horizon_h}|{size}")
        table += _line(f"{size} responses, {horizon_h} h", f"{one.n:,}", *_shares(one))
    return [TOGETHER_HEADS[reduction], f"{_measured(len(histories))} {TOGETHER}", table]


def _covers(work: Path) -> list[str]:
    """Return the coverage of all horizons and changes by number of responses."""
    parts = [one for reduction in REDUCTIONS if (one := kept_part(f"together-{reduction:g}", work=work))]
    if not parts:
        return []
    table = COVER_HEAD
    for size in SIZES:
        tallies = [tally_of(one, f"{horizon_h}|{size}") for one in parts for horizon_h in HORIZONS_H]
        shares = [tally.share("covered") for tally in tallies]
        hits, histories = (np.concatenate(part) for part in zip(*shares, strict=True))
        table += _line(str(size), f"{len(hits):,}", str(len(np.unique(histories))), _clustered(hits, histories))
    return [COVER_TITLE, f"{_measured(max(map(len, parts)))} {COVERS}", table]


def _chosen(work: Path) -> list[str]:
    table, n = "", 0
    for choice in CHOICES:
        if histories := kept_part(f"chosen-{choice}", work=work):
            n = len(histories)
            one = tally_of(histories, choice)
            table += _line(choice, f"{one.n:,}", *_shares(one))
    head = POWER_HEAD.replace("| responses |", "| chosen |")
    return [CHOICE_TITLE, f"{_measured(n)} {CHOICE}", head + table] if table else []


def _year(work: Path) -> list[str]:
    if not (histories := kept_part("year", work=work)):
        return []
    one = year_of(histories)
    said = YEAR.format(n=one.n, n_responses=round(one.n_responses / one.n), passed=_share(one.passed, one.n))
    return [YEAR_TITLE, f"Method {VERSION}. {said}"]


def _moved(work: Path) -> list[str]:
    table = ""
    for share in MOVES:
        if histories := kept_part(f"moves-{share:g}", work=work):
            one = moves_of(histories, share=share)
            pairs = ((one.fewer, one.n), (one.more, one.n), (one.fewer_pooled, one.n_pooled),
                     (one.more_pooled, one.n_pooled))  # fmt: skip
            table += _line(f"{share:.0%}", str(len(histories)), *(_share(*pair) for pair in pairs))
    return [MOVE_TITLE, f"Method {VERSION}. {MOVE}", MOVE_HEAD + table] if table else []


def _measured(n: int) -> str:
    return f"Method {VERSION}, {n:,} histories."


def _shares(one: EffectTally) -> list[str]:
    return [_clustered(*one.share(name)) for name in ("fewer", "more", "covered", "evidence")]


def _clustered(hits: B1, clusters: I8) -> str:
    """Write a share with its interval, of trials that repeat each other."""
    if not len(hits):
        return "-"
    low, high = clustered_interval(hits, clusters)
    return f"{hits.mean():.1%} ({low:.1%} to {high:.1%})"


def _share(n: int, all_: int) -> str:
    if not all_:
        return "-"
    low, high = exact_interval(n, all_)
    return f"{n / all_:.1%} ({low:.1%} to {high:.1%})"


def _line(*cells: str) -> str:
    return "\n| " + " | ".join(cells) + " |"


HEAD = """# Effects: error and power

<!-- Written by python -m dideban.validate --only-effect. -->

Each section says with which version of the method it was measured; what later ones changed is told in
[effect.md](effect.md). Each history has 300 targets over 90 days. Intervals in brackets cover 95%; responses of one
history, and of one real target, repeat each other, and the intervals are as much wider."""
MADE_UP, REAL_TITLE = "## Without an effect: made-up bursts", "## Without an effect: real series"
TOGETHER_HEADS = {
    0.0: "## Several responses together, without an effect",
    0.3: "## Several responses together, a reduction of 30%",
    0.5: "## Several responses together, a halving",
}
COVER_TITLE = "## Does the interval cover?"
CHOICE_TITLE = "## How targets are chosen, 30 responses without an effect"
YEAR_TITLE, MOVE_TITLE = "## Running evidence, followed for a year", "## Activity that moves elsewhere"
ORDER = (
    MADE_UP, REAL_TITLE, *TOGETHER_HEADS.values(), COVER_TITLE, CHOICE_TITLE, YEAR_TITLE, MOVE_TITLE,
)  # fmt: skip
REAL = (
    "Hourly posts of shared objects in published sets. Every target is answered 3, 4, ... 12 hours after it was "
    "noticed, one at a time: nothing happened, so nothing may be claimed. Small sets have few different placebos: all "
    "there are are counted, none twice. Given a set, one target of twenty has the smallest error by construction; the "
    "rows show that the code keeps to that with real counts, ties and gaps. The last column shows what happens where "
    "not every target is as likely to be picked: claims (fewer / more) among the fifth with the most posts at that "
    "moment. Where a tenth of the targets and more fell silent in the same way they tie, and their step of p counts in "
    "full: too few claims of fewer posts."
)
TOGETHER = (
    "The responses of a history are taken in turn: sixty, forty, fifteen by fifteen and so on, each compared with "
    "targets that got no response. Covers: the true change is refused on neither side."
)
COVERS = (
    "All horizons and changes together. Histories of one seed are the same bursts whatever the change: they count once."
)
CHOICE = (
    "`any`: at random. `drawn`: by a lot. `size`: the largest first. `dying`: a desk that knows which targets are "
    "about to fade and answers those. No estimate can tell the last from an effect; only the lot keeps it out."
)
YEAR = (
    "{n} histories of a year with 1,000 targets and {n_responses} responses that do nothing. The running evidence is "
    "looked at after every response. It ever passes 20 in {passed} of histories; at most 5% may."
)
MOVE = (
    "Histories of 60 days with 300 targets, 3,000 accounts with topics of their own, and 20 responses. A share of the "
    "accounts that were early with an answered target post once elsewhere within 48 hours. Pooled: all 20 together."
)
MOVE_HEAD = """| accounts that move | histories | one: fewer | one: more | pooled: fewer | pooled: more |
| --- | --- | --- | --- | --- | --- |"""
PLACEBO_HEAD = """| horizon | could be used | claimed fewer | claimed more | 90% interval covers |
| --- | --- | --- | --- | --- |"""
REAL_HEAD = """| set, horizon | used | targets | claimed fewer | claimed more | 90% interval covers | largest fifth |
| --- | --- | --- | --- | --- | --- | --- |"""
POWER_HEAD = """| responses | estimates | claimed fewer | claimed more | 90% interval covers | evidence 20 or more |
| --- | --- | --- | --- | --- | --- |"""
COVER_HEAD = """| responses | estimates | histories | 90% interval covers |
| --- | --- | --- | --- |"""
