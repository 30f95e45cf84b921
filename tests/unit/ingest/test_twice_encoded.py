"""Letters that were encoded twice are decoded once more, and nothing else is touched."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.ingest.twice_encoded import is_twice_encoded, mend, mend_blocks

WORDS = ["سلام به همه‌ی دوستان", "مرحبًا بالجميع", "Señor José — ça va?", "زنده باد بهار 🎉", "plain", "“quoted” …"]
texts = st.lists(st.sampled_from([*WORDS, " ", "-", '"', "\\", "u00"]), min_size=1, max_size=8).map("".join)


def as_windows(text: str) -> str:
    """Take the bytes of UTF-8 for Windows-1252, as browsers do: what it does not know stays a control character."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def as_latin(text: str) -> str:
    return text.encode().decode("latin-1")


@given(text=texts)
def test_what_was_encoded_twice_is_decoded_once_more(text: str) -> None:
    assert mend(as_windows(text)) == text
    assert mend(as_latin(text)) == text
    assert mend(mend(as_latin(text))) == text


@given(texts=st.lists(texts, min_size=1), size=st.integers(1, 50), is_escaped=st.booleans())
def test_blocks_may_be_cut_anywhere(texts: list[str], size: int, is_escaped: bool) -> None:
    written = json.dumps([as_latin(text) for text in texts], ensure_ascii=is_escaped).encode()
    got = b"".join(mend_blocks(written[at : at + size] for at in range(0, len(written), size)))
    assert json.loads(got) == texts


@given(data=st.binary(max_size=300), size=st.integers(1, 40))
def test_bytes_that_are_no_letters_come_out_as_they_went_in(data: bytes, size: int) -> None:
    whole = b"".join(mend_blocks(iter([data])))
    assert b"".join(mend_blocks(data[at : at + size] for at in range(0, len(data), size))) == whole
    if not is_twice_encoded(data) and b"\xc3" not in data and b"\\" not in data:
        assert whole == data


def test_long_runs_are_not_held_back() -> None:
    blocks = [b"a" * 100_000] * 3
    assert [len(block) for block in mend_blocks(iter(blocks))] == [100_000] * 3


@pytest.mark.parametrize(
    "text",
    [
        "سلام به همه", "déjà vu à la carte, ÇA, IRMÃ, 100 € – “so”", "Ã", "ÄÖÜ ß Ø Æ", '{"a": "\\u0633\\u0644\\u0627\\u0645"}', "ascii",
        '{"a": "\\\\u00d8\\\\u00b3 is how it is written, \\\\u00d8\\\\u00b3, \\\\u00d8\\\\u00b3"}', "Ø³ is how it looks: " + "سلام " * 9,
    ],
)  # fmt: skip
def test_other_texts_are_not_taken_for_it(text: str) -> None:
    assert not is_twice_encoded(text.encode())


def test_a_download_of_a_chat_is_read_as_its_writers_see_it(intake) -> None:
    messages = [
        {"sender_name": as_latin(name), "timestamp_ms": 1_700_000_000_000 + 61_000 * n, "content": as_latin(f"{WORDS[n]} {n}"),
         "share": {"link": f"https://news.example/{n}"}, "is_geoblocked_for_viewer": False}
        for n, name in enumerate(["علی", "مریم", "José"] * 2)
    ]  # fmt: skip
    chat = json.dumps({"participants": [], "messages": messages, "title": as_latin("گروه")})
    got = intake(chat)
    assert got.column("account_id") == ["علی", "مریم", "José"] * 2
    assert got.column("text") == [f"{word} {n}" for n, word in enumerate(WORDS)]
    assert got.column("urls") == [[f"https://news.example/{n}"] for n in range(6)]  # what is shared is not the post
    assert "ingest.twice-encoded" in [note.code for note in got.intake.files[0].notes]


def test_a_table_that_went_through_the_wrong_encoding_is_read(intake) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "author", "created_at", "text"])
    writer.writerows([n, as_windows(f"نویسنده {n}"), f"2026-05-01T12:00:0{n}Z", as_windows(WORDS[n])] for n in range(6))
    got = intake(out.getvalue())
    assert got.column("text") == WORDS
