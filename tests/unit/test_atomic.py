"""Files that are complete or as they were: after a kill at any step, on a full disk, in a folder that cannot be written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dideban.atomic import create_bytes, replacing, swapping, write_bytes, write_folder
from dideban.errors import StoreError

KILLED = """
import os, sys
from pathlib import Path
import dideban.atomic as atomic
steps = int(sys.argv[2])
def dying(name):
    before = getattr(Path, name)
    def step(*arguments, **more):
        global steps
        if steps == 0:
            os._exit(9)
        steps -= 1
        return before(*arguments, **more)
    setattr(Path, name, step)
for name in ("replace", "write_bytes", "mkdir"):
    dying(name)
home = Path(sys.argv[1])
if sys.argv[3] == "file":
    atomic.write_bytes(home / "f", b"new" * 100_000, survives="power")
elif sys.argv[3] == "folder":
    atomic.write_folder(home / "d", {"a": b"new", "b": b"new"}, survives="power")
else:
    atomic.create_bytes(home / "key", b"k" * 32)
"""


def killed(home: Path, *, after: int, what: str) -> int:
    return subprocess.run([sys.executable, "-c", KILLED, str(home), str(after), what], check=False).returncode


@pytest.mark.parametrize("after", range(4))
def test_a_file_is_old_or_new_whenever_its_writer_is_killed(tmp_path, after):
    (tmp_path / "f").write_bytes(b"old")
    code = killed(tmp_path, after=after, what="file")
    assert (tmp_path / "f").read_bytes() == (b"old" if code == 9 else b"new" * 100_000)
    write_bytes(tmp_path / "f", b"next", survives="kill")
    assert (tmp_path / "f").read_bytes() == b"next"


@pytest.mark.parametrize("after", range(6))
def test_a_folder_is_old_or_new_and_never_lost_whenever_its_writer_is_killed(tmp_path, after):
    write_folder(tmp_path / "d", {"a": b"old"}, survives="kill")
    code = killed(tmp_path, after=after, what="folder")
    kept = tmp_path / "d" if (tmp_path / "d").exists() else tmp_path / ".d.old"
    held = {path.name: path.read_bytes() for path in kept.iterdir()}
    assert held == ({"a": b"old"} if code == 9 else {"a": b"new", "b": b"new"})
    write_folder(tmp_path / "d", {"c": b"next"}, survives="kill")
    assert {path.name for path in (tmp_path / "d").iterdir()} == {"c"}
    assert not (tmp_path / ".d.old").exists()


def test_a_key_is_whole_or_absent_and_never_replaced(tmp_path):
    assert killed(tmp_path, after=0, what="key") == 9
    assert not (tmp_path / "key").exists()
    assert killed(tmp_path, after=9, what="key") == 0
    assert (tmp_path / "key").read_bytes() == b"k" * 32
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create_bytes(tmp_path / "key", b"other")
    assert (tmp_path / "key").read_bytes() == b"k" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


FULL = """
import resource, signal, sys
from pathlib import Path
from dideban.atomic import create_bytes, write_bytes, write_folder
from dideban.errors import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
home, large = Path(sys.argv[1]), b"x" * 20_000
for write in (
    lambda: write_bytes(home / "f", large, survives="power"),
    lambda: write_folder(home / "d", {"a": b"1", "b": large}, survives="power"),
    lambda: create_bytes(home / "key", large),
):
    try:
        write()
    except (StoreError, OSError) as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files here")
def test_a_disk_that_is_full_leaves_what_was_there_and_nothing_beside_it(tmp_path):
    write_bytes(tmp_path / "f", b"old", survives="kill")
    write_folder(tmp_path / "d", {"a": b"old"}, survives="kill")
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["StoreError", "StoreError", "OSError"]
    assert (tmp_path / "f").read_bytes() == b"old"
    assert {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()} == {"a": b"old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d", "f"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path):
    tmp_path.chmod(0o500)
    try:
        for write in (
            lambda: write_bytes(tmp_path / "f", b"1", survives="kill"),
            lambda: write_folder(tmp_path / "d", {"a": b"1"}, survives="kill"),
        ):
            with pytest.raises(StoreError):
                write()
        with pytest.raises(OSError, match="denied"):
            create_bytes(tmp_path / "key", b"1")
    finally:
        tmp_path.chmod(0o700)


def _fail_half_way(part: Path) -> None:
    part.write_bytes(b"half")
    raise ValueError


def test_a_block_that_fails_leaves_what_was_there(tmp_path):
    write_bytes(tmp_path / "f", b"old", survives="kill")
    for give, kind in ((replacing, ValueError), (swapping, ValueError)):
        with pytest.raises(kind), give(tmp_path / "f", survives="kill") as part:
            _fail_half_way(part)
    assert (tmp_path / "f").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize(("survives", "order"), [("power", ["content", "rename", "folder"]), ("kill", ["rename"])])
def test_what_is_to_survive_a_power_cut_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch, survives, order):
    seen: list[str] = []
    rename, sync = Path.replace, os.fsync

    def fsync(handle):
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "content")
        sync(handle)

    def replace(self, target):
        seen.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_bytes(tmp_path / "f", b"1", survives=survives)
    assert seen == [step for step in order if step != "folder" or sys.platform != "win32"]
