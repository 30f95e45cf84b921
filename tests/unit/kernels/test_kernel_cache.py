"""Compiled kernels are used again only where they are the same and nobody else can have written them."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numba
import pytest

from dideban.kernels import cache, prepare

needs_jit = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled with the JIT off")
HEAD = "from numba import njit\nfrom dideban.kernels.cache import keep\n"
TWO_FILES = {
    "inner.py": HEAD + "@keep\n@njit\ndef inner(n):\n    return n + {add}\n",
    "outer.py": HEAD + "from inner import inner\n@keep\n@njit\ndef outer(n):\n    return inner(n) * 2\n",
}
CALL = """
import sys
from pathlib import Path
from dideban.kernels import cache
cache.HERE = Path(sys.argv[1])
sys.path.insert(0, sys.argv[1])
from outer import outer
print(outer(1), sum(outer.stats.cache_hits.values()))
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of its own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "home"))
    cache.kernel_folder.cache_clear()
    yield tmp_path / "home"
    cache.kernel_folder.cache_clear()
    cache.source_stamp.cache_clear()


def run(sources: Path, home: Path) -> list[int]:
    """Call the outer kernel in a process of its own: its result, and how many kernels were found compiled."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(sources)], env=environment, capture_output=True, text=True, check=True
    )
    return [int(one) for one in done.stdout.split()]


def write(sources: Path, *, add: int) -> Path:
    sources.mkdir(exist_ok=True)
    for name, text in TWO_FILES.items():
        (sources / name).write_text(text.format(add=add), "utf-8")
    return sources


@needs_jit
def test_a_kernel_that_calls_a_changed_one_is_compiled_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run(write(tmp_path / "a", add=1), home) == [4, 0]
    assert run(tmp_path / "a", home) == [4, 1]
    assert run(write(tmp_path / "a", add=2), home) == [6, 0]  # only the inner file changed
    assert run(write(tmp_path / "b", add=1), home) == [4, 1]  # the first sources, installed elsewhere


@needs_jit
def test_damaged_kernels_are_compiled_over(tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write(tmp_path / "a", add=1)
    run(sources, home)
    kept = sorted(home.rglob("*.nb[ic]"))
    assert len(kept) == 4
    for path in kept:
        path.write_bytes(b"\x80\x05damaged")
    assert run(sources, home) == [4, 0]
    assert run(sources, home) == [4, 1]


@needs_jit
def test_a_full_disk_keeps_nothing_and_harms_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    double = cache.keep(numba.njit(lambda n: 2 * n))
    assert double(4) == 8
    assert list(home.rglob("*.nb[ic]")) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757], ids=oct)
def test_a_folder_that_others_can_write_to_is_not_used(home: Path, mode: int) -> None:
    folder = cache.kernel_folder()
    assert folder is not None
    cache.kernel_folder.cache_clear()
    folder.chmod(mode)
    assert cache.kernel_folder() is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_others_can_replace_is_not_used(home: Path) -> None:
    assert cache.kernel_folder() is not None
    cache.kernel_folder.cache_clear()
    home.chmod(0o777)
    assert cache.kernel_folder() is None
    cache.kernel_folder.cache_clear()
    home.chmod(0o1777)  # as /tmp
    assert cache.kernel_folder() is not None


def test_a_file_in_the_place_of_the_folder_keeps_nothing(home: Path) -> None:
    home.write_text("not a folder", "utf-8")
    assert cache.kernel_folder() is None


def test_old_states_are_dropped(home: Path) -> None:
    for n in range(5):
        old = home / f"{cache.PREFIX}{n:016x}"
        old.mkdir(parents=True)
        os.utime(old, (n, n))
    (home / "other").mkdir()
    folder = cache.kernel_folder()
    assert folder is not None
    assert {path.name for path in home.iterdir()} == {
        folder.name, "other", f"{cache.PREFIX}{4:016x}", f"{cache.PREFIX}{3:016x}",
    }  # fmt: skip


def test_the_stamp_follows_every_kernel(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(cache.HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "HERE", copy)

    def stamp() -> str:
        cache.source_stamp.cache_clear()
        return cache.source_stamp()

    seen = {stamp()}
    files = sorted(copy.glob("*.py"))
    for path in files:
        path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
        seen.add(stamp())
    assert len(seen) == 1 + len(files)
    for path in files:
        os.utime(path, (1, 1))  # installed again, unchanged
    assert stamp() in seen


def module_of(call: dict[str, object]) -> ModuleType:
    return importlib.import_module(f"dideban.kernels.{call['module']}")


def test_the_list_of_calls_fits_the_kernels() -> None:
    calls = prepare.call_list(everything=True)
    assert 0 < len(prepare.call_list()) < len(calls)
    for call in calls:
        kernel = getattr(module_of(call), call["name"])
        assert len(inspect.signature(kernel).parameters) == len(call["types"]), call["name"]
        kinds = [prepare.read_type(one) for one in call["types"]]
        assert [prepare.write_type(one) for one in kinds] == call["types"]
    assert json.loads(prepare.SIGNATURES.read_text("utf-8")) == calls


@needs_jit
def test_compiling_runs_nothing_of_the_folder_it_is_started_in(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "types", "numba", "dideban"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w').close()\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(prepare, "call_list", lambda **_: [])
    prepare.prepare(processes=1)  # no kernels, but the process that would compile them starts and imports
    assert not (tmp_path / "ran").exists()
    assert prepare.is_prepared()
