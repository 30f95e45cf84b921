"""The catalogues: one file per language with everything the engine says, read when the first sentence is needed.

A file is TOML. ``[locale]`` and ``[nouns]`` say how the language writes (see :mod:`dideban.messages.locales`); every
other table is a section of messages, and a message is named by its path: ``unknown-setting`` in ``[config]`` is
``config.unknown-setting``. A message is one text, or a table with a text per plural category; the number that decides
is the value ``n``, or the value that ``by`` names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dideban.messages.locales import Forms, Locale
from dideban.messages.plurals import CATEGORIES, read_plurals

FOLDER = Path(__file__).parent / "catalogue"
FALLBACK = "en"
"""The language whose catalogue is complete: others fall back to it."""
MAX_BYTES = 8 << 20


class CatalogueError(ValueError):
    """A catalogue cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything the engine says in one language."""

    locale: Locale
    texts: Mapping[str, Forms]
    """Code to text, or to texts by plural category."""


@cache
def languages() -> tuple[str, ...]:
    """Return the languages there are catalogues of: English first, the others by code.

    Examples
    --------
    >>> languages()[:3]
    ('en', 'ar', 'fa')
    """
    names = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return tuple(sorted(names, key=lambda name: name != FALLBACK))


def match_language(wanted: str) -> str:
    """Return the language there is a catalogue of that a tag asks for, or an empty text.

    Examples
    --------
    >>> match_language("fa-IR"), match_language("AR"), match_language("xx")
    ('fa', 'ar', '')
    """
    tag = wanted.replace("_", "-").lower()
    while tag:
        if tag in languages():
            return tag
        tag = tag.rpartition("-")[0]
    return ""


@cache
def catalogue(lang: str) -> Catalogue:
    """Return the catalogue of a language; an unreadable one is empty, so that its sentences fall back to English."""
    try:
        return read_catalogue(FOLDER / f"{lang}.toml")
    except CatalogueError:
        return Catalogue(locale=Locale(lang=lang, name=lang, direction="ltr"), texts={})


def read_catalogue(path: Path) -> Catalogue:
    """Read a catalogue.

    Raises
    ------
    CatalogueError
        The file is missing, too large, not TOML, or its ``[locale]`` cannot be used.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.loads(file.read(MAX_BYTES).decode())
        return _catalogue(path.stem, data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _catalogue(lang: str, data: dict[str, Any]) -> Catalogue:
    written = dict(data.pop("locale"))
    plurals = read_plurals(written.pop("plurals", {}))
    locale = Locale(lang=lang, plurals=plurals, nouns=data.pop("nouns", {}), **written)
    if locale.direction not in ("ltr", "rtl") or len(locale.digits) != 10:
        raise ValueError("locale: direction is ltr or rtl, and there are ten digits")
    return Catalogue(locale=locale, texts=dict(_flat(data, prefix="")))


def _flat(section: Mapping[str, Any], *, prefix: str) -> Iterator[tuple[str, Forms]]:
    for name, entry in section.items():
        code = f"{prefix}.{name}" if prefix else name
        if isinstance(entry, Mapping) and not is_forms(entry):
            yield from _flat(entry, prefix=code)
        elif isinstance(entry, str | Mapping):
            yield code, entry
        else:
            raise ValueError(f"{code}: neither a text nor a table of texts")


def is_forms(entry: Mapping[str, Any]) -> bool:
    """Return whether a table holds the plural forms of one message, and not messages."""
    return "other" in entry and all(
        isinstance(text, str) and (name in CATEGORIES or name == "by" or name.startswith("="))
        for name, text in entry.items()
    )
