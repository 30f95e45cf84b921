"""The page of benchmarks: in step with its figures, and regressions are found by ratio."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_page", ROOT / "benchmarks" / "page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_page"] = module
    spec.loader.exec_module(module)
    return module


def rows(seconds: float) -> list[dict]:
    return [{"posts": 1_000, "cpu_s": seconds, "peak_mb": 5.0}, {"skipped": "no peer"}]


def test_the_page_is_that_of_its_figures(page: ModuleType) -> None:
    assert page.PAGE.read_text("utf-8") == page.render(page.known())


def test_yards_are_multiples_of_the_work_of_the_same_call(page: ModuleType) -> None:
    first, other = page.with_yards(rows(3.0), 0.5)
    assert first["yards"] == 6.0
    assert "yards" not in other


def test_a_slower_benchmark_is_told_and_a_slower_machine_is_not(page: ModuleType) -> None:
    figures = {"scan": {"rows": page.with_yards(rows(3.0), 0.5)}}
    assert page.regressions({"scan": page.with_yards(rows(6.0), 1.0)}, figures) == []
    (told,) = page.regressions({"scan": page.with_yards(rows(4.0), 0.5)}, figures)
    assert told == "scan, 1,000 posts: 8.00 yards, 1.33 times the 6.00 before"
    assert page.regressions({"new": page.with_yards(rows(9.0), 0.5)}, figures) == []


def test_new_figures_replace_those_of_the_same_benchmark(
    page: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "FIGURES", tmp_path / "benchmarks.json")
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    page.keep({"scan": rows(1.0), "text": rows(2.0)}, scale="small", day="2026-01-01")
    page.keep({"scan": rows(9.0)}, scale="full", day="2026-01-02")
    figures = page.known()
    assert figures["scan"]["day"] == "2026-01-02"
    assert figures["text"]["rows"] == rows(2.0)
    assert page.PAGE.read_text("utf-8").count("\n## ") == 2
    assert page.machine().split(",")[0] in page.PAGE.read_text("utf-8")
