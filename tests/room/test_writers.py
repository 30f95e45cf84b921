"""Every writer of the room, killed between writing and renaming, on a full disk, in a read-only folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from room import writers
from room.writers import CREATE, STEPS, WRITERS

KILLS = [(name, step) for name in WRITERS for step in range(STEPS.get(name, 1))]
ERRORS = {"anchors": {"OSError", "PermissionError"}, "signatures": {"OSError", "PermissionError"}}
"""What these raise; their callers go on without them. All others raise a StoreError."""
Found = dict[str, Any]


@pytest.fixture(scope="module")
def found(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Found:
    root = tmp_path_factory.mktemp("writers")
    root.chmod(0o755)
    command = [sys.executable, writers.__file__, str(root), str(migrated), *sorted(WRITERS)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIDEBAN_", "DATABASE_URL"))}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "stderr": done.stderr}


@pytest.mark.parametrize(("name", "step"), KILLS)
def test_a_writer_that_is_killed_leaves_each_file_as_it_was_or_as_it_was_to_be(
    name: str, step: int, found: Found
) -> None:
    seen = found[f"{name}-kill-{step}"]
    assert (seen["code"], seen["lived"], seen["code_again"]) == (9, False, 0), found["stderr"]
    before, left, after = seen["before"], seen["left"], seen["after"]
    assert seen["parts_after"] == []
    if name == "restore":  # the next one begins from an empty folder
        assert "room.sqlite3" in after
        assert not [path for path in after if path.startswith("restore") or "unfinished" in path.lower()]
        return
    assert set(left) <= set(before) | set(after)
    assert [path for path in left if left[path] not in (before.get(path), after[path])] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files here")
@pytest.mark.parametrize("trouble", ["full", "read-only"])
@pytest.mark.parametrize("name", sorted(WRITERS.keys() - CREATE))
def test_a_writer_on_a_full_disk_or_in_a_read_only_folder_says_so_and_leaves_what_was_there(
    name: str, trouble: str, found: Found
) -> None:
    seen = found[f"{name}-{trouble}"]
    assert (seen["code"], seen["same"], seen["parts"]) == (0, True, []), (seen, found["stderr"])
    assert seen["error"] in ERRORS.get(name, {"StoreError"}), found["stderr"]
