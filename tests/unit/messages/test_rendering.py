"""Messages become sentences, whatever their values hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.messages import Message, languages, say, translations
from dideban.messages.catalogues import Catalogue
from dideban.messages.clean import FSI, PDI, direction_of, middle_cut, visible
from dideban.messages.locales import Locale
from dideban.messages.rendering import MAX_SAID, locale, parse

BAD = "<b onclick=x>\u202eevil\u2066\x1b[31m\x00\ud800" + "x" * 10_000
TEXTS = {
    "test.values": "{n} of {names:and quoted} in {at:instant} ({share:percent}, {path:path})",
    "test.nested": "{it}; {many:or}",
    "test.plural": {"by": "k", "one": "one of {n}", "other": "{k} of {n}", "=0": "none"},
    "test.noun": "{n:noun day} ago",
    "test.broken": "{n",
    "test.form": "{n:colour}",
}


@pytest.fixture
def texts(monkeypatch):
    """Let every language say the sentences of these tests in English."""
    from dideban.messages import rendering

    made = {lang: Catalogue(locale=rendering.locale(lang), texts=TEXTS) for lang in languages()}
    monkeypatch.setattr(rendering, "catalogue", made.__getitem__)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("@mina سلام، پل بسته است", "rtl"), ("https://a.example/x پل بسته است", "rtl"), ("NATO در بندر است", "rtl"),
        ("پل بسته است @mina", "auto"), ("@mina the bridge is closed", "auto"), ("#پل is what they write", "ltr"),
        ("12 🌧️", "auto"), ("", "auto"), ("@mina", "auto"),
    ],
)  # fmt: skip
def test_a_text_runs_as_most_of_it_does(text: str, direction: str) -> None:
    assert direction_of(text) == direction


def test_values_are_written_in_the_language(texts):
    message = Message(
        "test.values", n=1200, names=["a", "b", "c"], at="2026-11-23T14:30:00+00:00", share=0.125, path="/x/y.csv"
    )
    assert say(message) == "1,200 of 'a', 'b' and 'c' in 2026-11-23 14:30 UTC (12.5%, /x/y.csv)"
    assert say(message, "fa").startswith(f"۱٬۲۰۰ of «{FSI}a{PDI}»، «{FSI}b{PDI}» و «{FSI}c{PDI}» in")


def test_messages_stand_in_messages(texts):
    inner = Message("test.plural", n=3, k=2)
    message = Message("test.nested", it=inner, many=[inner, Message("test.noun", n=1), "x"])
    assert say(message) == "2 of 3; 2 of 3, 1 day ago or x"


@pytest.mark.parametrize(("k", "text"), [(0, "none"), (1, "one of 3"), (2, "2 of 3"), ("many", "many of 3")])
def test_the_named_value_chooses_the_form(texts, k, text):
    assert say(Message("test.plural", n=3, k=k)) == text


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("code", sorted(TEXTS))
def test_foreign_text_neither_steers_nor_runs_on(texts, code, lang):
    values = dict.fromkeys(("n", "names", "at", "share", "path", "it", "many", "k"), BAD)
    said = say(Message(code, **values), lang)
    assert len(said) < 5_000
    assert not set(said) & set("\u202e\x1b\x00\ud800")
    assert said.count(FSI) + said.count("\u2066") == said.count(PDI)
    many = say(Message(code, **dict.fromkeys(values, [BAD] * 1000)), lang)
    assert len(many) <= MAX_SAID


@pytest.mark.parametrize("code", ["test.broken", "test.form", "test.values", "never.heard-of"])
def test_what_cannot_be_said_is_shown_as_code_and_values(texts, code):
    assert say(Message(code, k=3)) == f"{code} (k: 3)"
    assert code in say(Message(code, k=3), "fa")


def test_a_code_from_elsewhere_is_harmless():
    said = say(Message.from_dict({"code": BAD, "values": {BAD: [BAD], "n": {"code": BAD}}}))
    assert len(said) < 2_000
    assert "\u202e" not in said


def test_a_language_that_is_not_there_is_marked():
    message = Message("schema.column", table="POSTS", column="text", expected="String", got="Int64")
    assert say(message, "de") == "[en] " + say(message)
    assert say(message, "fa-IR") == say(message, "fa") != say(message)


def test_a_sentence_that_a_language_lacks_is_marked(monkeypatch):
    from dideban.messages import rendering

    made = {"en": Catalogue(locale=locale("en"), texts=TEXTS), "fa": Catalogue(locale=locale("fa"), texts={})}
    monkeypatch.setattr(rendering, "catalogue", made.__getitem__)
    assert say(Message("test.noun", n=2), "fa") == "[en] 2 days ago"


def test_a_reader_may_have_other_digits():
    message = Message("later.news", n=12)
    assert "۱۲" in say(message, "fa")
    assert "12" in say(message, locale("fa").reading(local_digits=False))


def test_every_language_is_there_at_once():
    said = translations(Message("schema.column", table="POSTS", column="text", expected="a", got="b"))
    assert set(said) == set(languages())
    assert len(set(said.values())) == len(languages())


def test_both_ends_of_a_long_path_are_kept():
    path = "/start/" + "x" * 1000 + "/end.csv"
    assert middle_cut(path).startswith("/start/")
    assert middle_cut(path).endswith("/end.csv")
    assert len(middle_cut(path)) == 300


def test_joiners_stay_and_controls_do_not():
    assert visible("می\u200cخواهم\r\nb\x07") == "می\u200cخواهم b�"


@pytest.mark.parametrize("text", ["{a.b}", "{a!r}", "{0}", "{}", "{n:noun}", "{n:and and}"])
def test_placeholders_that_reach_further_are_refused(text):
    with pytest.raises(ValueError, match=r"placeholder|form"):
        parse(text)


@given(st.text(max_size=300))
def test_any_text_can_be_a_value(text):
    for lang in languages():
        said = say(Message("schema.column", table=text, column=text, expected=text, got=text), lang)
        assert said.count(FSI) == said.count(PDI)
        assert said.replace(FSI, "").replace(PDI, "").replace("\u200c", "").replace("\u200d", "").isprintable()


def test_a_locale_without_nouns_still_writes():
    bare = Locale(lang="xx", name="x", direction="ltr")
    assert (bare.duration(60), bare.span(60), bare.counted(2, "cat")) == ("60 second", "1", "2 cat")
