"""Lists in cells, and objects in texts."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.ingest.columns import SYNONYMS, guess_columns, plain
from dideban.ingest.embedded_lists import hashtags_in, mentions_in, parse_list, read_lists, urls_in, without_urls
from dideban.ingest.format import TARGETS
from dideban.schema import POSTS


@pytest.mark.parametrize(
    ("cell", "kind", "items"),
    [
        ('["a", "b"]', "hashtags", ["a", "b"]),
        ("['a', 'b']", "hashtags", ["a", "b"]),
        ("[a, b]", "hashtags", ["a", "b"]),
        ("#a #b", "hashtags", ["a", "b"]),
        ("#a,#b", "hashtags", ["a", "b"]),
        ("a؛b،c", "hashtags", ["a؛b", "c"]),
        ("a;b", "hashtags", ["a", "b"]),
        ("@ann @ben", "mentions", ["ann", "ben"]),
        ("[]", "urls", []),
        ("", "urls", []),
        (None, "urls", []),
        ("null", "urls", []),
        ("https://e.org/a,b https://e.org/c", "urls", ["https://e.org/a,b", "https://e.org/c"]),
        ("https://e.org/a,https://e.org/c", "urls", ["https://e.org/a", "https://e.org/c"]),
        ("https://e.org/a|https://e.org/c", "urls", ["https://e.org/a", "https://e.org/c"]),
        ('[{"expanded_url": "https://e.org/a"}, {"tag": "x"}, null, 7]', "urls", ["https://e.org/a", "7"]),
        ('[{"kind": "url", "value": "https://e.org/a"}, {"kind": "tag", "value": "x"}]', "urls", ["https://e.org/a"]),
        ('[{"link": {"target": "https://e.org/a", "title": "b"}}]', "urls", ["https://e.org/a"]),
        ("[__import__('os').getcwd()]", "urls", ["__import__('os').getcwd()"]),
    ],
)
def test_cells_that_hold_lists(cell, kind, items):
    got = read_lists(pl.Series("c", [cell], dtype=pl.String), kind=kind)
    assert got.to_list() == [items]


@given(st.lists(st.text(min_size=1).filter(lambda text: text.strip()), min_size=1))
def test_json_lists_are_read_as_they_are(items):
    assert parse_list(json.dumps(items), "urls") == items


@given(st.lists(st.none() | st.text(max_size=20)), st.sampled_from(["urls", "hashtags", "mentions", "media"]))
def test_any_cell_is_a_list_of_filled_texts(cells, kind):
    got = read_lists(pl.Series("c", cells, dtype=pl.String), kind=kind)
    assert got.dtype == pl.List(pl.String)
    assert all(item for items in got.to_list() for item in items)
    assert got.null_count() == 0


CELLS = st.text(alphabet="ab#@,;،| \t\u00a0\x1f[]'\":/.\u06f1", max_size=15)


@given(st.lists(CELLS | st.just("https://e.org/a,https://e.org/b")), st.sampled_from(["urls", "hashtags", "media"]))
def test_cells_read_together_are_read_as_each_alone(cells, kind):
    got = read_lists(pl.Series("c", cells, dtype=pl.String), kind=kind).to_list()
    for cell, items in zip(cells, got, strict=True):
        trimmed = cell.strip(" \t\u00a0")
        bare = trimmed in ("", "[]")
        alone = [] if bare else [item.strip(" \t\u00a0\x1f") for item in parse_list(trimmed, kind)]
        if kind == "hashtags":
            alone = [item.lstrip("#＃") for item in alone]
        assert [item.strip("\x1f") for item in items] == [item for item in alone if item]


@pytest.mark.parametrize(
    ("text", "urls", "hashtags", "mentions"),
    [
        ("plain words", [], [], []),
        ("see https://e.org/a.", ["https://e.org/a"], [], []),
        ("(https://e.org/a)", ["https://e.org/a"], [], []),
        ("«https://e.org/پل»؟", ["https://e.org/پل"], [], []),
        ("cut https://t.co/ab…", ["https://t.co/ab"], [], []),
        ("#one#two #۱۲ #روز۱ ＃三 #_x", [], ["one", "روز۱", "三", "_x"], []),
        ("a#b x@y.org &#39; @ann: @ben@m.example.", [], [], ["ann", "ben@m.example"]),
        ("https://e.org/#part @x", ["https://e.org/#part"], [], ["x"]),
        ("#خبر_فوری، #عاجل!", [], ["خبر_فوری", "عاجل"], []),
    ],
)
def test_objects_in_texts(text, urls, hashtags, mentions):
    frame = pl.DataFrame({"t": [text]})
    cleaned = without_urls(pl.col("t"))
    got = frame.select(u=urls_in(pl.col("t")), h=hashtags_in(cleaned), m=mentions_in(cleaned)).row(0)
    assert got == (urls, hashtags, mentions)


def test_synonyms_fill_known_columns_and_no_name_stands_for_two():
    assert set(SYNONYMS) == set(TARGETS) == set(POSTS.names) - {"source"}
    seen: dict[str, str] = {}
    for target, names in SYNONYMS.items():
        for name in {plain(name) for name in names}:
            assert seen.setdefault(name, target) == target, name


def test_each_column_is_used_once_and_needed_ones_choose_first():
    assert guess_columns(["date", "user", "url", "id"]) == {
        "created_at": "date", "account_id": "user", "urls": "url", "post_id": "id",
    }  # fmt: skip
    assert guess_columns(["Timestamp", "Author ID", "Author"])["account_id"] == "Author ID"
