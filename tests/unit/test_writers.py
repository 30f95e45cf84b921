"""Every writer, killed between writing and renaming, on a full disk: what was there, or what was to come; never half."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from unit import writers
from unit.writers import CREATE, STEPS, TIMED, WRITERS

SLOW = {"scan"}
KILLS = [(name, step) for name in WRITERS for step in range(STEPS.get(name, 1))]
Found = dict[str, Any]


def run(names: set[str], root: Path) -> Found:
    command = [sys.executable, writers.__file__, str(root), *sorted(names)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "stderr": done.stderr}


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return run(WRITERS.keys() - SLOW, tmp_path_factory.mktemp("quick"))


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return run(SLOW, tmp_path_factory.mktemp("slow"))


def _case(name: str, case: str, request: pytest.FixtureRequest) -> Found:
    found: Found = request.getfixturevalue("slow" if name in SLOW else "quick")
    return {**found[f"{name}-{case}"], "stderr": found["stderr"]}


def _marked(*values: Any) -> Any:
    return pytest.param(*values, marks=[pytest.mark.slow] if values[0] in SLOW else [])


@pytest.mark.parametrize(("name", "step"), [_marked(*one) for one in KILLS])
def test_a_writer_that_is_killed_leaves_each_file_as_it_was_or_as_it_was_to_be(
    name: str, step: int, request: pytest.FixtureRequest
) -> None:
    seen = _case(name, f"kill-{step}", request)
    assert (seen["code"], seen["lived"], seen["code_again"]) == (9, False, 0), seen["stderr"]
    before, left, after = seen["before"], seen["left"], seen["after"]
    if not left and before and name in ("folder", "scan"):
        assert any(part.endswith(".old") for part in seen["parts"]), "put back by the next run"
    assert set(left) <= set(before) | set(after)
    for path, content in left.items():
        if not path.endswith(TIMED.get(name, "/")):
            assert content in (before.get(path), after[path]), path
    assert seen["parts_after"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files here")
@pytest.mark.parametrize("trouble", ["full", "read-only"])
@pytest.mark.parametrize("name", [_marked(one) for one in WRITERS if one not in CREATE])
def test_a_writer_on_a_full_disk_or_in_a_read_only_folder_says_so_and_leaves_what_was_there(
    name: str, trouble: str, request: pytest.FixtureRequest
) -> None:
    seen = _case(name, trouble, request)
    told = {key: seen.get(key) for key in ("code", "same", "error", "parts")}
    assert told == {"code": 0, "same": True, "error": "StoreError", "parts": []}, seen["stderr"]


def test_what_a_live_writer_is_writing_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers.atomic, "START_S", 0.0)
    with writers.atomic.part_of(tmp_path / "f") as part, writers.atomic.scratch_folder(tmp_path, name="g") as folder:
        part.write_bytes(b"half")
        writers.atomic.sweep(tmp_path)
        assert part.exists()
        assert folder.exists()
    (tmp_path / ".notes.part").write_bytes(b"somebody else's")
    writers.atomic.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".notes.part"]
