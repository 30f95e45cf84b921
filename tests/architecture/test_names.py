"""A class name means one thing in the whole program."""

from __future__ import annotations

from collections import defaultdict

from architecture.source import files

PER_MODULE = {"Command", "Meta", "Migration"}
"""What Django looks for by name in each module."""


def test_no_two_classes_have_one_name() -> None:
    homes = defaultdict(set)
    for file in files():
        for name in set(file.classes) - PER_MODULE:
            homes[name].add(file.name)
    assert homes["Finding"]
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
