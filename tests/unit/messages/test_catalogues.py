"""Catalogues: complete in every language, and read without harm where they are not."""

from __future__ import annotations

import shutil

import pytest

from dideban.messages import Message, catalogues, languages, locale, say
from dideban.messages.catalogues import FOLDER, CatalogueError, catalogue, read_catalogue
from dideban.messages.checks import check_catalogue, main, placeholders
from dideban.messages.message import is_code

ENGLISH = catalogue("en")
EXTREME = (
    0, 1, 2, 3, 11, 100, 103, -1, 0.5, 1e300, -1e-300, float("nan"), float("inf"), None, True, "", "x" * 10_000,
    "<script>alert(1)</script>\u202e", "متن \u2066", "2026-11-23T14:30:00Z", "2026-11-23", [], [1, "a", None],
    ["x" * 500] * 500, Message("later.news", n=1), [Message("schema.column")],
)  # fmt: skip
LOCALE = """
[locale]
name = "Deutsch"
direction = "ltr"
lists = { comma = ", ", and = " und ", or = " oder " }
plurals = { one = "i = 1 and v = 0" }
[nouns]
second = { one = "{n} Sekunde", other = "{n} Sekunden" }
[schema]
column = "{table}.{column}: {expected} erwartet, {got} gefunden"
"""


@pytest.mark.parametrize("lang", languages())
def test_every_catalogue_is_complete(lang):
    assert check_catalogue(catalogue(lang), reference=ENGLISH) == []


def test_the_check_runs_as_a_program(capsys, tmp_path):
    assert main([]) == 0
    bad = tmp_path / "de.toml"
    bad.write_text(LOCALE, "utf-8")
    assert main([str(bad)]) == 1
    assert "de.toml: nouns.minute: missing" in capsys.readouterr().out


@pytest.mark.parametrize("lang", languages())
@pytest.mark.no_cover
def test_every_sentence_takes_every_value(lang):
    for code, text in ENGLISH.texts.items():
        names = placeholders(text)
        for value in EXTREME:
            said = say(Message(code, **dict.fromkeys(names, value)), lang)
            assert said or not value or code == "sentence.english", (code, value)
            assert not said.startswith(("[en] ", "\u2066" + code, code + " (")), (code, value)
            assert "{" not in said.replace("{", "", str(value).count("{") * 40), (code, value)


def test_every_code_is_a_code():
    assert [code for code in ENGLISH.texts if not is_code(code)] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{got} gefunden", "gefunden", "schema.column: does not name {got}"),
        ("{got} gefunden", "{gott} gefunden", "schema.column: names {gott}, which is not given"),
        ("{got} gefunden", "{got gefunden", "schema.column:"),
        ("{got} gefunden", "{got:blau} gefunden", "schema.column: {got:blau} has a form that does not exist"),
        ("{got} gefunden", "{got:noun Maus}", "schema.column: no noun 'Maus'"),
        ("{got} gefunden", "\u202e{got}", "schema.column: holds direction controls"),
        ("[schema]\ncolumn", "[schema]\nrow", "schema.column: missing"),
        ("[schema]\ncolumn", "[schema]\nrow", "schema.row: not in the English catalogue"),
        ('second = { one = "{n} Sekunde",', "second = {", "nouns.second: no form for 'one'"),
        ("other = ", 'two = "zwei", other = ', "nouns.second: no such form: 'two'"),
        ("{n} Sekunden", "{m} Sekunden", "nouns.second: names something else than {n}"),
        (", or = ", ", oder = ", "locale.lists"),
        ("[nouns]", 'quotes = "„“"\n[nouns]', "locale: percent_sign holds {n}, quotes holds {text}"),
        ('= "{table}', '= " "\nx = "{table}', "schema.column: an empty text"),
    ],
)
def test_bad_catalogues_are_told(tmp_path, old, new, problem):
    assert old in LOCALE
    path = tmp_path / "de.toml"
    path.write_text(LOCALE.replace(old, new, 1), "utf-8")
    found = check_catalogue(read_catalogue(path), reference=ENGLISH)
    assert [one for one in found if one.startswith(problem)]


@pytest.mark.parametrize(
    "text",
    ["", "[locale", "[schema]\ncolumn = 'x'", LOCALE.replace('"ltr"', '"up"'), LOCALE.replace("i = 1", "i is 1"),
     LOCALE.replace("[nouns]", 'digits = "12"\n[nouns]'), LOCALE + "row = 3", LOCALE.replace("[nouns]", "hat = 1\n[nouns]"),
     LOCALE + '"\x00" = "x"'],
)  # fmt: skip
def test_unreadable_catalogues_are_refused(tmp_path, text):
    path = tmp_path / "de.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogueError, match=r"de\.toml"):
        read_catalogue(path)
    with pytest.raises(CatalogueError, match="missing"):
        read_catalogue(tmp_path / "missing.toml")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder of catalogues that tests may change."""
    for path in FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogue.cache_clear()
    languages.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    catalogue.cache_clear()
    languages.cache_clear()


def test_a_language_is_one_file(folder):
    (folder / "de.toml").write_text(LOCALE, "utf-8")
    message = Message("schema.column", table="POSTS", column="text", expected="String", got="Int64")
    assert languages() == ("en", "ar", "de", "fa")
    assert say(message, "de-AT") == "POSTS.text: String erwartet, Int64 gefunden"
    assert locale("de").duration(2) == "2 Sekunden"
    assert say(Message("sentence.english", text="x"), "de") == "[en] x"


def test_a_broken_file_is_no_broken_program(folder):
    (folder / "fa.toml").write_text("[locale", "utf-8")
    (folder / "ar.toml").write_bytes(b"\xff\xfe")
    message = Message("schema.column", table="POSTS", column="text", expected="String", got="Int64")
    assert say(message, "fa") == say(message, "ar") == "[en] " + say(message)
    (folder / "en.toml").unlink()
    catalogue.cache_clear()
    languages.cache_clear()
    assert say(message) == "schema.column (column: text, expected: String, got: Int64, table: POSTS)"
