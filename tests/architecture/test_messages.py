"""Whatever the program says is a code of the catalogues, with the values that its sentence names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import dideban
from dideban import errors
from dideban.messages import is_code
from dideban.messages.catalogues import catalogue
from dideban.messages.checks import placeholders

ROOT = Path(dideban.__file__).parent
TEXTS = catalogue("en").texts
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)} | {
    "UnusableError", "ReaderError", "BombError", "DiskError",
} - {"SchemaError"}  # fmt: skip
FIELDS = {"hint", "permanent", "retry_after_s", "source", "url", "slug"}
"""Keywords of errors that are no values of their messages."""
CONVERTED: tuple[str, ...] = (
    "background.py", "cli", "config.py", "errors.py", "evidence", "exchange", "findings", "graph", "groups", "ingest", "kernels",
    "messages", "pipelines", "progress.py", "proof", "report", "schema.py", "simulate", "stats", "store", "text", "traces",
)  # fmt: skip
"""Parts of the program in which no error or hint is a sentence any more."""


@dataclass(frozen=True)
class Said:
    """A place in the program that says something."""

    where: str
    text: ast.expr
    values: frozenset[str] | None
    """Names of the values given; None where they cannot be known."""

    @property
    def code(self) -> str | None:
        """The code, where it is written out."""
        return self.text.value if isinstance(self.text, ast.Constant) and isinstance(self.text.value, str) else None

    @property
    def family(self) -> str | None:
        """What a code that is put together begins with: f"reject.{slug}"."""
        parts = self.text.values if isinstance(self.text, ast.JoinedStr) else []
        return parts[0].value if parts and isinstance(parts[0], ast.Constant) else None


def _said(path: Path) -> Iterator[Said]:
    for call in [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in ERRORS | {"Message", "line"} or not call.args:
            continue
        where = f"{path.relative_to(ROOT)}:{call.lineno}"
        known = {k.arg for k in call.keywords if k.arg}
        values = None if any(k.arg is None for k in call.keywords) else frozenset(known - FIELDS)
        yield Said(where, call.args[0], values)
        yield from (Said(where, k.value, values) for k in call.keywords if k.arg == "hint" and name in ERRORS)


SAID = [said for path in sorted(ROOT.rglob("*.py")) for said in _said(path)]


def _is_sentence(said: Said) -> bool:
    if isinstance(said.text, ast.JoinedStr):
        parts = [part.value for part in said.text.values if isinstance(part, ast.Constant)]
        return said.family is None or any(set(part) & set(" :{") for part in parts)
    return bool(said.code) and not is_code(said.code)


def test_every_code_that_is_used_has_a_sentence():
    missing = {said.code: said.where for said in SAID if said.code and is_code(said.code) and said.code not in TEXTS}
    families = {
        said.family: said.where
        for said in SAID
        if said.family and not _is_sentence(said) and not any(code.startswith(said.family) for code in TEXTS)
    }
    assert missing | families == {}


def test_every_value_that_a_sentence_names_is_given():
    short = []
    for said in SAID:
        if said.code in TEXTS and said.values is not None:
            lacking = placeholders(TEXTS[said.code]).keys() - said.values
            short += [f"{said.where}: {said.code} lacks {sorted(lacking)}"] if lacking else []
    assert short == []


def _codes_in_programs() -> tuple[set[str], set[str]]:
    """Return every text that may be a code, and the beginnings of those that are put together."""
    whole, families = set(), set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                families.add(node.values[0].value)
    return whole, {family for family in families if "." in family and is_code(f"{family}x")}


def test_every_sentence_is_used():
    whole, families = _codes_in_programs()
    formats = {text.partition("{")[0] for text in whole if "{}" in text and is_code(text.replace("{}", "x"))}
    begins = tuple(families | formats | {"page.", "sentence.", "room.", "stage."})
    assert sorted(code for code in TEXTS if code not in whole and not code.startswith(begins)) == []


def _stages() -> Iterator[tuple[str, str]]:
    """Yield each stage that a part of the program opens, and its unit."""
    for path in ROOT.rglob("*.py"):
        for call in [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "stage" and "progress" in ast.dump(call.func):
                given = {
                    keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "unit"
                }
                yield ast.literal_eval(call.args[0]), given.get("unit", "rows")


def test_every_stage_and_unit_of_progress_has_words_and_no_other_has():
    stages = {name for name, _ in _stages()}
    units = {unit for _, unit in _stages()}
    said = {code.removeprefix("stage.") for code in TEXTS if code.startswith("stage.") and ".part." not in code}
    assert said == stages | {f"unit.{unit}" for unit in units}


def test_every_known_format_has_a_proper_name_or_words():
    from dideban.ingest.sources import SHAPES

    assert [shape.name for shape in SHAPES if bool(shape.title) == (f"shape.{shape.name}" in TEXTS)] == []


@pytest.mark.parametrize("part", CONVERTED)
def test_no_sentence_is_left_in_the_program(part):
    mine = [said for said in SAID if said.where.startswith(part)]
    assert [said.where for said in mine if _is_sentence(said)] == []
