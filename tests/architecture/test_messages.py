"""Whatever the program says is a code of the catalogues, with the values that its sentence names."""

from __future__ import annotations

import ast

import pytest

from architecture.source import Said, files
from dideban.messages import is_code
from dideban.messages.catalogues import catalogue
from dideban.messages.checks import placeholders

TEXTS = catalogue("en").texts
CONVERTED: tuple[str, ...] = (
    "background.py", "cli", "config.py", "errors.py", "evidence", "exchange", "findings", "graph", "groups", "ingest", "kernels",
    "messages", "pipelines", "progress.py", "proof", "report", "schema.py", "simulate", "stats", "store", "text", "traces",
)  # fmt: skip
"""Parts of the program in which no error or hint is a sentence any more."""


def said() -> list[Said]:
    """Every place in the program that says something."""
    return [one for file in files() for one in file.said]


def _is_sentence(one: Said) -> bool:
    if isinstance(one.text, ast.JoinedStr):
        parts = [part.value for part in one.text.values if isinstance(part, ast.Constant)]
        return one.family is None or any(set(part) & set(" :{") for part in parts)
    return bool(one.code) and not is_code(one.code)


def test_every_code_that_is_used_has_a_sentence():
    assert len(said()) > 1_000
    missing = {one.code: one.where for one in said() if one.code and is_code(one.code) and one.code not in TEXTS}
    families = {
        one.family: one.where
        for one in said()
        if one.family and not _is_sentence(one) and not any(code.startswith(one.family) for code in TEXTS)
    }
    assert missing | families == {}


def test_every_value_that_a_sentence_names_is_given():
    short = []
    for one in said():
        if one.code in TEXTS and one.values is not None:
            lacking = placeholders(TEXTS[one.code]).keys() - one.values
            short += [f"{one.where}: {one.code} lacks {sorted(lacking)}"] if lacking else []
    assert short == []


def test_every_sentence_is_used():
    whole = {text for file in files() for text in file.texts}
    begun = {text for file in files() for text in file.beginnings}
    families = {text for text in begun if "." in text and is_code(f"{text}x")}
    formats = {text.partition("{")[0] for text in whole if "{}" in text and is_code(text.replace("{}", "x"))}
    begins = tuple(families | formats | {"page.", "sentence.", "room.", "stage."})
    assert sorted(code for code in TEXTS if code not in whole and not code.startswith(begins)) == []


def test_every_stage_and_unit_of_progress_has_words_and_no_other_has():
    opened = [stage for file in files() for stage in file.stages]
    words = {code.removeprefix("stage.") for code in TEXTS if code.startswith("stage.") and ".part." not in code}
    assert words == {name for name, _ in opened} | {f"unit.{unit}" for _, unit in opened}


def test_every_known_format_has_a_proper_name_or_words():
    from dideban.ingest.sources import SHAPES

    assert [shape.name for shape in SHAPES if bool(shape.title) == (f"shape.{shape.name}" in TEXTS)] == []


@pytest.mark.parametrize("part", CONVERTED)
def test_no_sentence_is_left_in_the_program(part):
    mine = [one for one in said() if one.where.startswith(part)]
    assert [one.where for one in mine if _is_sentence(one)] == []
