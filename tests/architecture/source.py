"""What the program's source says of itself: every file is read and parsed once for all tests of this folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from dideban import errors

SOURCE = Path(__file__).resolve().parents[2] / "src" / "dideban"
ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)} | {
    "UnusableError", "ReaderError", "BombError", "DiskError",
} - {"SchemaError"}  # fmt: skip
FIELDS = {"hint", "permanent", "retry_after_s", "source", "url", "slug"}
"""Keywords of errors that are no values of their messages."""


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


@dataclass
class File:
    """What the tests ask of one file."""

    name: str
    """Its path within the package, with forward slashes."""
    bodies: list[tuple[str, int]] = field(default_factory=list)
    """Every function with the lines of its body, its docstring left out."""
    classes: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    """Every text that may be a code."""
    beginnings: set[str] = field(default_factory=set)
    """What texts that are put together begin with."""
    stages: list[tuple[str, str]] = field(default_factory=list)
    """Each stage of progress that the file opens, and its unit."""


@cache
def files() -> tuple[File, ...]:
    """Return every file of the program in the order of paths."""
    return tuple(_read(path) for path in sorted(SOURCE.rglob("*.py")))


def _read(path: Path) -> File:
    file = File(path.relative_to(SOURCE).as_posix())
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                file.texts.add(node.value)
        elif isinstance(node, ast.Call):
            file.said += _said(node, file.name)
            file.stages += _stage(node)
        elif isinstance(node, ast.JoinedStr):
            if node.values and isinstance(node.values[0], ast.Constant):
                file.beginnings.add(node.values[0].value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            file.bodies.append((node.name, _length(node)))
        elif isinstance(node, ast.ClassDef):
            file.classes.append(node.name)
    return file


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _said(call: ast.Call, name_of_file: str) -> Iterator[Said]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in ERRORS | {"Message", "line"} or not call.args:
        return
    where = f"{name_of_file}:{call.lineno}"
    known = {k.arg for k in call.keywords if k.arg}
    values = None if any(k.arg is None for k in call.keywords) else frozenset(known - FIELDS)
    yield Said(where, call.args[0], values)
    yield from (Said(where, k.value, values) for k in call.keywords if k.arg == "hint" and name in ERRORS)


def _stage(call: ast.Call) -> Iterator[tuple[str, str]]:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "stage" and "progress" in ast.dump(call.func):
        given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "unit"}
        yield ast.literal_eval(call.args[0]), given.get("unit", "rows")
