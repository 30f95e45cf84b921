"""A class name means one thing in the whole program."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import dideban

ROOT = Path(dideban.__file__).parent
PER_MODULE = {"Command", "Meta", "Migration"}
"""What Django looks for by name in each module."""


def test_no_two_classes_have_one_name() -> None:
    homes = defaultdict(set)
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name not in PER_MODULE:
                homes[node.name].add(path.relative_to(ROOT).as_posix())
    assert homes["Finding"]
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
