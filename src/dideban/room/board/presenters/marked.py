"""Texts of posts with the words of a search marked."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dideban.errors import InputError
from dideban.report.safe import visible
from dideban.room.posts.marks import Span, find_spans
from dideban.room.posts.terms import terms

SHOWN_CHARS = 1_200


def marked(texts: Sequence[str | None], words: str, *, limit: int = SHOWN_CHARS) -> list[SafeString]:
    """Return texts of others for a page, controls made visible, cut, and what is searched for in ``<mark>``.

    Where the words cannot be read as a search, nothing is marked.
    """
    shown = [visible(text, limit=limit) for text in texts]
    try:
        wanted = terms(words) if words else []
    except InputError:
        wanted = []
    spans = find_spans(shown, wanted) if wanted else [[] for _ in shown]
    return [_html(text, found) for text, found in zip(shown, spans, strict=True)]


def _html(text: str, spans: list[Span]) -> SafeString:
    parts, at = [], 0
    for start, end in spans:
        parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    return mark_safe("".join([*parts, escape(text[at:])]))  # noqa: S308 - each part is escaped
