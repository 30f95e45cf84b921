"""What a finding is about, in one line: chosen well, the same each time, and harmless whatever was posted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.findings.headline import (
    MAX_LINE,
    REMOVED,
    Headline,
    _rank,
    _weight,
    _words,
    headline,
    telling_line,
)
from dideban.findings.model import SharedObject
from dideban.findings.sureness import how_sure
from dideban.messages import languages, say


def pushed(
    kind: str, label: str, *, n: int = 5, others: int | None = 0, said: str = "", posts: int = 0
) -> SharedObject:
    return SharedObject(
        kind=kind, id=f"{kind}:{label}", label=label, n_accounts=n, n_posts=posts or n, n_others=others, said=said,
        first_at="2024-03-01T12:00:00Z", last_at="2024-03-01T13:00:00Z",
    )  # fmt: skip


def test_the_text_that_members_share_and_others_do_not_comes_first() -> None:
    common = pushed("text", "Good morning to everybody out there", n=9, others=900)
    own = pushed("text", "The bridge at Pell Harbour is closed", n=7)
    assert headline([common, own]).line == "The bridge at Pell Harbour is closed"


def test_length_decides_nothing() -> None:
    short, long = pushed("text", "The well is poisoned", n=6), pushed("text", "Some much longer text " * 30, n=5)
    assert headline([long, short]).line == "The well is poisoned"


def test_words_beside_a_link_say_more_than_its_address() -> None:
    link = pushed("link", "https://wire.example/a/000123", said="Bus fares rise in May https://wire.example/a/000123")
    found = headline([link])
    assert (found.line, found.is_quote, found.site) == ("Bus fares rise in May", True, "wire.example")


@pytest.mark.parametrize(
    ("label", "line"),
    [
        ("https://wire.example/2024/new-water-plan-for-the-north.html", "new water plan for the north"),
        ("https://wire.example/%D8%A2%D8%A8-%D8%B4%D9%87%D8%B1-%D9%82%D8%B7%D8%B9-%D8%B4%D8%AF", "آب شهر قطع شد"),
        ("https://wire.example/a/000123", "wire.example/a/000123"),
        ("http://[bad", ""),
    ],
)
def test_a_link_without_words_is_named_by_its_page(label: str, line: str) -> None:
    found = headline([pushed("link", label)])
    assert (found.line, found.is_quote) == (line, False) or not line


def test_what_was_deleted_on_request_is_not_said() -> None:
    gone, left = pushed("text", REMOVED, n=9), pushed("text", "The bridge is closed", n=4)
    assert headline([gone, left]).line == "The bridge is closed"
    beside = pushed("link", "https://wire.example/a", said=REMOVED)
    assert headline([beside]).line == "wire.example/a"
    only = headline([gone])
    assert (only, say(only.message(), "en")) == (Headline(), "content that is no longer kept")


@pytest.mark.parametrize("kind", ["media", "reply", "repost", "text"])
def test_what_has_no_words_is_named_by_its_kind(kind: str) -> None:
    bare = SharedObject(
        kind=kind, id="x/1", label="x/1", n_accounts=3, n_posts=3, first_at="2024-03-01T12:00:00Z",
        last_at="2024-03-01T12:00:00Z",
    )  # fmt: skip
    found = headline([bare])
    assert found.line == ""
    assert all(say(found.message(), lang) for lang in languages())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("   \n\n ", ""),
        ("🎉🎉🎉🎉🎉🎉🎉🎉", "🎉🎉🎉"),
        ("\u202eevil\u202c text that reads well", "evil text that reads well"),
        ("RT @ana: the bridge is closed today", "the bridge is closed today"),
        ("#a #b #c\nWhat everybody should know", "What everybody should know"),
        ("https://x.example/1", ""),
        ("a\x00b the bridge is closed", "a b the bridge is closed"),
        ("می‌روند به شهر و برمی‌گردند", "می‌روند به شهر و برمی‌گردند"),
        ("nope\nthe second line has words", "the second line has words"),
    ],
)
def test_the_telling_line(text: str, line: str) -> None:
    assert telling_line(text) == line


def test_a_huge_text_is_cut_at_a_word() -> None:
    line = telling_line("word " * 100_000)
    assert len(line) <= MAX_LINE
    assert line.endswith("word…")
    assert telling_line("Sentences. " * 30).endswith(" Sentences…"), "four points are no end of a sentence"
    assert len(telling_line("x" * 1_000_000)) <= MAX_LINE
    assert len(telling_line("e" + "\u0301" * 10_000)) <= 5


@given(st.lists(st.tuples(st.text(max_size=60), st.integers(1, 9), st.integers(0, 99)), max_size=8))
def test_any_posts_give_one_harmless_line_in_any_order(rows: list[tuple[str, int, int]]) -> None:
    objects = [pushed("text", label, n=n, others=others) for label, n, others in rows]
    found = headline(objects)
    assert found == headline(objects[::-1])
    assert len(found.line) <= MAX_LINE
    assert not [
        c
        for c in found.line
        if unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]
    assert found.line.splitlines() in ([], [found.line])


@given(st.floats(1, 1e9), st.floats(1, 1e9))
def test_rarer_chance_is_never_weaker_evidence(one: float, other: float) -> None:
    order = ["enough", "strong", "very-strong"]
    levels = [order.index(how_sure(is_lead=False, chance_one_in=n).level) for n in sorted((one, other))]
    assert levels == sorted(levels)


def test_how_sure_has_its_own_figure_and_says_what_is_open() -> None:
    checks = [{"check": "same-owner", "outcome": "not-checkable"}, {"check": "own-domain", "outcome": "explains"}]
    sure = how_sure(is_lead=False, chance_one_in=62_000.0, checks=checks)
    assert say(sure.message(), "en") == "strong evidence (by chance less than once in 62,000 tries)"
    assert sure.explained == ("own-domain",)
    assert how_sure(is_lead=True, kind="no such kind").why == ""


def test_a_long_line_is_cut_inside_its_quotation_marks() -> None:
    long = Headline(kind="text", line="word " * 60, is_quote=True)
    said = say(long.message(most_chars=20), "en").translate(dict.fromkeys(map(ord, "\u2068\u2069")))
    assert said == "“word word word word…”"
    ends = Headline(kind="text", line="It is so. It was so.", is_quote=True).message(most_chars=9)
    assert "It is so…" in say(ends, "en")
    assert say(long.message(most_chars=1_000), "en") == say(long.message(), "en")


OBJECTS = st.builds(
    SharedObject,
    kind=st.sampled_from(["text", "link", "hashtags", "image", "reply", "email"]), id=st.sampled_from("abcdef"),
    label=st.sampled_from(["The bridge is closed", "ok", "#a #b", "https://wire.example/a/1", "", "…", "a", "b"]),
    said=st.sampled_from(["", "Bus fares rise in May", "no"]), n_accounts=st.integers(1, 5), n_posts=st.integers(1, 4),
    n_others=st.sampled_from([None, 0, 3]), first_at=st.sampled_from(["2024-03-01T12:00:00Z", "2024-03-01T12:00:01Z"]),
    last_at=st.just("2024-03-01T13:00:00Z"),
)  # fmt: skip


@given(st.lists(OBJECTS, max_size=12))
def test_reading_few_texts_chooses_as_reading_all_does(objects: list[SharedObject]) -> None:
    """Texts that could not come first are left unread; the slow way reads each and sorts them all."""
    read = [(one, *_words(one)) for one in objects if one.label != REMOVED]
    every = [(_rank(one, _weight(one, line=line, is_quote=said)), one, line, said) for one, line, said in read]
    found = headline(objects)
    if not every:
        assert found == Headline()
        return
    first = min(rank for rank, *_ in every)
    those = [
        (one.kind, one.id, line, said, one.n_accounts, one.n_posts) for rank, one, line, said in every if rank == first
    ]
    assert (found.kind, found.object_id, found.line, found.is_quote, found.n_accounts, found.n_posts) in those
