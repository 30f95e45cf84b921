"""What is compiled before the first run is all that the run needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from dideban.simulate import write_sample

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled with the JIT off")

SCAN = """
import json, sys
from pathlib import Path
from numba.core import event
with event.install_recorder("numba:compile") as compiled:
    from dideban import scan
    scan([Path(sys.argv[1])], out=Path(sys.argv[2]), key=bytes(32))
print(json.dumps(sorted({e.data["dispatcher"].py_func.__qualname__ for _, e in compiled.buffer if e.is_start})))
"""


def run(*command: str, cache: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


@pytest.mark.slow
def test_a_scan_after_prepare_compiles_nothing(tmp_path: Path) -> None:
    posts, cache = tmp_path / "posts.csv", tmp_path / "cache"
    write_sample(posts, seed=4, n_posts=20_000, days=14)
    run(sys.executable, "-c", "from dideban.cli import main; main()", "prepare", cache=cache)
    done = run(sys.executable, "-c", SCAN, str(posts), str(tmp_path / "out"), cache=cache)
    assert done.stdout.splitlines()[-1] == "[]"
