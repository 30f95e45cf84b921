"""What the engine says, as data: a code and values. Text is rendered at the edge, in the reader's language.

Raise and return :class:`Message`; render with :func:`say`. The sentences are in ``catalogue/<lang>.toml``, one file per
language; how a language writes numbers, times and lists is its :class:`Locale`. Adding a language is one file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dideban.messages.causes import cause_of
from dideban.messages.message import NOTHING, Message, is_code

if TYPE_CHECKING:
    from dideban.messages.catalogues import languages, match_language
    from dideban.messages.locales import Locale
    from dideban.messages.rendering import describe, has_text, locale, say, translations

__all__ = [
    "NOTHING",
    "Locale",
    "Message",
    "cause_of",
    "describe",
    "has_text",
    "is_code",
    "languages",
    "locale",
    "match_language",
    "say",
    "translations",
]

_HOMES = {
    "Locale": "locales",
    "describe": "rendering",
    "has_text": "rendering",
    "languages": "catalogues",
    "locale": "rendering",
    "match_language": "catalogues",
    "say": "rendering",
    "translations": "rendering",
}


def __getattr__(name: str) -> Any:
    """Import what renders when it is first used: most runs of the program say little."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
