"""Addresses: hostile input, and laws that hold for any address."""

from __future__ import annotations

import random
import string

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.traces import canonical_url, is_shortener, registrable_domain
from dideban.traces.domains import host_of
from dideban.traces.link import _may_be_shortened
from dideban.traces.url_rules import SHORTENERS, TRACKING_EXACT, TRACKING_PREFIXES

RLM, ZWNJ, ACUTE = "\u200f", "\u200c", "\u0301"


@pytest.mark.parametrize(
    "written",
    [
        "tg://resolve?domain=a b",
        "https://example.org/" + "%" * 3000,
        "%" * 100,
        "a." * 900 + "org",
        "http://`",
        'http://a"b/',
    ],
)
def test_hostile_addresses_end_quietly(written: str) -> None:
    page = canonical_url(written)
    assert page is None or canonical_url(page) == page


def test_redirects_are_followed_only_so_deep() -> None:
    def nest(depth: int) -> str:
        return "https://www.google.com/url?q=" * depth + "https://example.org/a"

    assert canonical_url(nest(20)) == "https://example.org/a"
    assert canonical_url(nest(200)) is None


@pytest.mark.parametrize("host", ["bit.ly", "BIT.LY", "www.bit.ly", "t.co", "goo.su", "yun.ir"])
def test_shorteners_are_known(host: str) -> None:
    assert is_shortener(host)


@pytest.mark.parametrize("host", ["example.org", "habit.ly", "bit.ly.example.org", "x.com", ""])
def test_other_hosts_are_not_shorteners(host: str) -> None:
    assert not is_shortener(host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.org", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("News.Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("ana.blogspot.com", "ana.blogspot.com"),
        ("a.ana.blogspot.com", "ana.blogspot.com"),
        ("ana.github.io", "ana.github.io"),
        ("blogspot.com", None),
        ("خبر.مثال.ایران", "مثال.ایران"),
        ("xn--mgbh0fb.xn--mgba3a4f16a", "xn--mgbh0fb.xn--mgba3a4f16a"),
        ("example.ac.ir", "example.ac.ir"),
        ("www.example.gov.ir", "example.gov.ir"),
        ("co.uk", None),
        ("org", None),
        ("localhost", None),
        ("192.0.2.7", None),
        ("[2001:db8::1]", None),
        ("", None),
        ("example.notasuffix", None),
    ],
)
def test_registrable_domain(host: str, expected: str | None) -> None:
    assert registrable_domain(host) == expected


PARTS = """
http:// https:// // www. m. amp. example.org twitter.com t.me facebook.com google.com reddit.com fa.m.wikipedia.org
cdn.ampproject.org youtube.com / // /amp /amp/s/ index.html ? & = a # #! .. /./ /status/123456 /watch v=abcDEF12_-3
utm_source=x url= q= u= title=X https%3A%2F%2F /wiki/ /w/index.php /url /l.php /comments/abc :80 :443 :8080 user@
;jsessionid=1 ..;sid=1 .amp.html &amp; [::1] %2F %20 %E2%80%8C %1A %D8%B3 %ff % xn--mgbh0fb + ß \\ س
"""
MARKS = [ACUTE, ZWNJ, RLM, "\u0338", "\u037e", "\u1fef", "\ud800", "\t"]
PIECES = st.sampled_from(PARTS.split() + MARKS)
ADDRESSES = st.lists(PIECES, min_size=1, max_size=14).map("".join)


@settings(max_examples=800, deadline=None)
@given(ADDRESSES | st.text(max_size=80) | st.text(max_size=60).map("https://example.org/".__add__))
def test_any_text_has_a_settled_form_or_none(written: str) -> None:
    page = canonical_url(written)
    if page is not None:
        assert page.startswith("https://")
        assert canonical_url(page) == page
        assert not set(page) & set(' <>"`\x00\x1b\u202e\u2066\u200f\n')


NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=6).map("p".__add__)
VALUES = st.text(string.ascii_letters + string.digits + "سلام", max_size=6)
TRACKERS = st.sampled_from(sorted(TRACKING_EXACT)) | st.sampled_from(sorted(TRACKING_PREFIXES)).map(lambda p: p + "z")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5), st.lists(st.tuples(TRACKERS, VALUES), max_size=4), st.randoms())
def test_tracking_order_and_case_never_matter(
    pairs: dict[str, str], trackers: list[tuple[str, str]], chance: random.Random
) -> None:
    pairs = {name: value for name, value in pairs.items() if not name.startswith(tuple(TRACKING_PREFIXES))}
    plain = "https://example.org/a?" + "&".join(f"{name}={value}" for name, value in pairs.items())
    mixed = [*pairs.items(), *((name.upper(), value) for name, value in trackers)]
    chance.shuffle(mixed)
    dressed = "HTTP://WWW.Example.ORG:80//a/?" + "&".join(f"{name}={value}" for name, value in mixed) + "#part"
    assert canonical_url(dressed) == canonical_url(plain)


@settings(max_examples=200, deadline=None)
@given(st.text("ابپتسلمنوهی" + ZWNJ + "abc-_.~()", max_size=12))
def test_percent_encoding_never_matters(name: str) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in name.encode())
    assert canonical_url(f"https://example.ir/x{encoded}x") == canonical_url(f"https://example.ir/x{name}x")


@given(st.sampled_from(sorted(SHORTENERS)), st.sampled_from(["", "www.", "WWW.", "a."]), st.text(max_size=6))
def test_no_shortened_link_is_passed_over(host: str, before: str, after: str) -> None:
    pages = pl.DataFrame(
        {"object_id": [f"https://{before}{host}/{after}", f"https://{before}{host.upper()}:80{after}"]}
    )
    looked_at = pages.select(_may_be_shortened()).to_series().to_list()
    assert all(
        kept or not is_shortener(host_of(page)) for kept, page in zip(looked_at, pages["object_id"], strict=True)
    )
    assert before == "a." or looked_at[0]
