"""Words in pictures: what they change in POSTS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dideban.ingest.pictures import find_reader
from dideban.pipelines.picture_words import apart_by_words, together_by_words
from dideban.pipelines.scan import Scan, scan

pytest.importorskip("PIL.Image", reason="the extra media is not installed")

from tests.testdata.picture_chat import photo

KEY = b"k" * 32
LINES = ("Vote on Sunday they lied", "Prices went up again now")


def chat(folder: Path, pictures: list[tuple[int, str]], *, text: str = "") -> Path:
    (folder / "photos").mkdir(parents=True)
    messages = []
    for number, (seed, words) in enumerate(pictures):
        path = f"photos/{number}.jpg"
        photo(seed, words=words).save(folder / path, quality=90 - 5 * number)
        messages.append({"id": number, "type": "message", "date_unixtime": str(1_700_000_000 + number), "from": "A",
                         "date": "2023-11-14T22:13:20", "from_id": f"user{number}", "photo": path, "text": text})  # fmt: skip
    chat = {"name": "A", "type": "public_channel", "id": 9, "messages": messages}
    (folder / "result.json").write_text(json.dumps(chat))
    return folder


def column(result: Scan, name: str) -> list[object]:
    return result.table("posts").sort("created_at")[name].to_list()


@pytest.mark.slow
@pytest.mark.skipif(find_reader() is None, reason="Tesseract is not installed")
def test_memes_on_one_template_are_apart_by_their_words_which_speak_for_posts_without_text(tmp_path: Path) -> None:
    pictures = [(1, LINES[0]), (1, LINES[1]), (1, LINES[0]), (1, LINES[1])]
    look = scan(chat(tmp_path / "a", pictures), out=tmp_path / "seen", key=KEY)
    read = scan(chat(tmp_path / "b", pictures), out=tmp_path / "read", key=KEY, read_pictures=True)
    assert len({str(value) for value in column(look, "media")}) == 1
    one, two, three, four = column(read, "media")
    assert (one, two) == (three, four)
    assert one != two
    for number, text in zip((0, 1, 0, 1), column(read, "text"), strict=True):
        assert str(text).startswith("🖼 ")
        assert set(LINES[number].split()[:2]) <= set(str(text).split())


@pytest.mark.skipif(find_reader() is None, reason="Tesseract is not installed")
def test_what_people_wrote_themselves_stays_their_text(tmp_path: Path) -> None:
    result = scan(chat(tmp_path / "a", [(1, LINES[0])], text="my own"), out=tmp_path / "o", key=KEY, read_pictures=True)
    assert column(result, "text") == ["my own"]


def test_without_the_program_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = scan(chat(tmp_path / "a", [(1, LINES[0])]), out=tmp_path / "o", key=KEY, read_pictures=True)
    assert [note["code"] for note in result.run["notes"][:2]] == ["note.pictures-hashed", "note.pictures-need-reader"]
    assert column(result, "text") == [""]


def test_pictures_without_words_go_with_the_most_frequent_text() -> None:
    values = dict.fromkeys("abcdef", "pdq:" + "0" * 64) | {"other": "pdq:" + "1" * 64}
    words = {"a": "vote on sunday", "b": "vote on sundav", "c": "prices went up", "d": "vote on sunday", "other": "x y"}
    found = apart_by_words(values, words)
    assert found["a"] == found["b"] == found["d"] == found["e"] == found["f"]
    assert found["c"] != found["a"]
    assert found["c"].startswith(values["c"] + "~")
    assert found["other"] == values["other"]


def test_one_text_changes_no_value() -> None:
    values = dict.fromkeys("abc", "pdq:" + "0" * 64)
    assert apart_by_words(values, {"a": "vote on sunday", "b": "vote on sundav now"}) == values


PAGE = " ".join(f"word{i} said{i}" for i in range(20))


def test_pages_of_one_text_are_one_picture_however_they_look() -> None:
    values = {"a": "pdq:1", "b": "pdq:2", "c": "pdq:2", "d": "pdq:3", "e": "pdq:4", "f": "pdq:5"}
    cut = " ".join(PAGE.split()[6:])
    words = {"a": PAGE, "b": cut, "c": cut, "d": f"{PAGE} see here now", "e": "another text " * 20, "f": "word1 said1"}
    found, n_moved = together_by_words(values, words)
    assert found == {"a": "pdq:2", "b": "pdq:2", "c": "pdq:2", "d": "pdq:2", "e": "pdq:4", "f": "pdq:5"}
    assert n_moved == 2


def test_the_same_words_in_another_order_are_another_page() -> None:
    values = {"a": "pdq:1", "b": "pdq:2"}
    words = {"a": PAGE, "b": " ".join(sorted(PAGE.split()))}
    assert together_by_words(values, words) == (values, 0)


def test_without_words_pictures_stay_as_they_are() -> None:
    assert together_by_words({"a": "pdq:1", "b": ""}, {}) == ({"a": "pdq:1", "b": ""}, 0)
