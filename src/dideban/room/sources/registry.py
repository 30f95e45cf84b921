"""The types of sources that there are: one folder each, found by looking.

A folder beside this file with a ``kind.py`` is a type of source; nothing else names it. Removing the folder removes the
type: sources of it that a database still has are shown, and can be removed, but are not followed.
"""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from dideban.room import sources
from dideban.room.sources.contract import SourceType
from dideban.room.sources.texts import learn_texts

ORDER = (
    "feed", "page", "telegram", "youtube", "reddit", "mastodon", "lemmy", "bluesky", "bluesky_search", "vk",
    "newsletter", "folder", "upload", "intake", "demo",
)  # fmt: skip
"""How pages list them; others follow by name."""


@lru_cache(maxsize=1)
def types() -> dict[str, SourceType]:
    """Return slug to type. Found once a process; :func:`forget` looks again."""
    found = {}
    for module in pkgutil.iter_modules(sources.__path__):
        package = f"{sources.__name__}.{module.name}"
        if module.ispkg and find_spec(f"{package}.kind") is not None:
            record: SourceType = import_module(f"{package}.kind").TYPE
            found[module.name] = replace(record, slug=module.name, package=package)
    for one in found.values():
        learn_texts(one)
    return {slug: found[slug] for slug in sorted(found, key=_turn)}


def type_of(slug: str) -> SourceType:
    """Return a type; where its folder is gone, one that can do nothing."""
    return types().get(slug) or SourceType(slug=slug)


def is_known(slug: str) -> bool:
    """Return whether there is such a type."""
    return slug in types()


def slugs(capability: str) -> list[str]:
    """Return the types that can do something: ``is_polled``, ``speaks``, ``takes_requests``, ..."""
    return [slug for slug, one in types().items() if getattr(one, capability)]


def forget() -> None:
    """Look again when types are next asked for."""
    types.cache_clear()


def _turn(slug: str) -> tuple[int, str]:
    return (ORDER.index(slug) if slug in ORDER else len(ORDER)), slug
