"""Templates: skeleton, slots, variants."""

from __future__ import annotations

import pytest

from dideban.text import template, variant_of


def test_words_that_differ_become_slots_most_frequent_first():
    parts = template(["Vote for the pool today", "Vote for the park today", "Vote for the park today"])
    assert parts == [{"text": "Vote for the "}, {"slot": ["park", "pool"]}, {"text": " today"}]


def test_words_left_out_and_added():
    assert template(["we meet at noon", "we all meet at noon"]) == [
        {"text": "we "},
        {"slot": ["", "all"]},
        {"text": " meet at noon"},
    ]


def test_spelling_is_no_variant():
    parts = template(["کتاب‌های قدیمی را بیاورید", "كتابهاي قديمي را بياوريد"])
    assert parts == [{"text": "کتاب‌های قدیمی را بیاورید"}]


def test_persian_slots_and_who_used_which():
    texts = ["پارک لاله از شنبه باز می‌شود", "پارک ملت از شنبه باز می شود", "پارک لاله از شنبه باز ميشود 😀"]
    parts = template(texts)
    assert parts[0] == {"text": "پارک "}
    assert parts[1] == {"slot": ["لاله", "ملت"]}
    assert [variant_of(text, parts)[0] for text in texts] == [0, 1, 0]


def test_a_cut_off_copy_hides_nothing():
    parts = template(
        ["we meet in the old park at noon on Friday", "we meet in the new park at noon on Friday", "we meet in the"]
    )
    assert parts == [{"text": "we meet in the "}, {"slot": ["new", "old"]}, {"text": " park at noon on Friday"}]


def test_scripts_without_spaces():
    parts = template(["今天图书馆在星期一开放", "今天公园在星期二开放"])
    assert parts == [
        {"text": "今天"},
        {"slot": ["公园", "图书馆"]},
        {"text": "在星期"},
        {"slot": ["一", "二"]},
        {"text": "开放"},
    ]


def test_an_unknown_variant_is_minus_one():
    parts = template(["Vote for the park today", "Vote for the pool today"])
    assert variant_of("Vote for the library today", parts) == [-1]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["\x00\u202e"]])
def test_nothing_to_show(texts):
    assert template(texts) == []


def test_directional_controls_and_nul_are_not_shown():
    parts = template(["\u202eVote\x00 for \u2067park", "\u202eVote\x00 for \u2067pool"])
    assert parts == [{"text": "Vote for "}, {"slot": ["park", "pool"]}]


def test_bounded():
    many = [f"{'word ' * 5000}{i}" for i in range(500)]
    parts = template(many)
    assert sum(len(part.get("text", "")) for part in parts) <= 20_000
    assert all(len(part["slot"]) <= 12 for part in parts if "slot" in part)


def test_lone_surrogates_do_no_harm():
    parts = template(["Vote \ud83d for the park", "Vote \ud83d for the pool"])
    assert parts == [{"text": "Vote ? for the "}, {"slot": ["park", "pool"]}]
    assert variant_of("Vote \udc00 for the pool", parts) == [1]
