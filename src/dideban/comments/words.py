"""The words of the comment pages: ``texts/<language>.toml``, complete in each language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from dideban.exercises.words import Words

LANGUAGES = ("en", "fa", "ar")


@cache
def words_of(lang: str) -> Words:
    """Return the words of a language, English where there are none."""
    name = lang if lang in LANGUAGES else LANGUAGES[0]
    return Words(name, tomllib.loads((files("dideban.comments") / "texts" / f"{name}.toml").read_text("utf-8")))
