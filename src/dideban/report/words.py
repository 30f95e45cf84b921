"""The words of the page in English, Persian and Arabic, and how numbers and times are written.

The page is written in English; every word that can change carries its key in ``data-w`` and its numbers in
``data-p``, and the script of the page writes it again in the chosen language from the same table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from dideban.report.safe import visible

LANGUAGES = ("en", "fa", "ar")
Entry = str | Mapping[str, str]


@cache
def asset(name: str) -> str:
    """Return the text of a file in ``report/assets``."""
    return files("dideban.report").joinpath("assets", name).read_text("utf-8")


@cache
def dictionary() -> dict[str, dict[str, Entry]]:
    """Return every key with its entry per language; an entry is a text, or texts by plural form of ``n``."""
    return {key: dict(zip(LANGUAGES, entry, strict=True)) for key, entry in json.loads(asset("words.json")).items()}


def say(key: str, **params: Any) -> str:
    """Return the English text of ``key`` with its numbers filled in."""
    entry = dictionary()[key]["en"]
    if isinstance(entry, Mapping):
        entry = entry["one" if params.get("n") == 1 else "other"]
    return entry.format(**{name: _fill(name, value) for name, value in params.items()})


def w(key: str, **params: Any) -> Markup:
    """Return a span that says ``key`` and can be said again in another language."""
    if not params:
        return _bare(key)
    numbers = Markup(' data-p="{}"').format(json.dumps(params, sort_keys=True))
    return Markup('<span data-w="{}"{}>{}</span>').format(key, numbers, say(key, **params))


@cache
def _bare(key: str) -> Markup:
    return Markup('<span data-w="{}">{}</span>').format(key, say(key))


def label(key: str, **params: Any) -> Markup:
    """Return an ``aria-label`` attribute that says ``key``."""
    numbers = Markup(' data-p="{}"').format(json.dumps(params, sort_keys=True)) if params else ""
    return Markup('aria-label="{}" data-wl="{}"{}').format(say(key, **params), key, numbers)


def known(prefix: str, name: str) -> Markup:
    """Return the words of ``prefix_name`` where there are any, else ``name`` itself, isolated."""
    key = f"{prefix}_{name}".replace("-", "_")
    return w(key) if key in dictionary() else Markup("<bdi>{}</bdi>").format(visible(name, limit=80))


def _fill(name: str, value: Any) -> str:
    if name.startswith("s_"):
        return duration(value)
    return number(value) if isinstance(value, int | float) else str(value)


def number(value: float | None) -> str:
    """Return a count or a measure for reading: 12,345 or 0.012 or 3.1e-6; a dash where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "—" if value is None or math.isnan(value) else ("∞" if value > 0 else "−∞")
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return f"{int(value):,}" if abs(value) < 1e10 else _power(value)
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e10 else _power(value)
    return f"{value:.3g}" if abs(value) >= 1e-3 else _power(value)


def _power(value: float) -> str:
    mantissa, _, power = f"{value:.1e}".partition("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa.removesuffix('.0')}×10{raised}"


def duration(seconds: float) -> str:
    """Return a span of time in its natural unit: 12 s, 3.5 min, 2 h, 4 d."""
    size = abs(seconds)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if size >= 1.5 * length or (unit == "min" and size >= 60):
            return f"{_trim(seconds / length)} {unit}"
    return f"{_trim(seconds)} s"


def _trim(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 9.95 else f"{value:.1f}".removesuffix(".0")


def clock(at: datetime | str | None, *, seconds: bool = True) -> Markup:
    """Return an instant as a ``time`` element, UTC, in a form that sorts and never flips; a dash where unknown."""
    if isinstance(at, str):
        at = parse_time(at)
    if at is None:
        return Markup("—")
    whole = at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat(" ")
    shown = whole if seconds else whole[:-3]
    named = f'<time dir="ltr" datetime="{whole.replace(" ", "T")}Z">{shown}</time>'
    return Markup(named)  # noqa: S704 - digits of a date and nothing else


def parse_time(text: str) -> datetime | None:
    """Return the instant that an ISO 8601 text names, or None."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
