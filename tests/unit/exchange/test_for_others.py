"""Networks for Gephi, and lists in CSV that can be told apart."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dideban.exchange import write_csv
from dideban.pipelines.coshare import write_edges

EDGES = pl.DataFrame({"account_a": ["=a", "b"], "account_b": ["c<&", "c<&"], "weight": [3, 2], "n_pairs": [5, 2]})


def test_gephi_finds_its_columns_beside_the_table(tmp_path: Path) -> None:
    write_edges(EDGES, tmp_path / "edges.csv")
    beside = pl.read_csv(tmp_path / "edges.gephi.csv")
    assert beside.columns == ["Source", "Target", "Weight", "Type"]
    assert beside.rows() == [("'=a", "c<&", 3, "Undirected"), ("b", "c<&", 2, "Undirected")]


@pytest.mark.parametrize(("directed", "kind"), [(True, "directed"), (False, "undirected")])
def test_gexf_holds_every_pair(tmp_path: Path, directed: bool, kind: str) -> None:
    write_edges(EDGES, tmp_path / "edges.gexf", directed=directed)
    root = ET.parse(tmp_path / "edges.gexf").getroot()
    space = "{http://gexf.net/1.3}"
    names = {node.get("id"): node.get("label") for node in root.iter(f"{space}node")}
    found = [(names[e.get("source")], names[e.get("target")], e.get("weight")) for e in root.iter(f"{space}edge")]
    assert found == [("=a", "c<&", "3.0"), ("b", "c<&", "2.0")]
    assert root.find(f"{space}graph").get("defaultedgetype") == kind


items = st.text(st.sampled_from('ab|[]", \\'), min_size=1, max_size=6)


@given(st.lists(st.lists(items, max_size=4), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_lists_are_told_apart_whatever_they_hold(tmp_path: Path, lists: list[list[str]]) -> None:
    path = write_csv(
        tmp_path / "lists.csv",
        pl.DataFrame({"n": range(len(lists)), "list": lists}, schema={"n": pl.Int64, "list": pl.List(pl.String)}),
    )
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [row["list"].removeprefix("'") for row in csv.DictReader(file)]
    for cell, expected in zip(cells, lists, strict=True):
        found = json.loads(cell) if cell.startswith("[") else cell.split(" | ") if cell else []
        assert [one.strip() for one in found if one.strip()] == [one.strip() for one in expected if one.strip()]


def test_a_cell_that_begins_with_a_bar_is_defused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", pl.DataFrame({"text": ["|calc", "a|b"]}))
    assert path.read_text("utf-8-sig").splitlines()[1:] == ["'|calc", "a|b"]
