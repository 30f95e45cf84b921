"""What people write becomes a page in which nothing acts, loads or pretends to lead elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.site.markdown import one_line, render_text, tidy

HOSTILE = [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](vbscript:x)",
    "[x](file:///etc/passwd)", "<javascript:alert(1)>", "[x](//127.0.0.1/)", "[x](http://127.0.0.1/admin)",
    "[x](http://2130706433/)", "[x](http://0x7f.1/)", "[x](http://[::1]/)", "[x](http://localhost:8765/)",
    "[x](http://10.0.0.7/)", "[x](http://router.local/)", "[x](http://intranet/)", "[x](http://user:pw@example.org/)",
    "[x](http://169.254.169.254/latest)", "[x](java\tscript:alert(1))",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_links_open_nothing_but_public_pages(number: int) -> None:
    assert "href" not in render_text(HOSTILE[number])


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://127.0.0.1/pixel.png)", "![x](https://example.org/a.svg)", "![x](data:image/svg+xml;base64,AAAA)",
        "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<script>alert(1)</script>", "<iframe src=x></iframe>",
        "<style>*{display:none}</style>", "<a href='x' onclick='y'>z</a>", "<form action=x><input></form>",
    ],
)  # fmt: skip
def test_nothing_is_loaded_and_nothing_runs(text: str) -> None:
    html = render_text(text)
    assert not re.search(r"<(img|svg|script|iframe|style|form|input)", html)
    assert " on" not in re.sub(r"&[^;]*;", "", re.sub(r">[^<]*<", "><", html))


def test_a_host_in_letters_that_look_like_others_is_shown_as_it_is():
    html = render_text("[bank](https://bаnk.example.org/)")  # a Cyrillic а
    assert "(xn--bnk-6cd.example.org)" in html


def test_a_text_that_names_another_host_shows_the_real_one():
    assert "(example.net)" in render_text("[www.bbc.com/news](https://example.net/)")
    assert "(bbc.com)" not in render_text("[www.bbc.com/news](https://bbc.com/news)")
    assert "(example.net)" not in render_text("[the report](https://example.net/)")


def test_bidi_controls_go_and_zwnj_stays():
    assert tidy("می\u200cخواهم \u202egnp.exe\u202c \u2066x\u2069") == "می\u200cخواهم gnp.exe x"
    assert tidy("می\u200c\u200c\u200cخواهم") == "می\u200cخواهم"
    assert one_line("a\x00b\nc\u200bd") == "ab cd"


def test_headings_begin_below_that_of_the_page():
    assert "<h1" not in render_text("# One\n\n## Two")
    assert "<h2>One</h2>" in render_text("# One")


def test_a_text_nested_without_end_is_still_a_page():
    html = render_text(">" * 5_000 + " deep\n\n" + "[" * 5_000 + "\n\n" + "*" * 5_000)
    assert html.count("<blockquote>") <= 20


@given(st.text(max_size=300))
def test_whatever_is_written_holds_only_harmless_elements(text: str) -> None:
    found = set(re.findall(r"<\s*([a-zA-Z]+)", render_text(text)))
    assert found <= {
        "p", "br", "hr", "strong", "em", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h", "table",
        "thead", "tbody", "tr", "th", "td", "span", "bdi",
    }  # fmt: skip
