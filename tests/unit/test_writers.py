"""Every writer, killed between writing and renaming, on a full disk: what was there, or what was to come; never half."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unit import writers
from unit.writers import TIMED, WRITERS, held

TWICE = ("folder", "scan", "sample", "stream", "intake")
"""These rename more than once."""
KILLS = [(name, step) for name in WRITERS for step in ((0, 1) if name in TWICE else (0,))]
SLOW = [pytest.mark.slow]


def _run(name: str, home: Path, step: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, writers.__file__, name, str(home), str(step)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


def _marked(names: list[tuple[str, int]]) -> list[object]:
    return [pytest.param(name, step, marks=SLOW if name == "scan" else []) for name, step in names]


@pytest.mark.parametrize(("name", "step"), _marked(KILLS))
def test_a_writer_that_is_killed_leaves_each_file_as_it_was_or_as_it_was_to_be(
    tmp_path: Path, name: str, step: int
) -> None:
    home = tmp_path / "home"
    killed = _run(name, home, step)
    assert (killed.returncode, "lived" in killed.stdout) == (9, False), killed.stderr
    before = json.loads(killed.stdout.splitlines()[0])
    writers.atomic.START_S = 0.0
    try:
        left = held(home)
        if not left and before and name in ("folder", "scan"):
            assert any(path.name.endswith(".old") for path in home.iterdir()), "put back by the next run"
        WRITERS[name](home, 2)
    finally:
        writers.atomic.START_S = 2.0
    after = held(home)
    assert set(left) <= set(before) | set(after)
    for path, content in left.items():
        if not path.endswith(TIMED.get(name, "/")):
            assert content in (before.get(path), after[path]), path
    writers.atomic.sweep(home)
    assert [path.name for path in home.iterdir() if path.name.startswith(".")] in ([], [".lock"])


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files here")
@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=SLOW if one == "scan" else []) for one in WRITERS if one != "key"]
)
def test_a_writer_on_a_full_disk_says_so_and_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    done = _run(name, tmp_path / "home", "full")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"same": True, "error": "StoreError", "left": []}


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
