"""The words of the page, and how numbers and times are written on it.

The page is written in English. Whatever another language says in another way carries the number of its line in the
table of texts at the end of the page, ``data-w``; the script puts in the line of the chosen language. The script knows
no word, no plural and no unit: all texts are made here, from the catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from dideban.messages import Message, has_text, languages, locale, translations
from dideban.report.safe import script_json, visible

KNOWN = {
    "kind": "kind.{}.name",
    "label": "label.{}",
    "outcome": "outcome.{}",
    "benign": "explanation.{}",
    "dec_kind": "owner-kind.{}",
}
"""Where the words for slugs of a sort are; others are words of the page."""

Texts = tuple[str, ...]
"""A text in every language, in the order of ``languages()``."""

_TABLE: ContextVar[dict[Texts, int] | None] = ContextVar("texts of the page", default=None)


@contextmanager
def collecting() -> Iterator[None]:
    """Keep the texts that a page shows, so that its script has them in every language."""
    token = _TABLE.set({})
    try:
        yield
    finally:
        _TABLE.reset(token)


def table_of_texts() -> Markup:
    """Return the texts shown so far and how each language is written, as JSON for a script element."""
    table = _TABLE.get() or {}
    written = {lang: _written(lang) for lang in languages()}
    texts = {lang: [row[i] for row in table] for i, lang in enumerate(languages())}
    return Markup(script_json({"languages": written, "texts": texts}))  # noqa: S704 - escaped for a script element


def _written(lang: str) -> dict[str, str]:
    own = locale(lang)
    return {
        "dir": own.direction, "digits": own.digits, "group": own.group, "decimal": own.decimal,
        "calendar": own.second_calendar,
    }  # fmt: skip


def language_names() -> list[tuple[str, str]]:
    """Return every language with its own name."""
    return [(lang, locale(lang).name) for lang in languages()]


@cache
def asset(name: str) -> str:
    """Return the text of a file in ``report/assets``."""
    return files("dideban.report").joinpath("assets", name).read_text("utf-8")


def message(key: str, **params: Any) -> Message:
    """Return the message of a key of the templates: ``dec_cut`` is ``page.dec-cut``."""
    return Message(f"page.{key.replace('_', '-')}", **params)


@lru_cache(maxsize=4096)
def known_message(prefix: str, name: str) -> Message | None:
    """Return the message that says a slug of a sort; None where there is none."""
    slug = str(name).replace("_", "-")
    code = KNOWN.get(prefix, f"page.{prefix.replace('_', '-')}-{{}}").format(slug)
    return Message(code) if has_text(code) else None


def w(key: str, **params: Any) -> Markup:
    """Return a span that says ``key`` and can be said again in another language."""
    return said(message(key, **params))


def said(what: Message) -> Markup:
    """Return a span that says a message and can be said again in another language."""
    texts = _texts(what)
    return Markup(f"<span{_attribute('data-w', texts)}>{escape(texts[0])}</span>")  # noqa: S704 - escaped


def label(key: str, **params: Any) -> Markup:
    """Return an ``aria-label`` attribute that says ``key``."""
    texts = _texts(message(key, **params))
    return Markup(f'aria-label="{escape(texts[0])}"{_attribute("data-wl", texts)}')  # noqa: S704 - escaped


def known(prefix: str, name: str) -> Markup:
    """Return the words for a slug of a sort where there are any, else ``name`` itself, isolated."""
    found = known_message(prefix, name)
    return said(found) if found else Markup("<bdi>{}</bdi>").format(visible(name, limit=80))


def span_attribute(seconds: float) -> Markup:
    """Return the attribute of an element that holds a length of time."""
    return _attribute("data-w", _spans(seconds, tuple(languages())))


def range_attribute(low_s: float, high_s: float | None) -> Markup:
    """Return the attribute of an element that holds a range of lengths of time."""
    return _attribute("data-w", tuple(locale(lang).span_range(low_s, high_s) for lang in languages()))


@lru_cache(maxsize=4096)
def _spans(seconds: float, langs: tuple[str, ...]) -> Texts:
    return tuple(locale(lang).span(seconds) for lang in langs)


@lru_cache(maxsize=4096)
def _texts(what: Message) -> Texts:
    return tuple(translations(what).values())


def _attribute(name: str, texts: Texts) -> Markup:
    table = _TABLE.get()
    if table is None:
        return Markup("")
    return Markup(f' {name}="{table.setdefault(texts, len(table))}"')  # noqa: S704 - our own name and a number


def number(value: float | None) -> str:
    """Return a count or a measure for reading: 12,345 or 0.012 or 3.1e-6; a dash where there is none."""
    return locale().measure(value)


def duration(seconds: float) -> str:
    """Return a span of time in its natural unit: 12 s, 3.5 min, 2 h, 4 d."""
    return locale().span(seconds)


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
