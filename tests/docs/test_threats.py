"""The pages about threats and about ASVS name tests and files that exist, and every requirement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/methods/threats.md", "docs/asvs.md")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}
LEVEL_2 = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
"""Section of ASVS 5.0.0 to its last requirement of level 1 or 2; in every section they come before those of level 3."""
ROW = re.compile(r"^\| (\d[\d., ]*) \| (.+?) \| (met|n/a|open) \| (.+) \|$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_every_test_and_file_named_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named - TESTS == set()
    paths = re.findall(r"`((?:src|tests|docs|scripts|benchmarks)/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert len(named) > 30


def test_every_requirement_of_level_2_has_one_row() -> None:
    text = (ROOT / "docs/asvs.md").read_text("utf-8")
    rows = [(number, state) for numbers, _, state, _ in ROW.findall(text) for number in numbers.split(", ")]
    wanted = [f"{section}.{n}" for section, last in LEVEL_2.items() for n in range(1, last + 1)]
    assert [number for number, _ in rows] == wanted
    assert len(wanted) == 253
    n_of = {state: sum(found == state for _, found in rows) for state in ("met", "n/a", "open")}
    assert f"Met {n_of['met']}, not applicable {n_of['n/a']}, open {n_of['open']}." in text
