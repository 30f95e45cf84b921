"""Measure effects history by history and keep each, so that a stopped run can resume and parts can run side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from dideban.effect.model import VERSION
from dideban.validation.effect_histories import MoveTally, YearTally, follow_for_a_year, moves
from dideban.validation.effect_placebos import every_placebo, real_series
from dideban.validation.effects import HORIZONS_H, EffectTally, chosen, placebos, together

REDUCTIONS = (0.0, 0.3, 0.5)
CHOICES = ("any", "drawn", "size", "dying")
MOVES = (0.0, 0.3, 1.0)
"""Shares of the early accounts that post elsewhere after a response."""
Kept = dict[str, dict[str, Any]]
"""What one history gave, by row of the page."""
KeptReal = dict[str, Any]
"""``row``, ``n_asked``, and for each placebo ``targets``, ``fewer``, ``more``, ``large``."""


def _alone(seed: int) -> Kept:
    return {str(horizon_h): asdict(tally) for horizon_h, tally in placebos([seed]).items()}


def _together(seed: int, *, reduction: float) -> Kept:
    return {f"{horizon_h}|{n}": asdict(one) for (horizon_h, n), one in together([seed], reduction=reduction).items()}


def _chosen(seed: int, *, choice: str) -> Kept:
    return {choice: asdict(chosen([seed], choice=choice))}


def _year(seed: int) -> Kept:
    return {"year": asdict(follow_for_a_year([seed]))}


def _moves(seed: int, *, share: float) -> Kept:
    return {f"{share:g}": asdict(moves([seed], share=share))}


MEASURES: dict[str, Callable[[int], Kept]] = {
    "alone": _alone,
    **{f"together-{one:g}": partial(_together, reduction=one) for one in REDUCTIONS},
    **{f"chosen-{one}": partial(_chosen, choice=one) for one in CHOICES},
    "year": _year,
    **{f"moves-{one:g}": partial(_moves, share=one) for one in MOVES},
}
"""What is measured, by the name of its part."""


REAL = "real"
"""The part that is measured on published sets."""


def measure_part(
    part: str, *, seeds: Sequence[int], work: Path, say: Callable[[str], None] = lambda _: None
) -> list[Kept]:
    """Return what each history of a part gave; those that are kept are not made again.

    Parameters
    ----------
    part : str
        Of MEASURES.
    seeds : sequence of int
    work : folder
        One file per part and version of the method, a line per history.
    """
    kept = _read(_path(part, work))
    work.mkdir(parents=True, exist_ok=True)
    with _opened(_path(part, work)) as file:
        for seed in (seed for seed in seeds if seed not in kept):
            kept[seed] = MEASURES[part](seed)
            file.write(json.dumps({"seed": seed, "gave": kept[seed]}) + "\n")
            file.flush()
            say(f"{part}, history {seed}")
    return [kept[seed] for seed in seeds]


def kept_part(part: str, *, work: Path) -> list[Kept]:
    """Return every history of a part that is kept, by seed; nothing is measured."""
    kept = _read(_path(part, work))
    return [kept[seed] for seed in sorted(kept)]


def measure_real(shared: Path, *, work: Path, say: Callable[[str], None] = lambda _: None) -> None:
    """Answer every target of the real sets, and keep what is claimed; rows that are kept are not made again."""
    done = {row["row"] for row in kept_real(work=work)}
    work.mkdir(parents=True, exist_ok=True)
    with _opened(_path(REAL, work)) as file:
        for name, series in real_series(shared):
            for horizon_h in HORIZONS_H:
                if (row := f"{name}, {horizon_h} h") not in done:
                    claims = every_placebo(series, horizon_h=horizon_h).claims()
                    file.write(json.dumps({"row": row, **claims}) + "\n")
                    file.flush()
                    say(row)


def kept_real(*, work: Path) -> list[KeptReal]:
    """Return what was claimed of real sets, a row for each set and horizon."""
    return [row for row in _lines(_path(REAL, work)) if "targets" in row]


def _opened(path: Path) -> TextIO:
    """Open a file to add lines; what a stopped run left half written ends there."""
    kept = path.read_bytes() if path.is_file() else b""
    is_cut = bool(kept) and not kept.endswith(b"\n")
    file = path.open("a", encoding="utf-8")
    file.write("\n" if is_cut else "")
    return file


def _path(part: str, work: Path) -> Path:
    return work / f"{VERSION}-{part}.jsonl"


def _read(path: Path) -> dict[int, Kept]:
    """Return the histories that are kept."""
    return {int(row["seed"]): row["gave"] for row in _lines(path) if "seed" in row and "gave" in row}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file; one that a stopped run left half written is measured again."""
    for line in path.read_text("utf-8").splitlines() if path.is_file() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def tally_of(histories: Sequence[Kept], row: str) -> EffectTally:
    """Add up the histories of one row."""
    found = EffectTally()
    for one in histories:
        found.asked += one[row]["asked"]
        for name in ("history", "fewer", "more", "covered", "evidence"):
            getattr(found, name).extend(one[row][name])
    return found


def year_of(histories: Sequence[Kept]) -> YearTally:
    """Add up the years."""
    return YearTally(**_sums([one["year"] for one in histories]))


def moves_of(histories: Sequence[Kept], *, share: float) -> MoveTally:
    """Add up the histories with one share of accounts that move."""
    return MoveTally(**_sums([one[f"{share:g}"] for one in histories]))


def _sums(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(int(row[name]) for row in rows) for name in rows[0]} if rows else {}


__all__ = [
    "MEASURES", "REAL", "kept_part", "kept_real", "measure_part", "measure_real", "moves_of", "tally_of", "year_of",
]  # fmt: skip
