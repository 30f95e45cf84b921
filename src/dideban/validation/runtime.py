"""Time of the test against the threshold rule, in one process on one thread."""

from __future__ import annotations

import time

from dideban.config import Config
from dideban.evidence import link_accounts
from dideban.proof import prove_groups
from dideban.simulate import make_stream
from dideban.validation.model import Result
from dideban.validation.streams import settings

MAX_CHECKED = 200_000
"""Longer streams are not measured with a shuffled copy too: it takes as long again."""


def measure_runtime(*, n_traces: int, seed: int) -> Result:
    """Measure processor seconds of both methods on one stream; the kernels are compiled beforehand."""
    warm = make_stream(seed=seed, n_accounts=600, n_shares=8_000, days=3)
    prove_groups(warm.traces, objects=warm.objects, config=settings(n_shuffles=1))
    link_accounts(warm.traces, config=Config().coshare, windows_s=(60.0,), threads=1)
    stream = make_stream(seed=seed, n_accounts=max(n_traces // 19, 100), n_shares=n_traces)
    result: Result = {"n_traces": len(stream.traces)}
    for name, n_shuffles in (("proof", 0), ("proof_checked", 1))[: 2 if n_traces <= MAX_CHECKED else 1]:
        start = time.process_time()
        prove_groups(stream.traces, objects=stream.objects, config=settings(n_shuffles=n_shuffles))
        result[name] = time.process_time() - start
    scales = Config().proof.scales_s
    for name, windows in (("threshold", (60.0,)), ("threshold_all", scales)):
        start = time.process_time()
        link_accounts(stream.traces, config=Config().coshare, windows_s=windows, threads=1)
        result[name] = time.process_time() - start
    return result
