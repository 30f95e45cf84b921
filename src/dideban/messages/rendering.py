"""Messages become text: in a language, with its numbers, and never with a crash.

A placeholder is ``{name}`` or ``{name:form}``. Forms: ``duration``, ``span``, ``percent``, ``measure``, ``size``,
``date``, ``instant``, ``spelled`` (one as a word before a noun), ``raw`` (as it is: ids, years, line numbers),
``path``, ``quoted``, ``noun NAME``, ``unsaid`` (said elsewhere in this language), and for lists ``and``, ``ands``
("and" between all), ``or``, ``sentences``, ``joined``, ``semicolons`` before the form of the items.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from string import Formatter
from typing import Any, TypeGuard

from dideban.messages import clean
from dideban.messages.catalogues import FALLBACK, Catalogue, catalogue, languages, match_language
from dideban.messages.locales import Forms, Locale
from dideban.messages.message import MAX_DEPTH, Message, Value

LIST_STYLES = ("and", "ands", "or", "sentences", "joined", "semicolons", "comma")
FORMS = (
    "duration",
    "span",
    "percent",
    "measure",
    "size",
    "date",
    "instant",
    "raw",
    "path",
    "quoted",
    "verbatim",
    "spelled",
    "unsaid",
)
MAX_SHOWN = 30
"""Items shown of a list."""
DAY = len("2026-11-23")
MAX_SAID = 20_000
"""Characters of one message."""


@dataclass(frozen=True)
class Placeholder:
    """A placeholder."""

    name: str
    style: str = ""
    form: str = ""
    noun: str = ""


Part = str | Placeholder


def locale(lang: str = FALLBACK) -> Locale:
    """Return how a language is written; English for a language without a catalogue."""
    return catalogue(match_language(lang) or FALLBACK).locale


def say(message: Message, lang: str | Locale = FALLBACK) -> str:
    """Say a message in a language.

    Parameters
    ----------
    message : Message
        A code that the catalogue does not know (a newer version wrote it) is shown with its values.
    lang : str or Locale
        ``fa``, ``fa-IR``; a :class:`Locale` for a reader with other digits or another calendar. What a language has
        no sentence for is said in English, with a mark.

    Examples
    --------
    >>> say(Message("note.blocks-crowded", n=1200), "fa")[:5]
    '۱٬۲۰۰'
    >>> say(Message("later.news", n=3))
    'later.news (n: 3)'
    """
    return _say(message, lang, depth=0)[:MAX_SAID]


def translations(message: Message) -> dict[str, str]:
    """Return a message in every language there is."""
    return {lang: say(message, lang) for lang in languages()}


def describe(message: Message) -> dict[str, Any]:
    """Return a message as data for JSON: ``code``, ``values``, and its ``text`` by language."""
    return {**message.to_dict(), "text": translations(message)}


def has_text(code: str) -> bool:
    """Return whether there is a sentence for a code."""
    return code in catalogue(FALLBACK).texts


@cache
def parse(text: str) -> tuple[Part, ...]:
    """Return a text as literal parts and placeholders.

    Raises
    ------
    ValueError
        A brace that never closes, or a placeholder that is not understood.

    Examples
    --------
    >>> [part if isinstance(part, str) else part.name for part in parse("{n:noun account} in {names:and quoted}")]
    ['n', ' in ', 'names']
    """
    parts: list[Part] = []
    for literal, name, spec, conversion in Formatter().parse(text):
        if literal:
            parts.append(literal)
        if name is not None:
            if not name.isidentifier() or conversion:
                raise ValueError(f"{{{name}}} is not a placeholder")
            parts.append(_field(name, (spec or "").split()))
    return tuple(parts)


def _field(name: str, words: list[str]) -> Placeholder:
    style = words.pop(0) if words and words[0] in LIST_STYLES else ""
    if not words:
        return Placeholder(name, style)
    if words[0] == "noun" and len(words) == 2:
        return Placeholder(name, style, "noun", words[1])
    if len(words) == 1 and words[0] in FORMS:
        return Placeholder(name, style, words[0])
    raise ValueError(f"{{{name}:{' '.join(words)}}} has a form that does not exist")


def deciding(forms: Forms) -> str:
    """Return the name of the value that chooses the plural form."""
    return "n" if isinstance(forms, str) else forms.get("by", "n")


def _say(message: Message, lang: str | Locale, *, depth: int) -> str:
    if not message:
        return ""
    tongue = lang if isinstance(lang, Locale) else locale(lang)
    is_there = isinstance(lang, Locale) or bool(match_language(lang))
    forms = _forms(message.code, catalogue(tongue.lang)) if is_there else None
    if forms is not None:
        return _filled(forms, message, tongue, depth=depth)
    english = catalogue(FALLBACK)
    forms = _forms(message.code, english)
    if forms is None:
        return _unknown(message, tongue)
    mark = f"[{FALLBACK}] " if tongue.lang != FALLBACK or not is_there else ""
    return mark + _filled(forms, message, english.locale, depth=depth)


def _form(forms: Mapping[str, str], decides: Value, tongue: Locale) -> str:
    return tongue.chosen(forms, decides) if _is_number(decides) and math.isfinite(decides) else forms["other"]


def _forms(code: str, of: Catalogue) -> Forms | None:
    return of.texts.get(code)


def _filled(forms: Forms, message: Message, tongue: Locale, *, depth: int) -> str:
    values = message.values
    try:
        text = forms if isinstance(forms, str) else _form(forms, values.get(deciding(forms)), tongue)
        return "".join(p if isinstance(p, str) else _place(p, values, tongue, depth=depth) for p in parse(text))
    except (KeyError, ValueError, TypeError, OverflowError, AttributeError):  # a bad catalogue is never a crash
        return _unknown(message, tongue)


def _place(field: Placeholder, values: Mapping[str, Value], tongue: Locale, *, depth: int) -> str:
    value = values[field.name]
    if field.form == "unsaid":
        return ""
    if not isinstance(value, tuple):
        return _one(value, field, tongue, depth=depth)
    shown = [_one(one, field, tongue, depth=depth + 1) for one in value[:MAX_SHOWN]]
    return tongue.join([*shown, "…"] if len(value) > MAX_SHOWN else shown, style=field.style or "comma")


def _one(value: Value, field: Placeholder, tongue: Locale, *, depth: int) -> str:
    if isinstance(value, Message):
        text = _say(value, tongue, depth=depth + 1) if depth < MAX_DEPTH else value.code
        return tongue.quoted(text) if field.form == "quoted" else text
    if isinstance(value, tuple):
        return (
            _place(Placeholder("it", form=field.form), {"it": value}, tongue, depth=depth) if depth < MAX_DEPTH else "…"
        )
    if _is_number(value):
        return _number(value, field, tongue)
    return _text("" if value is None else str(value), field.form, tongue)


def _number(value: float, field: Placeholder, tongue: Locale) -> str:
    match field.form:
        case "noun":
            return tongue.counted(value, field.noun)
        case "spelled":
            return tongue.in_words(value)
        case "raw" | "verbatim":
            return str(value)
        case "duration" | "span" | "percent" | "measure" | "size" as form:
            return str(getattr(tongue, form)(value))
        case _:
            return tongue.number(value)


def _text(value: str, form: str, tongue: Locale) -> str:
    if form == "verbatim":
        return value
    if form in ("date", "instant") and (at := _read_time(value)) is not None:
        return tongue.instant(at) if form == "instant" else tongue.date(at.date() if len(value) == DAY else at)
    if form == "path":
        return tongue.left_to_right(clean.visible(clean.middle_cut(value)))
    shown = clean.isolated(clean.visible(value), direction=tongue.direction)
    return tongue.quoted(shown) if form == "quoted" else shown


def _read_time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _unknown(message: Message, tongue: Locale) -> str:
    """Return code and values: what an older program says of a newer message."""
    values = [
        f"{clean.visible(name, limit=100)}: {_one(value, Placeholder(name), tongue, depth=2)}"
        for name, value in message.values.items()
    ]
    code = clean.visible(message.code, limit=100)
    return tongue.left_to_right(f"{code} ({', '.join(values)})" if values else code)


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
