"""The history of benchmarks: a table whose lines the runner can append."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmark-history.md"
LINE = re.compile(r"\| \d{4}-\d{2}-\d{2} \| [\w.]+ \| [^|]+ \|(?: [^|]*\|){4}")


@pytest.fixture
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_runner", ROOT / "benchmarks" / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_runner"] = module
    spec.loader.exec_module(module)
    return module


def test_every_line_of_the_history_is_whole() -> None:
    lines = PAGE.read_text("utf-8").split("|---|---|---|---|---|---|---|\n")[1].splitlines()
    assert len(lines) > 10
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_the_runner_appends_lines_of_the_same_form(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "HISTORY", tmp_path / "history.md")
    (tmp_path / "history.md").write_text("before\n", "utf-8")
    runner.record(
        {"text": [{"posts": 10_000, "processor_s": 0.341, "seconds": 2.0, "peak_mib": 297.0}, {"seconds": 3}]}, "a | b"
    )
    first, one, two = (tmp_path / "history.md").read_text("utf-8").splitlines()
    assert first == "before"
    assert LINE.fullmatch(one), one
    assert "| text | 10,000 posts | 0.34 | 0.3 GiB | a / b |" in one
    assert LINE.fullmatch(two), two
