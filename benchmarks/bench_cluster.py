"""``dideban scan --engine local-cluster`` beside ``dideban scan`` of the same posts; needs the extra ``cluster``."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path

import bench_scan
import measure

SIZES = {"small": [10_000, 30_000], "full": [100_000, 1_000_000]}


def run(scale: str) -> list[dict]:
    if importlib.util.find_spec("pysail") is None:
        return [{"skipped": "pip install 'dideban[cluster]'"}]
    rows: list[dict] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in SIZES[scale]:
            table, key = bench_scan.sample(n, folder), ("--key-file", folder / "key", "--quiet")
            here = measure.dideban("scan", table, "--out", folder / "here", *key)
            there = measure.dideban("scan", table, "--out", folder / "there", "--engine", "local-cluster", *key)
            if _findings(folder / "here") != _findings(folder / "there"):
                raise AssertionError("the findings differ")
            rows.append(
                {
                    "posts": n,
                    "seconds": there.seconds,
                    "cpu_s": there.cpu_seconds,
                    "growth": there.cpu_seconds / rows[-1]["cpu_s"] if rows else None,
                    "peak_mb": there.peak_mb,
                    "times_scan_cpu": there.cpu_seconds / here.cpu_seconds,
                    "times_scan_mb": there.peak_mb / here.peak_mb,
                }
            )
    return rows


def _findings(folder: Path) -> list[dict]:
    return json.loads((folder / "findings.json").read_bytes())["findings"]
