from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dideban.simulate.text_pairs import LANGUAGES, OTHER_KINDS, SAME_KINDS
from dideban.validation.page_text import OWN, JudgedPairs, judge, render, write_text_page
from dideban.validation.text_peers import judge_pairs


@pytest.fixture(scope="module")
def done() -> list[JudgedPairs]:
    return judge(n_per_kind=12, seed=3)


def test_every_language_kind_and_rule_has_its_figure(done: list[JudgedPairs]) -> None:
    page = render(done)
    for name in ("English", "Persian", "Arabic"):
        assert f"### {name}\n" in page
        assert f"| {name} | precision | at least 0.98 |" in page
    for kind in (*SAME_KINDS, *OTHER_KINDS):
        assert page.count(f"| {kind}") >= 3
    for rule in ("exact match", "MinHash 0.8", "MinHash 0.7", "SimHash 3 bits"):
        assert rule in page


def test_shares_are_those_of_the_pairs(done: list[JudgedPairs]) -> None:
    one = done[0]
    mine = one.pairs.filter(pl.col("kind") == "verbatim")
    assert one.share(OWN, "verbatim") == mine[OWN].sum() / mine.height
    hits, n = one.precision(OWN)
    joined = one.pairs.filter(pl.col(OWN) & (pl.col("kind") != "translated"))
    assert (hits, n) == (joined["is_same"].sum(), joined.height)


def test_errors_are_shown_with_both_texts() -> None:
    pairs = pl.DataFrame(
        {"left": ["one <b>text|here</b>"], "right": ["another"], "kind": ["spun"], "is_same": [True], OWN: [False]}
    )
    page = render([JudgedPairs("en", pairs, 0.1)])
    assert "- spun, missed" in page
    assert "<bdi>one ‹b›text/here‹/b›</bdi>" in page
    assert "<bdi>another</bdi>" in page


def test_page_is_written(tmp_path: Path) -> None:
    path = write_text_page(tmp_path, n_per_kind=2)
    assert path.name == "validation-text.md"
    assert len(LANGUAGES) == 3
    assert path.read_text("utf-8").startswith("# Validation")


def test_peers_follow_their_definitions() -> None:
    said = "the library on mill street opens again on monday with longer hours"
    other = "trams stop running at midnight until the new rails are laid down"
    pairs = pl.DataFrame({"left": [said, said, said, said], "right": [said, said.upper(), said + " now", other]})
    found = {rule: series.to_list() for rule, series in judge_pairs(pairs).items()}
    assert found["exact match"] == [True, False, False, False]
    assert found["MinHash 0.8"] == [True, True, True, False]
    assert found["MinHash 0.7"] == [True, True, True, False]
    assert found["SimHash 3 bits"][:2] == [True, True]
    assert found["SimHash 3 bits"][3] is False


def test_minhash_estimates_jaccard() -> None:
    from dideban.validation.text_peers import _signatures

    letters = [chr(0x4E00 + i) for i in range(400)]
    left, right = "".join(letters[:300]), "".join(letters[100:])
    minima, _ = _signatures(pl.Series([left, right]))
    grams = [{text[i : i + 5] for i in range(len(text) - 4)} for text in (left, right)]
    true = len(grams[0] & grams[1]) / len(grams[0] | grams[1])
    assert abs((minima[0] == minima[1]).mean() - true) < 0.15
