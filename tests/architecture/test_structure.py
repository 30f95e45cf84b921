"""What holds for the project as a whole: floors, public names, file lengths, nothing of anybody's machine."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dideban

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "dideban"
PACKAGES = ["dideban", *(f"dideban.{m.name}" for m in pkgutil.iter_modules(dideban.__path__) if m.ispkg)]
TEXT = {".py", ".md", ".toml", ".cff", ".txt", ".json", ".html", ".css", ".js", ".csv", ".yml", ".yaml", ".lock", ""}
MACHINE = re.compile(r"(?<![\w.\"'])/(?:work|home/\w+|Users/\w+|root)/|[A-Z]:\\Users\\")
HOSTS = re.compile(r"files\.pythonhosted\.org|pypi\.org/simple|test\.pypi\.org|index-url\s*=|registry\.npmjs")
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
GPL = re.compile(r"\b(A?GPL|GNU (Affero )?General Public|SSPL|Server Side Public)\b", re.IGNORECASE)


def tracked() -> list[Path]:
    """Files under version control; all files of the source tree where there is none."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        names = [ROOT / name for name in listed.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [
            p
            for top in ("src", "tests", "docs", "scripts")
            for p in (ROOT / top).rglob("*")
            if "__pycache__" not in p.parts
        ]
    return [path for path in names if path.is_file() and path.suffix in TEXT]


def test_floors_import_only_lower_floors() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(command)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_exist_and_are_listed_once(name: str) -> None:
    module = importlib.import_module(name)
    if name in ("dideban.cli", "dideban.kernels", "dideban.stats"):
        return  # commands and private floors offer nothing by name
    names = list(module.__all__)
    assert len(names) == len(set(names))
    assert [one for one in names if not hasattr(module, one)] == []


def test_every_package_says_what_it_is() -> None:
    assert [name for name in PACKAGES if not (importlib.import_module(name).__doc__ or "").strip()] == []


def test_no_process_of_ours_imports_from_the_folder_it_is_started_in() -> None:
    """A folder of strangers' files may hold a ``json.py``; without ``-P`` Python would run it."""
    source = ROOT / "src" / "dideban"
    started = {
        f"{path.relative_to(source)}:{number}": line.strip()
        for path in source.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if "[sys.executable" in line
    }
    assert len(started) > 5
    assert {place: line for place, line in started.items() if '[sys.executable, "-P"' not in line} == {}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scam'"):
        dideban.scam  # noqa: B018


@pytest.mark.parametrize("heavy", ["polars", "numba", "numpy", "jinja2", "rich", "networkx"])
def test_help_does_not_import(heavy: str) -> None:
    code = f"import sys, dideban, dideban.cli\nsys.exit({heavy!r} in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_no_file_of_code_is_over_500_lines() -> None:
    code = [path for path in tracked() if path.suffix == ".py"]
    assert code
    assert {str(p.relative_to(ROOT)): n for p in code if (n := len(p.read_text("utf-8").splitlines())) > 500} == {}


@pytest.mark.parametrize("pattern", [MACHINE, HOSTS, LATER], ids=["machine-path", "registry-host", "unfinished"])
def test_no_tracked_file_holds(pattern: re.Pattern[str]) -> None:
    found = {}
    for path in tracked():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found[f"{path.relative_to(ROOT)}:{number}"] = line.strip()[:100]
    assert found == {}


def test_no_locked_dependency_is_under_the_gpl() -> None:
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements-dev.lock").read_text("utf-8"), re.MULTILINE))
    assert locked
    found = {}
    for name in sorted(locked):
        try:
            terms = licence(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # pinned for another system
        if GPL.search(terms) and not re.search(r"lesser|LGPL", terms, re.IGNORECASE):
            found[name] = terms
    assert found == {}


def licence(name: str) -> str:
    """What the installed metadata say: the expression, else the classifiers, else the first line of the licence."""
    data = importlib.metadata.metadata(name)
    classifiers = [one for one in data.get_all("Classifier") or [] if one.startswith("License")]
    first = (data.get("License") or "").strip().splitlines()[:1]
    return str(data.get("License-Expression") or "; ".join(classifiers) or "".join(first))
