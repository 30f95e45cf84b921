"""Notes in Markdown: nothing in them acts, loads, or reorders the page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.room.board.presenters.markdown import TAGS, render_markdown

HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](https://evil.example/p)",
    "<a href='data:text/html,x'>x</a>", "[x](vbscript:x)", "<style>*{display:none}</style>", "<iframe src=//e.example>",
    "**<svg onload=alert(1)>**", "[a]: javascript:alert(1)\n[a]", "<b style='position:fixed'>x</b>", "`<script>`",
)  # fmt: skip


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def look(text: str) -> Seen:
    seen = Seen()
    seen.feed(render_markdown(text))
    return seen


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_notes_are_harmless(text: str) -> None:
    seen = look(text)
    assert seen.tags <= TAGS
    assert {name for name, _ in seen.attributes} <= {"href", "rel"}
    assert all(
        value.startswith(("http://", "https://", "mailto:")) for name, value in seen.attributes if name == "href"
    )


@given(st.text(alphabet="<>[]()!*_`#\"'=:/\n abcjavscript&;-|", max_size=80))
def test_whatever_is_written_only_known_tags_come_out(text: str) -> None:
    seen = look(text)
    assert seen.tags <= TAGS
    assert all(
        value.startswith(("http://", "https://", "mailto:")) for name, value in seen.attributes if name == "href"
    )


def test_markdown_is_rendered_and_headings_stand_below_those_of_the_page() -> None:
    html = render_markdown("# What\n\n**bold** [x](https://example.org)\n\n| a |\n|---|\n| 1 |")
    assert "<h3>What</h3>" in html
    assert "<strong>bold</strong>" in html
    assert "<table>" in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_controls_that_reorder_are_shown() -> None:
    assert "⟦202E⟧" in render_markdown("abc\u202edef")
