"""A theme: a few variables of the style sheet that a room may set, each checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dideban.errors import InputError

COLOURS = ("paper", "ink", "quiet", "rule", "accent", "mark", "panel")
VARIABLES = (*COLOURS, *(f"dark-{name}" for name in COLOURS))
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def theme_css(theme: Mapping[str, str]) -> str:
    """Return the rules that set a theme; nothing that is not a colour gets into a style sheet.

    Raises
    ------
    InputError
        A variable that does not exist, or a value that is not ``#`` and six hexadecimal digits.
    """
    for name, value in theme.items():
        if name not in VARIABLES or not _COLOUR.fullmatch(value):
            raise InputError("site.theme", hint="site.theme-hint", key=str(name)[:40], value=str(value)[:40])
    light = _rules(theme, names={name: name for name in COLOURS})
    dark = _rules(theme, names={f"dark-{name}": name for name in COLOURS})
    return (f":root{{{light}}}\n" if light else "") + (
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n" if dark else ""
    )


def _rules(theme: Mapping[str, str], *, names: Mapping[str, str]) -> str:
    return "".join(f"--{own}:{theme[given].lower()};" for given, own in names.items() if given in theme)
