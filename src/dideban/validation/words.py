"""How numbers are written on the page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from dideban.validation.intervals import exact_interval, mean_interval


def rate(hits: float, tries: float) -> str:
    """Return ``hits/n = share (low to high)`` with the exact interval; both are whole numbers."""
    n_hits, n = round(hits), round(tries)
    if not n:
        return "not measured"
    low, high = exact_interval(n_hits, n)
    return f"{n_hits}/{n} = {percent(n_hits / n)} ({percent(low)} to {percent(high)})"


def count(number: float) -> str:
    """Return a whole number with commas."""
    return f"{round(number):,}"


def share_of(counts: Mapping[str, float] | None, hits: str, tries: str) -> str:
    """Return ``hits/n = share`` of counts, without an interval; - where nothing was counted."""
    if not counts or not counts.get(tries):
        return "-"
    return f"{count(counts[hits])}/{count(counts[tries])} = {percent(counts[hits] / counts[tries])}"


def mean(values: Sequence[float]) -> str:
    """Return the mean of shares with its bootstrap interval."""
    if not values:
        return "not measured"
    centre, low, high = mean_interval(values)
    return f"{percent(centre)} ({percent(low)} to {percent(high)})"


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal, none where it needs none."""
    text = f"{100 * share:.1f}".removesuffix(".0")
    return f"{text}%"


def average(values: Iterable[float], *, digits: int = 1) -> str:
    """Return a plain mean."""
    kept = list(values)
    return f"{sum(kept) / len(kept):,.{digits}f}" if kept else "-"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; cells may not hold line breaks or bars."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def join(*parts: str) -> str:
    """Return paragraphs set apart by empty lines, wrapped; empty ones are left out."""
    return "\n\n".join(_wrapped(part.strip()) for part in parts if part.strip())


def _wrapped(part: str) -> str:
    """Break the lines of a paragraph; tables, lists and what is broken already stay."""
    if "\n" in part or part.startswith(("|", "-", "#", "!")):
        return part
    return textwrap.fill(part, 118, break_long_words=False, break_on_hyphens=False)


NOT_MEASURED = "Not measured in this run."
