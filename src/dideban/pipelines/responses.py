"""The table of responses: read with bounds, each row used or set aside with a reason."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dideban.errors import InputError
from dideban.ingest.times import read_times
from dideban.messages import Message, cause_of
from dideban.traces.urls import canonical_url

NEEDED = ("response", "target", "at", "horizon_h")
MAX_RESPONSES = 10_000
MAX_BYTES = 16 * 1024**2
MAX_TEXT = 2_000
SEPARATOR = "|"
"""Between the targets of one lot."""


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One response as the table says it."""

    name: str
    target: str
    at: str
    at_us: int
    """Microseconds since 1970, UTC."""
    horizon_h: int
    kind: str
    planned_us: int | None
    drawn_with: tuple[str, ...]
    odds: tuple[float, ...]


def read_responses(path: Path) -> tuple[list[TableRow], list[tuple[int, Message]]]:
    """Read a table of responses.

    Parameters
    ----------
    path : path
        CSV, UTF-8: ``response, target, at, horizon_h`` and, where known, ``kind``, ``planned_at``, ``drawn_with``
        (targets of the lot, separated by ``|``) and ``odds`` (their chances, in the same order).

    Returns
    -------
    rows, rejects : (row of the file from 1, reason)

    Raises
    ------
    InputError
        It is missing, too large, lacks a column or holds nothing that can be used.
    """
    rows = _rows(path)
    texts = {name: [str(row.get(name) or "").strip()[:MAX_TEXT] for row in rows] for name in (*NEEDED, "planned_at")}
    at, planned = _micros(texts["at"]), _micros(texts["planned_at"])
    found: list[TableRow] = []
    rejects: list[tuple[int, Message]] = []
    seen: set[tuple[str, int]] = set()
    for number, row in enumerate(rows, start=1):
        moment = at[number - 1]
        reason = _refused(row, moment, seen)
        if reason or moment is None:
            rejects.append((number, reason or Message("reject.time-unreadable")))
            continue
        seen.add((str(row["target"]).strip(), moment))
        found.append(_row(row, at_us=moment, planned_us=planned[number - 1], number=number))
    if not found:
        raise InputError("effect.no-response", hint="effect.target-columns", path=str(path))
    return found, rejects


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("effect.too-many", path=str(path), most=MAX_RESPONSES)
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise InputError("file.not-read", path=str(path), reason=cause_of(error)) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = [str(name).strip() for name in reader.fieldnames or []]
    reader.fieldnames = columns
    for name in NEEDED:
        if name not in columns:
            raise InputError("effect.target-none", hint="effect.target-columns", path=str(path), name=name)
    rows: list[dict[str, str]] = []
    try:
        for row in reader:
            if len(rows) == MAX_RESPONSES:
                raise InputError("effect.too-many", path=str(path), most=MAX_RESPONSES)
            rows.append(row)
    except csv.Error as error:
        raise InputError("effect.no-response", hint="effect.target-columns", path=str(path)) from error
    return rows


def _micros(texts: list[str]) -> list[int | None]:
    times, _, _ = read_times(pl.Series("at", texts, dtype=pl.String))
    return times.dt.timestamp("us").to_list()


def _refused(row: dict[str, str], moment: int | None, seen: set[tuple[str, int]]) -> Message | None:
    """Return why a row cannot be used."""
    horizon = str(row.get("horizon_h") or "").strip()
    if moment is None:
        return Message("reject.time-unreadable")
    if not horizon.isascii() or not horizon.isdigit() or not 1 <= int(horizon[:9]) <= 10_000:
        return Message("effect.bad-horizon")
    target = str(row.get("target") or "").strip()
    if (target, moment) in seen:
        return Message("effect.twice")
    lot = _lot(row)
    if lot and target not in lot:
        return Message("effect.no-lot")
    return None if target else Message("effect.unknown-target")


def _lot(row: dict[str, str]) -> tuple[str, ...]:
    texts = [part.strip() for part in str(row.get("drawn_with") or "").split(SEPARATOR)]
    return tuple(dict.fromkeys(part for part in texts if part))


def _row(row: dict[str, str], *, at_us: int, planned_us: int | None, number: int) -> TableRow:
    lot = _lot(row)
    return TableRow(
        name=str(row.get("response") or number).strip()[:MAX_TEXT], target=str(row["target"]).strip()[:MAX_TEXT],
        at=str(row["at"]).strip()[:40], at_us=at_us, horizon_h=int(str(row["horizon_h"]).strip()),
        kind=str(row.get("kind") or "other").strip()[:60] or "other", planned_us=planned_us, drawn_with=lot,
        odds=_odds(str(row.get("odds") or ""), n=len(lot)),
    )  # fmt: skip


def _odds(text: str, *, n: int) -> tuple[float, ...]:
    """Return the chances of a lot; equal ones where they cannot be read."""
    try:
        odds = tuple(float(part) for part in text.split(SEPARATOR))
    except ValueError:
        return ()
    return odds if len(odds) == n and all(math.isfinite(one) and one > 0 for one in odds) else ()


def resolver(names: pl.DataFrame) -> Callable[[str], int]:
    """Return a function from what a person wrote to the row of the target, -1 where there is none.

    Parameters
    ----------
    names : ``row``, ``kind``, ``target``, ``label``
        Most posts first: of several targets that fit, the one with most posts is meant.
    """
    rows: dict[str, int] = {}
    for row, kind, target, label in names.select("row", "kind", "target", "label").iter_rows():
        for name in (f"{kind}:{target}", target, label):
            if name is not None:
                rows.setdefault(str(name).casefold(), int(row))

    def find(written: str) -> int:
        text = written.strip()
        for form in (text, canonical_url(text) or text, text.lstrip("#"), f"#{text}"):
            if (row := rows.get(form.casefold())) is not None:
                return row
        return -1

    return find
