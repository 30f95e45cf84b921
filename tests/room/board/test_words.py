"""Translations are complete, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation.template import templatize

import dideban.room
from dideban.errors import InputError
from dideban.messages import has_text
from dideban.room.alerts.models import RuleKind
from dideban.room.cases.models import CaseStatus, Severity
from dideban.room.findings.models import VerdictKind
from dideban.room.members.tokens import SCOPES
from dideban.room.roles import Role
from dideban.room.sources.models import Health
from dideban.room.sources.registry import types
from dideban.room.wording.problems import error_words
from dideban.room.wording.words import ACTIONS, WORDS, detail_name, detail_value, word

ROOM = Path(dideban.room.__file__).parent
ISOLATES = dict.fromkeys(map(ord, "\u2066\u2068\u2069"), "")
PLACES = r"%\(\w+\)s|\{\w+\}"


def entries(language: str) -> list[tuple[str | None, str, str]]:
    """Context, text and translation of each entry."""
    with (ROOM / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return [(m.context, str(m.id), str(m.string)) for m in read_po(file) if m.id]


def written(language: str) -> dict[str, str]:
    return {text: said for _, text, said in entries(language)}


def asked() -> set[str]:
    """Every text that a template or a module asks to have translated."""
    found = set()
    for path in (ROOM / "board" / "templates").rglob("*.html"):
        code = templatize(path.read_text("utf-8"))
        for text in re.findall(r" (?:gettext|_)\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\)", code):
            found.add(text[1:-1].replace("\\'", "'").replace('\\"', '"'))
    return found - {""}


@pytest.mark.parametrize("language", ["fa", "ar"])
def test_everything_is_translated(language: str) -> None:
    known = written(language)
    assert len(asked()) > 300
    assert sorted(text for text in asked() if not known.get(text)) == []
    assert [text for text, said in known.items() if not said] == []


@pytest.mark.parametrize("language", ["fa", "ar"])
def test_nothing_is_translated_that_nobody_says(language: str) -> None:
    kinds = (".py", ".html", ".txt", ".toml", ".js", ".svg", ".json")
    said = "".join(path.read_text("utf-8") for path in ROOM.rglob("*") if path.suffix in kinds)
    said = re.sub(r'"\s*\n\s*"', "", said)  # texts over several lines
    unused = [text for text in written(language).keys() - asked() if text not in said]
    assert sorted(text for text in unused if text.replace('"', '\\"') not in said) == []


@pytest.mark.parametrize("language", ["fa", "ar"])
def test_places_for_values_are_kept(language: str) -> None:
    odd = {t: s for t, s in written(language).items() if sorted(re.findall(PLACES, t)) != sorted(re.findall(PLACES, s))}
    assert odd == {}


@pytest.mark.parametrize("language", ["fa", "ar"])
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with (ROOM / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for context, text, said in entries(language):
        assert (compiled.pgettext(context, text) if context else compiled.gettext(text)) == said


@pytest.mark.parametrize(
    ("kind", "slugs"),
    [("verdict", VerdictKind), ("status", CaseStatus), ("severity", Severity), ("role", Role), ("health", Health),
     ("source", list(types())), ("rule", RuleKind), ("scope", SCOPES),
     ("field", sorted({field.name for one in types().values() for field in one.fields}))],
)  # fmt: skip
def test_every_slug_has_words(kind: str, slugs: list[str]) -> None:
    assert [slug for slug in slugs if slug not in WORDS[kind]] == []


def test_every_recorded_action_has_words() -> None:
    text = "".join(path.read_text("utf-8") for path in ROOM.rglob("actions.py"))
    recorded = {name for name in re.findall(r'"([a-z]+\.[a-z-]+)"', text) if not has_text(name)}
    everything = "".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))
    recorded |= set(re.findall(r'record\(\s*[\w.]+,\s*"([a-z]+\.[a-z-]+)"', everything))
    assert len(recorded) > 40
    assert sorted(recorded - set(ACTIONS)) == []


@pytest.mark.parametrize(
    ("error", "persian"),
    [
        (InputError("room.verdict-needs-reason", hint="room.one-sentence"), ("داوری باید دلیل داشته باشد", "یک جمله کافی است")),
        (InputError("room.field-missing", field="url"), ("نشانی: نوشته نشده است", "")),
        (InputError("room.not-a-time", value="\u202ex"), ("«\ufffdx» روز یا زمان نیست", "")),
    ],
)  # fmt: skip
def test_errors_are_said_in_the_language_of_the_page(error: InputError, persian: tuple[str, str]) -> None:
    with translation.override("fa"):
        assert tuple(part.translate(ISOLATES) for part in error_words(error)) == persian


def test_an_unknown_slug_is_shown_as_it_is() -> None:
    assert word("verdict", "perhaps") == "perhaps"


def test_every_detail_and_subject_of_the_trail_has_a_word() -> None:
    """What an audit event notes is read by people: neither a name of a column nor the kind of a subject stays a code."""
    details: set[str] = set()
    subjects: set[str] = set()
    for path in ROOM.rglob("*.py"):
        for one in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(one, ast.keyword) and one.arg == "details" and isinstance(one.value, ast.Dict):
                details |= {str(key.value) for key in one.value.keys if isinstance(key, ast.Constant)}
            if isinstance(one, ast.keyword) and one.arg == "subject" and isinstance(one.value, ast.JoinedStr):
                first = one.value.values[0]
                subjects |= {str(first.value).partition(":")[0]} if isinstance(first, ast.Constant) else set()
    assert len(details) > 30
    assert sorted(name for name in details if detail_name(name) == name) == []
    assert sorted(kind for kind in subjects if word("subject", kind) == kind) == []


@pytest.mark.parametrize(
    ("did", "name", "value", "said"),
    [
        ("exercise.withdraw", "why", "case-reopened", "پرونده دوباره باز شد"),
        ("miss.note", "why", "unknown", "نامعلوم"),
        ("finding.verdict", "kind", "confirmed", "تأییدشده"),
    ],
)
def test_a_slug_that_the_trail_notes_is_said_in_words(did: str, name: str, value: str, said: str) -> None:
    with translation.override("fa"):
        assert detail_value(did, name, value) == said


def templates() -> list[tuple[str, str]]:
    """Name and text of each template of the room."""
    return [(path.name, path.read_text("utf-8")) for path in (ROOM / "board" / "templates").rglob("*.html")]


def test_no_field_for_files_shows_the_words_of_the_browser() -> None:
    """They are in the language of the browser, not of the page."""
    fields = [(name, field) for name, text in templates() for field in re.findall(r'<input type="file"[^>]*', text)]
    assert len(fields) > 5
    assert [name for name, field in fields if "data-choose" not in field] == []


def test_no_list_is_joined_by_a_latin_comma() -> None:
    assert [name for name, text in templates() if re.search(r"forloop\.last %\}[,;] ", text)] == []
