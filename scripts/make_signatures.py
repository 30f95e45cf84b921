"""Write src/dideban/kernels/signatures.json: which kernels the program calls, with which types.

Run it after a change of a kernel's arguments.

    python scripts/make_signatures.py
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from dideban import kernels
from dideban.kernels.prepare import SIGNATURES, called


def scan_calls(home: Path) -> list[dict[str, Any]]:
    """Return what a scan of posts without pictures calls."""
    from dideban import scan
    from dideban.cli.demo import DAYS, KEY, SEED
    from dideban.simulate import write_sample

    write_sample(home / "posts.csv", seed=SEED, n_posts=20_000, days=DAYS)
    scan([home / "posts.csv"], out=home / "scan", key=KEY)
    return calls()


def other_calls(home: Path) -> list[dict[str, Any]]:
    """Return what the other commands call as well."""
    import dideban

    key = bytes(32)
    dideban.narrate([home / "posts.csv"], out=home / "narratives", key=key)
    dideban.trace_copies([home / "posts.csv"], out=home / "copying", key=key)
    posts = pl.read_csv(home / "posts.csv", infer_schema=False)
    posts.with_columns(object_id=pl.col("text")).write_csv(home / "shares.csv")
    for method in ("threshold", "coortweet", "qut"):
        dideban.coshare(home / "shares.csv", method=method, key=key)
    return calls()


def calls() -> list[dict[str, Any]]:
    """Return what this process has called so far."""
    return called(
        importlib.import_module(f"dideban.kernels.{one.name}") for one in pkgutil.iter_modules(kernels.__path__)
    )


def listed() -> str:
    """Return the text of the file."""
    with tempfile.TemporaryDirectory() as folder:
        ours = scan_calls(Path(folder))
        all_calls = other_calls(Path(folder))
    rows = [{**one, "scan": one in ours} for one in all_calls]
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["--list"]:
        for _ in range(2):  # in the second process all are compiled: only what Python itself calls is loaded
            done = subprocess.run([sys.executable, __file__, "--list"], stdout=subprocess.PIPE, text=True, check=True)
        SIGNATURES.write_text(done.stdout, "utf-8", newline="\n")
    else:
        sys.stdout.write(listed())
