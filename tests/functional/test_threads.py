"""The number of threads changes nothing but the record of the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dideban.store import verify_package


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture
def posts(run, tmp_path: Path) -> Path:
    path = tmp_path / "posts.parquet"
    assert run("sample", path, "--posts", 6_000, "--seed", 3, "--quiet").returncode == 0
    return path


def test_packages_and_all_other_files_are_the_same_on_any_number_of_threads(run, tmp_path: Path, posts: Path) -> None:
    results = {}
    for threads in (1, 3):
        out = tmp_path / f"out{threads}"
        done = run(
            "scan", posts, "--out", out, "--key-file", tmp_path / "key", "--threads", threads, "--quiet",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        results[threads] = files_of(out)
        assert json.loads(results[threads].pop("run.json"))["threads"] == threads
    packages = sorted((tmp_path / "out3" / "findings").iterdir())
    assert packages
    assert all(verify_package(package).ok for package in packages)
    assert results[3] == results[1]
