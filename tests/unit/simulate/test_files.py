"""Streams on disk and campaigns in one word."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import ConfigError, StoreError
from dideban.simulate import Plant, make_stream
from dideban.simulate.files import parse_plant, write_stream


@pytest.mark.parametrize(
    ("text", "plant"),
    [
        ("8x12x40:popular", Plant(n_accounts=8, n_operations=12, jitter_s=40)),
        ("8x12x40", Plant(n_accounts=8, n_operations=12, jitter_s=40)),
        (" 5x6x0.5:exclusive ", Plant(n_accounts=5, n_operations=6, jitter_s=0.5, where="exclusive")),
        ("30x8x3600:mixed", Plant(n_accounts=30, n_operations=8, jitter_s=3600, where="mixed")),
    ],
)
def test_a_plant_in_one_word(text: str, plant: Plant) -> None:
    assert parse_plant(text) == plant


@pytest.mark.parametrize("text", ["", "8x12", "8x12x40:hidden", "1x12x40", "8x0x40", "8x12x-4", "8x12x4e9", "٨x12x40"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_plant(text)


@given(st.text(max_size=40))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        plant = parse_plant(text)
    except ConfigError:
        return
    assert plant.n_accounts >= 2


def test_a_stream_is_written_whole_with_its_truth_beside_it(tmp_path: Path) -> None:
    plant = Plant(n_accounts=4, n_operations=3, jitter_s=5)
    stream = make_stream(seed=1, n_accounts=300, n_shares=3_000, days=3, plants=[plant])
    files = write_stream(tmp_path / "s.parquet", stream)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in files.values())
    assert pl.read_parquet(files["traces"]).equals(stream.traces)
    assert pl.read_parquet(files["objects"]).equals(stream.objects)
    assert pl.read_csv(files["truth"]).equals(stream.truth)
    assert pl.read_csv(files["operations"], try_parse_dates=True).height == 3


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    stream = make_stream(seed=1, n_accounts=50, n_shares=100, days=1)
    with pytest.raises(StoreError):
        write_stream(tmp_path / "missing" / "s.parquet", stream)
    assert list(tmp_path.iterdir()) == []
