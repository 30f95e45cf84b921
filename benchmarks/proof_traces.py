"""The proof alone on made-up traces without text: processor time, and the most memory, by number of traces.

Sizes of objects and the activity of accounts follow power laws, over 32 days; twenty groups of eight act in concert.

    python benchmarks/proof_traces.py 1000000 [--threads 2]
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import time
from dataclasses import replace

import numpy as np
import polars as pl

from dideban.config import Config
from dideban.proof import Proof, prove_groups
from dideban.schema import OBJECT_KINDS, TRACES

BEGIN_S = 1_700_000_000
DAYS = 30
MOST_SHARED = 500
"""No object has more than one in so many of all shares."""
PER_ACCOUNT = 20
N_GROUPS, N_MEMBERS, N_JOINT, TOGETHER_S = 20, 8, 60, 20.0


def make_traces(n: int, *, seed: int = 1) -> pl.DataFrame:
    """Return TRACES of one kind, (about n,)."""
    rng = np.random.default_rng(seed)
    size = np.minimum(np.floor(2 * (1 - rng.random(max(n // 4, 1000))) ** (-1 / 1.2)), max(n // MOST_SHARED, 50))
    size = size[: np.searchsorted(np.cumsum(size), n) + 1].astype(np.int64)
    n_accounts, n_shares = max(n // PER_ACCOUNT, 1000), int(size.sum())
    born = rng.random(len(size)) * DAYS * 86_400
    delay = np.exp(rng.normal(8.0, 2.0, n_shares))
    delay[np.append(0, np.cumsum(size)[:-1])] = 0
    item = np.repeat(np.arange(len(size)), size)
    parts = [(item, (n_accounts * rng.random(n_shares) ** 2).astype(np.int64), born[item] + delay)]
    for _ in range(N_GROUPS):
        members = rng.choice(n_accounts // 10, N_MEMBERS, replace=False)
        joint = np.repeat(rng.choice(len(size), N_JOINT, replace=False), N_MEMBERS)
        at = np.repeat(rng.exponential(7200.0, N_JOINT), N_MEMBERS) + rng.random(len(joint)) * TOGETHER_S
        kept = rng.random(len(joint)) < 0.8
        parts.append((joint[kept], np.tile(members, N_JOINT)[kept], (born[joint] + at)[kept]))
    items, accounts, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    micros = (np.minimum(times, (DAYS + 2) * 86_400) + BEGIN_S).astype(np.int64) * 1_000_000
    table = pl.DataFrame({"account": accounts, "item": items, "at": micros}).with_row_index("row")
    return table.select(
        account_id=pl.format("a{}", "account"),
        object_kind=pl.lit("link", pl.Enum(OBJECT_KINDS)),
        object_id=pl.format("o{}", "item"),
        post_id=pl.format("x/{}", "row"),
        created_at=pl.col("at").cast(TRACES.dtypes["created_at"]),
    )


def digest_of(proof: Proof) -> str:
    """Return what two versions of the program must have in common."""
    tables = (proof.groups, proof.proofs, proof.proof_traces, proof.followed)
    return hashlib.sha256("".join(table.write_csv() for table in tables).encode()).hexdigest()[:16]


def main() -> None:
    """Prove, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int)
    parser.add_argument("--threads", type=int, default=0)
    asked = parser.parse_args()
    traces = make_traces(asked.n)
    before_mb, began = _peak_mb(), time.process_time()
    proof = prove_groups(traces, config=replace(Config(), threads=asked.threads), resolution_s=1.0)
    found = proof.selfcheck["n_found"]
    cpu_s = time.process_time() - began
    sys.stdout.write(
        f"{traces.height:,} traces: {cpu_s:.1f} processor seconds, peak {_peak_mb():,.0f} MB "
        f"({before_mb:,.0f} before), {found} groups, {digest_of(proof)}\n"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
