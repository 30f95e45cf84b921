"""What a run says about itself, as data and in every language."""

from __future__ import annotations

import json
import re

import pytest

from dideban.messages import Message, describe, languages, say
from dideban.messages.catalogues import catalogue

MADE = [
    Message("note.links-shortened", n=1200, all=48000, share=0.025),
    Message("note.scales-left-out", resolution_s=60.0, scales_s=[10.0, 30.0]),
    Message("note.not-enough", n=41, most=912, least=3280),
]
CODES = sorted(code for code in catalogue("en").texts if code.startswith("note."))


@pytest.mark.parametrize("code", CODES)
def test_words_are_in_their_own_letters(code):
    fa, ar = (catalogue(lang).texts[code] for lang in ("fa", "ar"))
    assert not re.search("[يك]", str(fa))
    assert not re.search("[یک]", str(ar))
    assert re.search("[\u0600-\u06ff]", str(fa))
    assert re.search("[\u0600-\u06ff]", str(ar))


@pytest.mark.parametrize("note", MADE, ids=lambda note: note.code)
def test_a_note_says_its_numbers_with_the_digits_of_the_language(note):
    assert not re.search("[0-9]", say(note, "fa") + say(note, "ar"))


def test_numbers_and_lengths_of_time():
    assert say(MADE[0]).startswith("1,200 of 48,000 links (2.5%) go through")
    assert "۱٬۲۰۰ پیوند از ۴۸٬۰۰۰ پیوند (۲٫۵٪)" in say(MADE[0], "fa")
    assert "۱۰ ثانیه، ۳۰ ثانیه" in say(MADE[1], "fa")
    assert "٣٬٢٨٠" in say(MADE[2], "ar")


def test_notes_as_plain_data():
    told = json.loads(json.dumps(describe(MADE[2])))
    assert told["code"] == "note.not-enough"
    assert told["values"] == {"n": 41, "most": 912, "least": 3280}
    assert set(told["text"]) == set(languages())
    assert Message.from_dict(told) == MADE[2]
