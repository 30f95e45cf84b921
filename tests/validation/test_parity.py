"""The peers' own output, edge by edge: every saved file, every column, zero differences."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from dideban.evidence.coortweet import detect_groups, generate_coordinated_network
from dideban.evidence.qut import count_directed

pytestmark = pytest.mark.shared

EDGE = ["account_a", "account_b"]
COORTWEET = [  # file, input, window, min_participation, quantile, subgraph
    ("coortweet_russian_tw10.csv", "russian", 10, 2, 0.5, 0),
    ("coortweet_russian_tw60.csv", "russian", 60, 2, 0.5, 0),
    ("coortweet_russian_tw60_minp3.csv", "russian", 60, 3, 0.5, 0),
    ("coortweet_russian_tw60_q0.95_sub1.csv", "russian", 60, 2, 0.95, 1),
    ("coortweet_syn10k_tw10.csv", "syn10k", 10, 2, 0.5, 0),
    ("coortweet_syn10k_tw60.csv", "syn10k", 60, 2, 0.5, 0),
]
QUT = [  # file, input, window
    ("qut_co_retweet_russian_tw10_minw1.csv", "russian", 10),
    ("qut_co_retweet_russian_tw60_minw1.csv", "russian", 60),
    ("qut_co_retweet_syn10k_tw60_minw1.csv", "syn10k", 60),
]


@pytest.fixture(scope="module")
def parity(shared: Path) -> Path:
    folder = shared / "parity"
    if not folder.is_dir():
        pytest.skip("no parity folder")
    return folder


@cache
def shares(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / f"{name}_input.csv").rename({"timestamp": "timestamp_share"}, strict=False)


def differing(found: pl.DataFrame, expected: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Rows of either table that the other lacks; numbers are saved with 15 digits."""
    numbers = [name for name, dtype in expected.schema.items() if dtype.is_numeric()]
    rounded = [pl.col(name).cast(pl.Float64).round_sig_figs(13) for name in numbers]
    found = found.select(expected.columns).with_columns(rounded)
    expected = expected.with_columns(rounded)
    assert found.select(keys).is_duplicated().sum() == 0
    return pl.concat(
        [found.join(expected, on=expected.columns, how="anti"), expected.join(found, on=expected.columns, how="anti")]
    )


@pytest.mark.parametrize(("file", "name", "window", "min_participation", "quantile", "subgraph"), COORTWEET)
def test_coortweet_edges(parity, file, name, window, min_participation, quantile, subgraph):
    expected = pl.read_csv(parity / file)
    pairs = detect_groups(shares(parity, name), time_window=window, min_participation=min_participation)
    found = generate_coordinated_network(pairs, edge_weight=quantile, subgraph=subgraph)
    assert expected.height > 50
    assert found.height == expected.height
    assert differing(found, expected, EDGE).height == 0


def test_coortweet_pairs(parity):
    expected = pl.read_csv(parity / "coortweet_syn10k_detect_tw10.csv")
    found = detect_groups(shares(parity, "syn10k"), time_window=10)
    assert found.height == expected.height == 24_411
    assert differing(found, expected, ["object_id", "content_id", "content_id_y"]).height == 0


@pytest.mark.parametrize(("file", "name", "window"), QUT)
def test_qut_directed_counts(parity, file, name, window):
    expected = pl.read_csv(parity / file).rename({"user_1": "account_a", "user_2": "account_b"})
    table = shares(parity, name).rename({"content_id": "post_id", "timestamp_share": "created_s"})
    found = count_directed(table, time_window=window, min_edge_weight=1)
    assert found.height == expected.height > 2000
    assert differing(found, expected, EDGE).height == 0


def test_every_saved_file_is_compared(parity):
    compared = {file for file, *_ in (*COORTWEET, *QUT)} | {"coortweet_syn10k_detect_tw10.csv"}
    saved = {path.name for path in parity.glob("*.csv") if not path.name.endswith("_input.csv")}
    assert saved == compared


def test_a_changed_edge_would_be_seen(parity):
    expected = pl.read_csv(parity / "coortweet_russian_tw10.csv")
    changed = expected.with_columns(pl.when(pl.int_range(pl.len()) == 7).then(9).otherwise("weight").alias("weight"))
    assert differing(changed, expected, EDGE).height == 2
