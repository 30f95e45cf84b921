"""How long functions are: a body that nobody can hold in mind at once is cut."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "dideban"
MOST_LINES = 60
"""Lines of a kernel; a loop without calls is cut less easily."""
MOST_ELSEWHERE = 50
MEDIAN = 7


def bodies() -> Iterator[tuple[str, int]]:
    """Every function with the lines of its body, its docstring left out."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
                size = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                yield f"{path.relative_to(SOURCE)}:{node.name}", size


def test_no_function_is_too_long() -> None:
    limits = {name: MOST_LINES if name.startswith("kernels/") else MOST_ELSEWHERE for name, _ in bodies()}
    assert {name: size for name, size in bodies() if size > limits[name]} == {}


def test_most_functions_are_short() -> None:
    sizes = [size for _, size in bodies()]
    assert len(sizes) > 1_000
    assert statistics.median(sizes) <= MEDIAN
