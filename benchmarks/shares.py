"""Tables of shares of any size: heavy-tailed objects and accounts, bursts at birth, planted groups. Seeded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

SPAN_S = 30 * 86_400
START = 1_700_000_000


def _ranks(random: np.random.Generator, n: int, size: int, exponent: float, head: float) -> np.ndarray:
    """Codes 0 .. n - 1 by a power law that is flat at the head: the first code has about this share of all draws."""
    flat = max(1.0, (1 - exponent) / head)
    edges = (np.arange(n + 1) + flat) ** (1 - exponent)
    edges = (edges - edges[0]) / (edges[-1] - edges[0])
    return np.minimum(np.searchsorted(edges, random.random(size), side="right") - 1, n - 1)


def make(n_rows: int, *, seed: int = 7) -> pl.DataFrame:
    """Return a table with the names of CooRTweet, sorted by time; the same for the same size and seed."""
    random = np.random.default_rng([seed, n_rows])
    n = max(n_rows // 5, 100)
    account = random.permutation(n)[_ranks(random, n, n_rows, 0.8, 0.001)]
    thing = _ranks(random, n, n_rows, 0.9, 0.01 * n / n_rows)
    birth = random.integers(0, SPAN_S, n)
    pace = np.exp(np.clip(random.normal(np.log(7200), 0.8, n), np.log(1200), np.log(43_200)))
    moment = birth[thing] + pace[thing] * np.exp(random.normal(0, 1.5, n_rows))
    moment = np.minimum(moment, 2 * SPAN_S).astype(np.int64)
    _plant(random, account, thing, moment)
    order = np.argsort(moment, kind="stable")
    width, long = len(str(n - 1)), len(str(n_rows - 1))
    codes = pl.DataFrame({"a": account[order], "o": thing[order], "p": np.arange(n_rows), "t": moment[order] + START})
    name = {"a": ("acc_", "account_id", width), "o": ("obj_", "object_id", width), "p": ("p_", "content_id", long)}
    return codes.select(
        *(
            pl.concat_str(pl.lit(prefix), pl.col(column).cast(pl.String).str.zfill(digits)).alias(label)
            for column, (prefix, label, digits) in name.items()
        ),
        pl.col("t").alias("timestamp_share"),
    )


def _plant(random: np.random.Generator, account: np.ndarray, thing: np.ndarray, moment: np.ndarray) -> None:
    """Overwrite a few rows by groups of 20 accounts that share 30 objects within half a minute each."""
    at = 0
    for _ in range(min(200, max(1, account.size // 20_000))):
        members = random.choice(account, 20)
        for target in random.integers(0, thing.max() + 1, 30):
            rows = slice(at, at + 20)
            account[rows], thing[rows] = members, target
            moment[rows] = random.integers(0, SPAN_S) + random.integers(0, 31, 20)
            at += 20


def write(n_rows: int, folder: Path, *, suffix: str = "parquet") -> Path:
    """Write the table once and return where it is."""
    path = folder / f"shares_{n_rows}.{suffix}"
    if not path.exists():
        frame = make(n_rows)
        if suffix == "parquet":
            frame.write_parquet(path)
        else:
            frame.write_csv(path)
    return path
