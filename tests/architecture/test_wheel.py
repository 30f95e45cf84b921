"""What somebody gets who installs the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "dideban"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built without a network."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    return zipfile.ZipFile(path)


def test_it_holds_every_file_of_the_source(wheel: zipfile.ZipFile) -> None:
    wanted = {
        path.relative_to(SOURCE.parent).as_posix()
        for path in SOURCE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".nbi", ".nbc", ".pyc")
    }
    assert sorted(wanted - set(wheel.namelist())) == []


@pytest.mark.parametrize(
    "name",
    [
        "dideban/py.typed",
        "dideban/findings/findings.schema.json",
        "dideban/report/assets/page.html",
        "dideban/report/assets/report.css",
        "dideban/report/assets/report.js",
        "dideban/messages/catalogue/en.toml",
        "dideban/messages/catalogue/fa.toml",
    ],
)
def test_it_holds_data_that_the_program_reads(name: str, wheel: zipfile.ZipFile) -> None:
    assert wheel.getinfo(name).file_size >= 0


def test_it_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dideban"}
    assert [name for name in wheel.namelist() if "/tests/" in name or name.endswith((".pyc", ".nbi", ".nbc"))] == []


def test_it_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = wheel.read(name).decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())
    (points,) = [name for name in wheel.namelist() if name.endswith("/entry_points.txt")]
    assert "dideban = dideban.cli:main" in wheel.read(points).decode()
