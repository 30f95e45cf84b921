"""The page on inputs says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dideban.ingest.columns import SYNONYMS
from dideban.ingest.documents import LIST_KEYS
from dideban.ingest.reasons import REASONS, meaning
from dideban.ingest.sources import GENERIC, SHAPES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "inputs.md"
SOURCE = Path(__file__).resolve().parents[3] / "src" / "dideban" / "ingest"
SLUG = re.compile(
    r"\"((?:time|file|row|field|json|encoding|account|object|quote|nul|not|record|article|id|picture)-[a-z-]+)\""
)


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_documented_with_its_meaning(page, reason):
    assert f"| `{reason}` | {meaning(reason)} |" in page


def test_every_reason_in_the_code_has_a_meaning():
    used = {slug for path in SOURCE.rglob("*.py") for slug in SLUG.findall(path.read_text("utf-8"))}
    assert used - {"time-"} == set(REASONS)


@pytest.mark.parametrize("shape", [*SHAPES, GENERIC], ids=lambda shape: shape.name)
def test_every_shape_is_documented(page, shape):
    assert f"| `{shape.name}` |" in page


@pytest.mark.parametrize("target", SYNONYMS)
def test_every_name_of_a_column_is_documented(page, target):
    assert f"| `{target}` | {', '.join(f'`{name}`' for name in SYNONYMS[target])} |" in page


def test_every_key_of_a_document_is_documented(page):
    assert all(f"`{key}`" in page for key in LIST_KEYS)
