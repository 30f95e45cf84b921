"""The same posts on another processor: the same ids, words and figures, and packages that hold there.

The second run is a process in which everything that picks its code by the processor was told of an older one: numba
(no features beyond the base of x86-64), numpy's loops, the C library's mathematics, OpenBLAS.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from dideban.simulate import write_sample

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        platform.machine() not in ("x86_64", "AMD64"), reason="the features turned off are those of x86-64"
    ),
]

RUN = """
import sys
from pathlib import Path
from dideban.config import load_config
from dideban import scan
scan([Path(sys.argv[1])], out=Path(sys.argv[2]), config=load_config(flags={"proof.n_shuffles": 0}), key=bytes(32))
"""
NARRATE = """
import sys
from pathlib import Path
from dideban import narrate
narrate([Path(sys.argv[1])], out=Path(sys.argv[2]), key=bytes(32))
"""
VERIFY = """
import json, sys
from pathlib import Path
from dideban.store import verify_package
found = {path.name: verify_package(path).checks for path in sorted(Path(sys.argv[1]).iterdir())}
print(json.dumps({name: [(what, ok, str(seen)) for what, ok, seen in checks if not ok] for name, checks in found.items()}))
"""
FEATURES = """
import sys
from numba.core.registry import cpu_target
try:
    from numpy._core._multiarray_umath import __cpu_features__ as seen
except ImportError:
    from numpy.core._multiarray_umath import __cpu_features__ as seen
print(any(seen[name] for name in sys.argv[1:]), "+avx2" in cpu_target.target_context.codegen().magic_tuple()[2])
"""


def older(cache: Path) -> dict[str, str]:
    """The environment of an older processor."""
    off = ("AVX512F", "AVX512VL", "AVX512DQ", "AVX512BW", "AVX512CD", "AVX2", "AVX", "FMA", "FMA4", "BMI2", "ERMS")
    return {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(cache),
        "NPY_DISABLE_CPU_FEATURES": " ".join(_numpy_dispatch()),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps="
        + ",".join([f"-{one}" for one in off] + [f"-{one}_Usable" for one in off]),
        "OPENBLAS_CORETYPE": "Prescott",
        "POLARS_MAX_THREADS": "1",
    }


def _numpy_dispatch() -> list[str]:
    try:
        from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatch
        from numpy._core._multiarray_umath import __cpu_features__ as seen
    except ImportError:
        from numpy.core._multiarray_umath import __cpu_dispatch__ as dispatch
        from numpy.core._multiarray_umath import __cpu_features__ as seen
    return [name for name in dispatch if seen.get(name)]


def child(code: str, *arguments: object, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    """A sample scanned here and on the older processor."""
    home = tmp_path_factory.mktemp("processors")
    posts = home / "posts.csv"
    write_sample(posts, seed=3, n_posts=10_000, days=7)
    env = older(home / "cache")
    for name, more in (("here", {}), ("there", env)):
        child(RUN, posts, home / name, env=more)
    return home / "here", home / "there", env


def test_the_older_processor_is_one(runs):
    assert child(FEATURES, *_numpy_dispatch(), env=runs[2]).split() == ["False", "False"]


def test_findings_have_the_same_ids_words_and_figures(runs):
    here, there = (json.loads((folder / "findings.json").read_text("utf-8")) for folder in runs[:2])
    assert len(here["findings"]) >= 2
    assert [one["id"] for one in here["findings"]] == [one["id"] for one in there["findings"]]
    assert here["findings"] == there["findings"]
    assert here["run"] == there["run"]


@pytest.mark.parametrize(
    "name", ["findings.json", "findings.csv", "edges.parquet", "groups.parquet", "history.parquet", "network.gexf"]
)
def test_files_agree_to_the_byte(runs, name):
    here, there, _ = runs
    assert (here / name).read_bytes() == (there / name).read_bytes()


def test_packages_agree_to_the_byte_and_hold_on_the_other_processor(runs):
    here, there, env = runs
    packages = sorted((here / "findings").iterdir())
    assert packages
    for package in packages:
        for file in package.iterdir():
            assert file.read_bytes() == (there / "findings" / package.name / file.name).read_bytes(), file
    failed = json.loads(child(VERIFY, here / "findings", env=env))
    assert failed == {package.name: [] for package in packages}


def test_narratives_are_the_same(runs, tmp_path):
    here, _, env = runs
    posts = here.parent / "posts.csv"
    for name, more in (("here", {}), ("there", env)):
        child(NARRATE, posts, tmp_path / name, env=more)
    one, two = (json.loads((tmp_path / name / "narratives.json").read_text("utf-8")) for name in ("here", "there"))
    assert one["narratives"]
    assert one == two
