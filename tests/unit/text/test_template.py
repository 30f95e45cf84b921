"""Templates: skeleton, slots, variants."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("کتاب‌های قدیمی را بیاورید", "كتابهاي قديمي را بياوريد"),  # letters
        ("باز می‌شود و غیب‌پرور است", "باز می شود و غیب پرور است"),  # split
        ("باز می‌شود و غیب‌پرور است", "باز میشود و غیبپرور است"),  # glued
        ("باز می شود و غیب پرور است", "باز میشود و غیبپرور است"),
        ("همسایه‌ای در خانه‌های ما", "همسایه ای در خانه های ما"),
        ("ساعت ۱۲ در خانهٔ ما", "ساعت 12 در خانه ما"),  # digits, marks
        ("ساعت ١٢ في المدرسة", "ساعت ۱۲ في المدرسه"),
        ("يُفتح الجسر أمام الناس", "يفتح الجسر امام الناس"),
        ("We meet at the Gym, today", "we meet at the GYM today!"),  # case, punctuation
        ("we meet — today", "we meet today"),
        ("we meet at the pool to day again", "we meet at the pool today again"),
        ("ســـلام به همه دوستان", "سلام به همه دوستان"),  # tatweel
    ],
)
def test_no_spelling_makes_a_slot(one, other):
    for texts in ([one, other], [other, one], [one, one, other], [other, one, other, other]):
        parts = template(texts)
        assert [list(part) for part in parts] == [["text"]]
        assert [variant_of(text, parts) for text in texts] == [[]] * len(texts)


def test_variants_of_a_slot_are_words_not_spellings():
    texts = [
        "جشن در غیب‌پرور برپا می‌شود", "جشن در غیب پرور برپا میشود", "جشن در آسیاب برپا مي شود",
        "جشن در اسياب برپا می‌شود", "جشن در آسیاب برپا می‌شود", "جشن در غیبپرور برپا می شود",
    ]  # fmt: skip
    parts = template(texts)
    assert parts == [{"text": "جشن در "}, {"slot": ["آسیاب", "غیب پرور"]}, {"text": " برپا می‌شود"}]
    assert [variant_of(text, parts)[0] for text in texts] == [1, 1, 0, 0, 0, 1]


def test_numbers_written_apart_are_other_numbers():
    parts = template(["page 1 23 opens", "page 12 3 opens", "page 1 23 opens", "page ۱۲ ۳ opens"])
    assert parts == [{"text": "page "}, {"slot": ["1 23", "12 3"]}, {"text": " opens"}]


def test_emoji_and_links_are_variants_but_dashes_are_not():
    parts = template(["we meet today", "we meet today 😀", "we meet today —"])
    assert parts == [{"text": "we meet today "}, {"slot": ["", "😀"]}]


_WORDS = ["می‌شود", "غیب‌پرور", "خانه‌های", "باز", "کتاب", "آسیاب", "شنبه", "۱۲", "مدرسة", "Gym"]
_TYPED = {
    "split": lambda text: text.replace("\u200c", " "),
    "glued": lambda text: text.replace("\u200c", ""),
    "arabic": lambda text: text.replace("ی", "ي").replace("ک", "ك"),
    "digits": lambda text: text.replace("۱", "1").replace("۲", "2"),
    "case": str.upper,
    "stops": lambda text: text.replace(" ", "، ", 1) + "!",
}


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(st.sampled_from(_WORDS), min_size=1, max_size=12),
    typed=st.lists(st.lists(st.sampled_from(sorted(_TYPED)), max_size=3), min_size=1, max_size=6),
)
def test_however_a_text_is_typed_it_is_one_text(words, typed):
    texts = [" ".join(words)]
    for ways in typed:
        text = texts[0]
        for way in ways:
            text = _TYPED[way](text)
        texts.append(text)
    assert [list(part) for part in template(texts)] == [["text"]]


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
