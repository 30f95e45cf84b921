from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.report.safe import csp_hash, script_json, short_id, visible, web_link


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (None, ""),
        ("می\u200cشود", "می\u200cشود"),
        ("left\u200eright\u200f", "left\u200eright\u200f"),
        ("safe\u202egnp.exe", "safe⟦202E⟧gnp.exe"),
        ("\u2066a\u2069", "⟦2066⟧a⟦2069⟧"),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m"),
        ("one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        ("tag\U000e0041", "tag\ufffd"),
        ("lone \ud800", "lone \ufffd"),
    ],
)
def test_visible(text: str | None, expected: str) -> None:
    assert visible(text) == expected


def test_visible_cuts_and_says_so() -> None:
    assert visible("abcdef", limit=4) == "abcd…"
    assert visible("abcd", limit=4) == "abcd"


@given(st.text())
def test_visible_leaves_nothing_that_steers(text: str) -> None:
    shown = visible(text)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b\x85\ufeff")
    shown.encode()
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [("short", "short"), ("", "—"), ("a_0123456789abcdef", "a_01234…abcdef"), ("two\nlines", "two lines")],
)
def test_short_id(name: str, expected: str) -> None:
    assert short_id(name) == expected


@given(st.text(), st.integers(6, 40))
def test_short_id_is_short(name: str, limit: int) -> None:
    # controls become visible marks before the cut, so the limit holds for what is shown
    assert len(short_id(name, limit=limit)) <= limit


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//example.org",
        "https://",
        "https://example.org/a b",
        "https://example.org/\u202egnp.exe",
        "https://[half",
        "",
    ],
)
def test_only_plain_web_addresses_may_be_opened(text: str) -> None:
    assert web_link(text) is None


def test_web_link_keeps_the_address() -> None:
    assert web_link("https://example.org/?q=1&r=2") == "https://example.org/?q=1&r=2"


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_script_json_cannot_leave_its_element(data: object) -> None:
    text = script_json(data)
    assert json.loads(text) == data
    assert not set(text) & set("<>&\u2028\u2029")


def test_csp_hash_is_what_a_browser_computes() -> None:
    expected = base64.b64encode(hashlib.sha256("let a = 'پ';".encode()).digest()).decode()
    assert csp_hash("let a = 'پ';") == f"'sha256-{expected}'"
