"""Texts that are written as HTML: what a reader sees of them, and the links in them."""

from __future__ import annotations

import html
from html.parser import HTMLParser

import polars as pl

IS_HTML = r"(?i)^\s*<p[ >]|</(?:p|a|span|div|b|i|strong|em)>|<br\s*/?>"
_ESCAPED = r"^[^&<>]*(?:&(?:amp|lt|gt|quot|apos|nbsp|#0?39|#x27|#0?34);[^&<>]*)+$"
_AROUND = "()[]<>.,;:!?\"'«»“”،؛؟"
"""Signs that stand around links."""
_BREAKS = {"br": "\n", "p": "\n\n", "li": "\n", "div": "\n"}


class _StatusReader(HTMLParser):
    """The text of a status, and the links in it that are neither mentions nor hashtags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BREAKS and self.parts:
            self.parts.append(_BREAKS[tag])
        elif tag == "a":
            named = dict(attrs)
            kinds = (named.get("class") or "").split()
            href = named.get("href")
            if href and not {"mention", "hashtag"} & set(kinds):
                self.urls.append(href)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def read_html(source: str) -> tuple[str, list[str]]:
    """Return the text a reader sees, and the links."""
    reader = _StatusReader()
    reader.feed(source)
    reader.close()
    return "".join(reader.parts).strip(), reader.urls


def unescaped(texts: pl.Series) -> pl.Series:
    """Resolve entities in texts that an export plainly escaped: no sign in them that escaping would not have left.

    Who writes about ``&amp;`` next to a plain ``&``, ``<`` or ``>`` is left alone.
    """
    marked = texts.filter(texts.str.contains("&", literal=True).fill_null(value=False)).unique()
    marked = marked.filter(marked.str.contains(_ESCAPED))
    seen = pl.Series([html.unescape(text) for text in marked.to_list()], dtype=pl.String)
    return texts.replace_strict(marked, seen, default=texts, return_dtype=pl.String) if len(marked) else texts


def without_markup(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return texts as a reader sees them, and the links behind their words, a line each; what is no HTML stays."""
    marked = texts.filter(texts.str.contains(IS_HTML).fill_null(value=False)).unique()
    read = [read_html(text) for text in marked.to_list()]
    seen = pl.Series([text for text, _ in read], dtype=pl.String)
    behind = pl.Series([_behind(text, links) for text, links in read], dtype=pl.String)
    return (
        texts.replace_strict(marked, seen, default=texts, return_dtype=pl.String),
        texts.replace_strict(marked, behind, default=None, return_dtype=pl.String),
    )


def _behind(text: str, links: list[str]) -> str:
    """Links that a reader does not see whole in the text."""
    seen = {word.strip(_AROUND) for word in text.split()}
    return "\n".join(link for link in links if link.startswith(("http://", "https://")) and link not in seen)
