"""Texts that are written as HTML: what a reader sees of them, and the links in them."""

from __future__ import annotations

from html.parser import HTMLParser

import polars as pl

IS_HTML = r"(?i)^\s*<p[ >]|</(?:p|a|span|div|b|i|strong|em)>|<br\s*/?>"
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


def read_html(html: str) -> tuple[str, list[str]]:
    """Return the text a reader sees, and the links."""
    reader = _StatusReader()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).strip(), reader.urls


def without_markup(texts: pl.Series) -> pl.Series:
    """Return texts as a reader sees them; what is no HTML stays as it is."""
    marked = texts.filter(texts.str.contains(IS_HTML).fill_null(value=False)).unique()
    seen = pl.Series([read_html(text)[0] for text in marked.to_list()], dtype=pl.String)
    return texts.replace_strict(marked, seen, default=texts, return_dtype=pl.String)
