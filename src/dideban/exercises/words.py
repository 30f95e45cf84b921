"""The words of exercises, the course and the teacher's guide: ``texts/<language>.toml``, complete in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dideban.messages import locale
from dideban.messages.locales import Locale

USUAL = "en"
STEPS = ((172_800, 86_400), (7_200, 3_600), (120, 60), (0, 1))
"""From so many seconds on, a length of time is rounded to this step."""


@dataclass(frozen=True, eq=False)
class Words:
    """What is said in one language."""

    lang: str
    texts: Mapping[str, Any]

    @property
    def locale(self) -> Locale:
        """How the language writes numbers."""
        return locale(self.lang)

    def __call__(self, code: str, **values: Any) -> str:
        """Return a text; whole numbers are written as the language does."""
        text = str(self.part(code))
        return text.format_map({name: self._written(value) for name, value in values.items()}) if values else text

    def part(self, code: str) -> Any:
        """Return what stands under a code: a text, a list or a table."""
        found: Any = self.texts
        for name in code.split("."):
            found = found[name]
        return found

    def duration(self, seconds: float) -> str:
        """Write a length of time in the unit that suits it."""
        step = next(step for least, step in STEPS if seconds >= least)
        return self.locale.duration(step * round(seconds / step))

    def clock(self, text: str) -> str:
        """Write a time of day in the digits of the language."""
        return self.locale.plain_digits(text)

    def _written(self, value: Any) -> str:
        return self.locale.number(value) if isinstance(value, int) else str(value)


@cache
def words_of(lang: str) -> Words:
    """Return the words of a language."""
    source = files("dideban.exercises") / "texts" / f"{lang}.toml"
    return Words(lang, tomllib.loads(source.read_text("utf-8")))


@cache
def spoken() -> tuple[str, ...]:
    """Return the languages that exercises are made in: English first."""
    names = [path.name for path in (files("dideban.exercises") / "texts").iterdir()]
    return tuple(sorted((n.removesuffix(".toml") for n in names if n.endswith(".toml")), key=lambda n: (n != USUAL, n)))
