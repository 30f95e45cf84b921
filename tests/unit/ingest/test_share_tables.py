"""Tables of shares: the order of columns never matters."""

import itertools
from pathlib import Path

import polars as pl
import pytest

from dideban.config import IngestConfig
from dideban.ingest import read_shares

NAMES = ("object_id", "account_id", "content_id", "timestamp_share")


@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)), ids="-".join)
def test_every_order_of_columns_reads_the_same(tmp_path: Path, order):
    table = pl.DataFrame(
        {"object_id": ["o1", "o2"], "account_id": ["a", "b"], "content_id": ["p1", "p2"], "timestamp_share": [10, 20]}
    )
    path = tmp_path / "shares.csv"
    table.select(order).write_csv(path)
    shares, rejects = read_shares(path, config=IngestConfig(keep_ids=True), key=b"k" * 32)
    assert rejects.height == 0
    assert shares.select("account_id", "object_id", "post_id").rows() == [("a", "o1", "p1"), ("b", "o2", "p2")]
    assert shares["created_s"].to_list() == [10, 20]
