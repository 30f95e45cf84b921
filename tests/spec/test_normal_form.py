"""Every rule of the normal form, by the example that stands in the manual."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dideban.text import normal_form, text_print
from dideban.text.rules import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "text.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_spellings_meet_in_one_print(rule):
    assert len(rule.same) > 1
    prints = text_print(pl.Series(rule.same))
    assert prints.n_unique() == 1, dict(zip(rule.same, normal_form(pl.Series(rule.same)), strict=True))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.other], ids=lambda rule: rule.name)
def test_other_texts_stay_apart(rule):
    own = text_print(pl.Series(rule.same[:1])).item()
    assert own not in text_print(pl.Series(rule.other)).to_list()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_manual_names_the_rule_and_its_source(rule):
    page = PAGE.read_text(encoding="utf-8")
    assert f"| `{rule.name}` | {rule.what} | {rule.source} |" in page


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Café — ۱۲٬۰۰۰ كتاب!", "cafe 12000 کتاب"),
        ("می‌شود", "میشود"),
        ("غیب پرور", "غیب پرور"),
        ("  two   words ", "two words"),
        ("3.5 km, 2,5 km", "3.5 km 2.5 km"),
        ("Ёлка й", "елка и"),
        ("😀", ""),
        ("", ""),
    ],
)
def test_normal_form(text, form):
    assert normal_form(pl.Series([text])).item() == form


def test_display_text_is_not_altered():
    texts = pl.Series("text", ["RT @ana: Cafe\u0301 😀", None, "&amp;"])
    before = texts.to_list()
    normal_form(texts)
    text_print(texts)
    assert texts.to_list() == before


def test_null_stays_null_and_the_name_is_kept():
    form = normal_form(pl.Series("text", ["A", None]))
    assert form.name == "text"
    assert form.to_list() == ["a", None]
    assert text_print(pl.Series("text", ["A", None])).is_null().to_list() == [False, True]


def test_prints_do_not_change_between_releases():
    # kept signatures and published findings refer to these
    assert text_print(pl.Series(["", "a", "The library opens on Monday."])).to_list() == PUBLISHED


PUBLISHED = [6626834796609356575, 8478451239364620765, 15303401469086197083]
