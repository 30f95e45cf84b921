from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import IngestConfig
from dideban.findings.copying import Copies, find_attributions, find_copies
from dideban.findings.copying.align import compare_texts
from dideban.findings.copying.attribution import fold_name
from dideban.ingest import read_articles
from dideban.kernels.copies import cover_pairs, fingerprint_texts, pick_earlier
from dideban.schema import POSTS
from dideban.text.normalise import to_bytes
from oracles.copies import share_held
from testdata.articles import NAMES, Page, write_pages

START = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
LONG = (
    "The council voted on Tuesday evening to keep the old swimming pool on Harbour Street open. "
    "Its roof will be mended before winter, and school classes may swim there free of charge. "
    "Daniel Stone, who has worked at the pool for twenty years, said that nobody had expected it."
)
OTHER = (
    "Gardeners put in eighty young trees along the pond in the park near Station Square last week. "
    "The path has better lamps now, so people feel at ease after dark, and the benches were mended. "
    "Volunteers pick up litter every Saturday and invite anyone with an hour to spare to join them."
)


def posts_of(rows: Sequence[tuple[str, str, float]]) -> pl.DataFrame:
    """POSTS of (publisher, text, hours)."""
    full = [
        {
            "post_id": f"p{i}", "account_id": publisher, "platform": "web", "source": "test", "text": text, "lang": "en",
            "created_at": START + timedelta(hours=hours), "urls": [], "hashtags": [], "mentions": [], "media": [],
            "repost_of": None, "reply_to": None, "quote_of": None, "place": None, "reach": None,
        }
        for i, (publisher, text, hours) in enumerate(rows)
    ]  # fmt: skip
    return POSTS.check(pl.DataFrame(full, schema=POSTS.dtypes))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Page], Copies]:
    folder = tmp_path_factory.mktemp("pages")
    made = write_pages(folder, seed=3, n_stories=6)
    read = read_articles([folder], config=IngestConfig())
    return made, find_copies(read.posts, names=read.names)


def test_every_planted_copy_is_found_and_no_other(pages: tuple[list[Page], Copies]) -> None:
    made, found = pages
    got = {copy.item.url.rsplit("/", 1)[1]: copy for family in found.families for copy in family.copies}
    wanted = {f"{page.story}-{page.kind}" for page in made if page.kind in ("no-line", "declared", "half", "wire-copy")}
    assert set(got) == wanted
    kinds = {"no-line": "no-line", "declared": "declared", "half": "no-line", "wire-copy": "wire"}
    for name, copy in got.items():
        kind = name.split("-", 1)[1]
        assert copy.kind == kinds[kind], name
        low, high = {"no-line": (0.9, 1), "declared": (0.9, 1), "half": (0.3, 0.75), "wire-copy": (0.99, 1)}[kind]
        assert low <= copy.share <= high, name
        assert copy.order_known


def test_the_first_of_a_family_is_who_published_first(pages: tuple[list[Page], Copies]) -> None:
    made, found = pages
    for family in found.families:
        assert family.first_known
        assert family.first.url.endswith(("-original", "-wire"))
        assert all(copy.item.at > family.first.at for copy in family.copies)
    assert found.publishers == NAMES
    assert found.n_texts == len(made)


def test_flows_count_the_copies(pages: tuple[list[Page], Copies]) -> None:
    _, found = pages
    copies = [copy for family in found.families for copy in family.copies]
    assert sum(flow.n for flow in found.flows) == len(copies)
    assert sum(flow.n_wire for flow in found.flows) == sum(copy.kind == "wire" for copy in copies)
    assert [flow.n for flow in found.flows] == sorted((flow.n for flow in found.flows), reverse=True)


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    write_pages(tmp_path, seed=3, n_stories=3)
    posts = read_articles([tmp_path], config=IngestConfig()).posts
    mixed = posts.sample(fraction=1.0, shuffle=True, seed=4)
    assert find_copies(mixed).to_dict() == find_copies(posts).to_dict()


def test_a_copy_of_a_copy_names_both() -> None:
    shorter = LONG.split(". ", maxsplit=1)[0] + ". " + LONG.split(". ")[1] + "."
    found = find_copies(posts_of([("a", LONG, 0), ("b", shorter, 1), ("c", shorter + " " + OTHER, 2)]), min_letters=80)
    (family,) = found.families
    assert [copy.item.publisher for copy in family.copies] == ["b", "c"]
    assert family.copies[1].source.publisher == "a"  # of equals the earliest
    assert family.copies[1].share == pytest.approx(family.copies[1].share_of_first)


def test_same_time_means_order_not_known() -> None:
    found = find_copies(posts_of([("a", LONG, 0), ("b", LONG, 0)]))
    assert not found.families[0].copies[0].order_known
    assert not found.families[0].first_known
    days = posts_of([("a", LONG, 0), ("b", LONG, 0)]).with_columns(
        created_at=pl.Series([datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)]).cast(POSTS.dtypes["created_at"])
    )  # fmt: skip
    assert not find_copies(days).families[0].copies[0].order_known
    assert find_copies(posts_of([("a", LONG, 0), ("b", LONG, 0.5)])).families[0].copies[0].order_known
    assert not find_copies(posts_of([("a", LONG, 0), ("b", LONG, 0.5)]), resolution_s=3600).families[0].first_known


def test_own_updates_are_no_copies_of_others() -> None:
    found = find_copies(posts_of([("a", LONG, 0), ("a", LONG + " More soon.", 3)]))
    assert [copy.kind for copy in found.families[0].copies] == ["own"]
    assert found.flows == []


def test_unlike_and_short_texts_are_left_alone() -> None:
    found = find_copies(posts_of([("a", LONG, 0), ("b", OTHER, 1), ("c", "short", 2), ("d", "", 3)]))
    assert found.families == []
    assert found.n_texts == 2
    assert find_copies(POSTS.empty()).families == []


LINES = [
    ("en", "The pool stays open, according to Alder Herald.", "Alder Herald"),
    ("en", "The pool stays open, as first reported by the Osk Courier yesterday", "the Osk Courier yesterday"),
    ("en", "MARROWBY (Reuters) - The pool stays open", "Reuters"),
    ("en", "Mill Lane Post reported on Monday that the pool stays open.", "Mill Lane Post"),
    ("fa", "به گزارش خبرگزاری ایسنا، استخر باز می‌ماند.", "خبرگزاری ایسنا"),
    ("fa", "استخر باز می‌ماند؛ به نقل از روزنامهٔ شهر", "روزنامهٔ شهر"),
    ("fa", "منبع: پایگاه خبری دره", "پایگاه خبری دره"),
    ("ar", "يبقى المسبح مفتوحا، نقلاً عن صحيفة الوادي.", "صحيفة الوادي"),
    ("ar", "ذكرت وكالة رويترز أن المسبح يبقى مفتوحا", "وكالة رويترز أن المسبح يبقى مفتوحا"),
    ("ar", "المصدر: موقع الوادي", "موقع الوادي"),
    ("ru", "Бассейн остаётся открытым, сообщает РИА Новости.", "РИА Новости"),
    ("ru", "Со ссылкой на газету Долина: бассейн открыт", "газету Долина"),
]


@pytest.mark.parametrize(("lang", "text", "who"), LINES, ids=[f"{lang}-{i}" for i, (lang, _, _) in enumerate(LINES)])
def test_lines_of_attribution_are_found(lang: str, text: str, who: str) -> None:
    for known in (lang, ""):
        assert who in [line.who for line in find_attributions(text, publishers={}, lang=known)]


@pytest.mark.parametrize(
    ("text", "wire"),
    [("according to Reuters,", "reuters"), ("به گزارش خبرگزاری رویترز،", "reuters"), ("نقلا عن وكالة رويترز.", "reuters"),
     ("сообщает Рейтер.", "reuters"), ("به گزارش ایرنا،", "irna"), ("передаёт ТАСС.", "tass"), ("according to my aunt,", "")],
)  # fmt: skip
def test_agencies_are_known_in_every_spelling(text: str, wire: str) -> None:
    assert [line.wire for line in find_attributions(text, publishers={})] == [wire]


def test_publishers_are_known_by_name() -> None:
    names = {fold_name("Alder Herald"): "alder-herald.example"}
    (line,) = find_attributions("As reported by ALDER HERALD, it is so.", publishers=names)
    assert line.publisher == "alder-herald.example"


def test_plain_text_has_no_attribution() -> None:
    assert find_attributions(LONG + OTHER, publishers={}) == []
    assert find_attributions("", publishers={}) == []


def test_attribution_stays_bounded() -> None:
    assert len(find_attributions("according to somebody else " * 50_000, publishers={})) <= 6
    assert len(find_attributions("".join(f"according to A{i}. " for i in range(9_000)), publishers={})) == 6


WORDS = st.lists(
    st.sampled_from(
        [
            "the",
            "pool",
            "is",
            "open",
            "again",
            "closed",
            "council",
            "voted",
            "on",
            "Monday",
            "evening",
            "پل",
            "باز",
            "است",
        ]
    ),
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(old=WORDS.map(" ".join), new=WORDS.map(" ".join))
def test_passages_put_together_are_the_two_texts(old: str, new: str) -> None:
    parts = compare_texts(old, new)
    assert "".join(p.text for p in parts if p.part != "gone") == new
    kept = "".join(p.text for p in parts if p.part != "new")
    assert kept.split() == old.split()


def test_passages_show_what_was_changed() -> None:
    new = LONG.replace("Tuesday evening", "Monday morning").replace(
        " and school classes may swim there free of charge", ""
    )
    parts = [(p.part, p.text.strip()) for p in compare_texts(LONG, new)]
    assert ("gone", "Tuesday evening") in parts
    assert ("new", "Monday morning") in parts
    assert any(part == "gone" and "school classes" in text for part, text in parts)
    assert compare_texts(LONG, LONG)[0].text == LONG
    assert compare_texts("", "") == []


LETTERS = st.text(alphabet="abcd ی橋", max_size=60)


@settings(max_examples=80, deadline=None)
@given(left=LETTERS, right=LETTERS, width=st.integers(2, 8))
def test_cover_is_that_of_every_run(left: str, right: str, width: int) -> None:
    data, offsets = to_bytes(pl.Series([left, right]))
    ((share, back),) = cover_pairs(data, offsets, np.array([0]), np.array([1]), width).tolist()
    assert share == pytest.approx(share_held(right, left, width))
    assert back == pytest.approx(share_held(left, right, width))


def test_a_passage_poured_into_thousands_of_texts_stays_bounded() -> None:
    texts = pl.Series([LONG.replace(" ", "") + f"{i:05d}" * 30 for i in range(3_000)])
    data, offsets = to_bytes(texts)
    starts, hashes = fingerprint_texts(data, offsets, 25, 8)
    codes = np.unique(hashes, return_inverse=True)[1].astype(np.int64)
    best = pick_earlier(starts, codes, 12, 8, 2)
    assert best.max() < 40  # the first holders are remembered, not thousands
    assert (best[12:, 0] >= 0).all()


@pytest.mark.parametrize(
    "text",
    ["a" * 3_000, "\x00" * 500, "&amp;lt;" * 300, "\u202e" * 400 + LONG, "Z̷̡̛͎͉̼͐" * 300, "🙂" * 900, "ab " * 200_000],
    ids=["one-letter", "nul", "entities", "override", "zalgo", "emoji", "long"],
)  # fmt: skip
def test_strange_texts_do_no_harm(text: str) -> None:
    found = find_copies(posts_of([("x", text, 0), ("y", text, 0.5), ("a", LONG, 1), ("b", LONG, 2)]))
    assert any(family.first.publisher in ("a", "x") and family.copies for family in found.families)
    found.to_dict()
