"""What a type of source is called and explained by, in every language: ``texts/<language>.toml`` in its folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from django.utils.functional import lazy
from django.utils.translation import get_language

from dideban.room.wording.words import learn

if TYPE_CHECKING:
    from dideban.room.sources.contract import SourceType

USUAL = "en"
"""Shown where a language lacks a text; the tests allow no such gap."""


def texts_of(package: str) -> dict[str, dict[str, str]]:
    """Return language to code to text.

    Codes are ``name``, ``help``, ``choices`` (said before the values that a setting may have on this machine),
    ``field.NAME`` and ``hint.NAME``.
    """
    folder = files(package) / "texts"
    if not folder.is_dir():
        return {}
    return {
        path.name.removesuffix(".toml"): _flat(tomllib.loads(path.read_text("utf-8")))
        for path in folder.iterdir()
        if path.name.endswith(".toml")
    }


def learn_texts(one: SourceType) -> None:
    """Let pages find the words of a type: its name, its help, what its fields are called."""
    known = texts_of(one.package)
    learn("source", one.slug, _said(known, "name", one.slug))
    learn("source_help", one.slug, _said(known, "help", ""))
    learn("source_choices", one.slug, _said(known, "choices", ""))
    for field in one.fields:
        learn("field", field.name, _said(known, f"field.{field.name}", field.name), is_shared=True)
        learn("source_field", f"{one.slug}.{field.name}", _said(known, f"field.{field.name}", field.name))
        learn("source_hint", f"{one.slug}.{field.name}", _said(known, f"hint.{field.name}", ""))


def _said(known: Mapping[str, Mapping[str, str]], code: str, otherwise: str) -> Any:
    """Return a text that is in the language of the page whenever it is written."""

    def text() -> str:
        language = (get_language() or USUAL).split("-")[0]
        return known.get(language, {}).get(code) or known.get(USUAL, {}).get(code) or otherwise

    return lazy(text, str)()


def _flat(content: Mapping[str, Any], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in content.items():
        flat |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": str(value)}
    return flat
