"""What findings hold and check is in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from dideban.findings import ordinary_explanations, techniques
from dideban.findings.contract import findings_schema
from dideban.messages.catalogues import catalogue

DOCS = Path(__file__).resolve().parents[3] / "docs"


def fields(rule: dict) -> set[str]:
    found = set(rule.get("properties", {}))
    for inner in [*rule.get("properties", {}).values(), *([rule["items"]] if "items" in rule else [])]:
        found |= fields(inner)
    return found


def test_every_field_of_a_finding_is_documented():
    page = (DOCS / "reference" / "findings-json.md").read_text("utf-8")
    assert not [name for name in fields(findings_schema()["$defs"]["finding"]) if f"`{name}`" not in page]


@pytest.mark.parametrize(
    "slug",
    [
        *ordinary_explanations.CHECKS,
        *techniques.NAMES,
        *techniques.NAMES.values(),
        "declared",
        "unexplained",
        "contradicts-declared",
    ],
)
def test_every_check_label_and_technique_is_documented(slug):
    assert slug in (DOCS / "methods" / "benign.md").read_text("utf-8")


def test_headings_exist_for_every_slug_in_every_language():
    names = {
        *ordinary_explanations.CHECKS,
        "explains",
        "no-sign",
        "not-checkable",
        "declared",
        "unexplained",
        "contradicts-declared",
    }
    said = {code.partition(".")[2] for code in catalogue("en").texts}
    assert names <= said
