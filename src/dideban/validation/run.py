"""Run jobs in processes and keep every result, so that a stopped run can resume."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import dideban
from dideban.atomic import write_bytes
from dideban.progress import SILENT, Progress
from dideban.validation.joint import measure_joint
from dideban.validation.model import Job, Result
from dideban.validation.real import measure_real
from dideban.validation.runtime import measure_runtime
from dideban.validation.streams import (
    measure_cases,
    measure_evasion,
    measure_framing,
    measure_null,
    measure_own,
    measure_power,
    measure_variant,
)

MEASURES: dict[str, Callable[..., Result]] = {
    "null": measure_null,
    "framing": measure_framing,
    "power": measure_power,
    "own": measure_own,
    "cases": measure_cases,
    "joint": measure_joint,
    "real": measure_real,
    "ablation": measure_variant,
    "sensitivity": measure_variant,
    "evasion": measure_evasion,
    "runtime": measure_runtime,
}
ALONE = ("runtime",)
"""Parts measured when nothing else of the run is at work."""
CODE = ("proof", "joint", "kernels", "stats", "graph", "groups", "evidence", "simulate", "traces", "text")
"""What a result depends on."""


def code_digest() -> str:
    """Return 12 hex digits that change with the code that results depend on."""
    root = Path(dideban.__file__).parent
    shown = hashlib.sha256((root / "config.py").read_bytes())
    for path in (path for name in CODE for path in sorted((root / name).rglob("*.py"))):
        shown.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return shown.hexdigest()[:12]


def run_jobs(jobs: Sequence[Job], *, work: Path, processes: int = 2, progress: Progress = SILENT) -> dict[str, Result]:
    """Run what has no kept result yet and return all results by key.

    Parameters
    ----------
    work : folder
        One JSON file per job. A result is used again when the job's parameters are the same.
    processes : count
        Jobs at a time; each on one thread. Parts in ALONE run one at a time, after the others.
    """
    work.mkdir(parents=True, exist_ok=True)
    results = kept_results(jobs, work=work)
    open_jobs = [job for job in jobs if job.key not in results]
    together = [job for job in open_jobs if job.part not in ALONE]
    alone = [job for job in open_jobs if job.part in ALONE]
    with progress.stage("measuring", total=len(open_jobs), unit="jobs") as task:
        for some, n in ((together, processes), (alone, 1)):
            if some:
                _run(some, n, work, results, task.advance)
    return results


def kept_results(jobs: Sequence[Job], *, work: Path) -> dict[str, Result]:
    """Return the results that are kept already, by key."""
    return {job.key: kept for job in jobs if (kept := _kept(job, work)) is not None}


def _run(some: list[Job], n: int, work: Path, results: dict[str, Result], done: Callable[[], None]) -> None:
    os.environ.update(POLARS_MAX_THREADS="1", NUMBA_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with ProcessPoolExecutor(n, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(measure, job): job for job in some}
        for future in as_completed(waiting):
            job = waiting[future]
            results[job.key] = future.result()
            _keep(job, results[job.key], work)
            done()


def measure(job: Job) -> Result:
    """Run one job in this process."""
    return MEASURES[job.part](**job.params)


def _kept(job: Job, work: Path) -> Result | None:
    path = work / f"{job.key}.json"
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("params") != json.loads(json.dumps(job.params)):
        return None
    result: Result = data["result"]
    return result


def _keep(job: Job, result: Result, work: Path) -> None:
    path = work / f"{job.key}.json"
    write_bytes(path, json.dumps({"params": job.params, "result": result}, sort_keys=True).encode(), survives="kill")
