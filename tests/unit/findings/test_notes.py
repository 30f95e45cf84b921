"""What a run says about itself, in three languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from dideban.findings.note_words import WORDS, describe_notes, say_note
from dideban.schema import Note

SOURCES = Path(__file__).resolve().parents[3] / "src" / "dideban"
MADE = [
    Note.make("links-shortened", "{n:,} of {all:,} links ({pct:.1f}%)", n=1200, all=48000, pct=2.5),
    Note.make("scales-left-out", "{resolution_s:g} s", resolution_s=60.0, scales_s=[10.0, 30.0]),
    Note.make("not-enough", "{n:,} {most:,.0f} {least:,.0f}", n=41, most=912.4, least=3280.0),
]


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_that_is_made_has_words_and_every_word_a_code():
    text = "\n".join(path.read_text("utf-8") for path in SOURCES.rglob("*.py"))
    assert set(re.findall(r"Note\.make\(\s*\"([\w-]+)\"", text)) == set(WORDS)


@pytest.mark.parametrize("code", sorted(WORDS))
def test_words_are_in_their_own_letters_and_hold_the_same_values(code):
    fa, ar = WORDS[code]
    assert slots(fa) == slots(ar)
    assert not re.search("[يك]", fa)
    assert not re.search("[یک]", ar)
    assert re.search("[\u0600-\u06ff]", fa)
    assert re.search("[\u0600-\u06ff]", ar)


@pytest.mark.parametrize("note", MADE, ids=lambda note: note.code)
def test_a_note_says_its_numbers_with_the_digits_of_the_language(note):
    said = say_note(note)
    assert said["en"] == note
    assert not re.search("[0-9]", said["fa"] + said["ar"])
    assert "{" not in said["fa"] + said["ar"]


def test_numbers_and_lengths_of_time():
    assert "۱٬۲۰۰ پیوند از ۴۸٬۰۰۰ پیوند (۲٫۵٪)" in say_note(MADE[0])["fa"]
    assert "۱۰ ثانیه، ۳۰ ثانیه" in say_note(MADE[1])["fa"]
    assert "٣٬٢٨٠" in say_note(MADE[2])["ar"]


def test_notes_as_plain_data():
    plain = "A sentence of another program."
    told = describe_notes([MADE[2], plain])
    assert told[0]["code"] == "not-enough"
    assert told[0]["values"] == {"n": 41, "most": 912.4, "least": 3280.0}
    assert told[1] == {"code": "", "values": {}, "en": plain, "fa": plain, "ar": plain}


def test_a_note_is_a_sentence():
    note = Note.make("x", "{n:,} things", n=1200)
    assert note == "1,200 things"
    assert (Note("y").code, dict(Note("y").values)) == ("", {})
