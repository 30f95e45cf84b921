"""How long functions are: a body that nobody can hold in mind at once is cut."""

from __future__ import annotations

import statistics

from architecture.source import files

MOST_LINES = 60
"""Lines of a kernel; a loop without calls is cut less easily."""
MOST_ELSEWHERE = 50
MEDIAN = 7


def bodies() -> list[tuple[str, int]]:
    """Every function with the lines of its body, its docstring left out."""
    written = [file for file in files() if "/migrations/" not in file.name]
    return [(f"{file.name}:{name}", size) for file in written for name, size in file.bodies]


def test_no_function_is_too_long() -> None:
    limits = {name: MOST_LINES if name.startswith("kernels/") else MOST_ELSEWHERE for name, _ in bodies()}
    assert {name: size for name, size in bodies() if size > limits[name]} == {}


def test_most_functions_are_short() -> None:
    sizes = [size for _, size in bodies()]
    assert len(sizes) > 1_000
    assert statistics.median(sizes) <= MEDIAN
