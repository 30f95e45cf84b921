"""One small table for each rule of the QUT toolkit, and for each of its defects that parity keeps."""

from __future__ import annotations

import polars as pl
import pytest

from dideban.errors import ConfigError
from dideban.evidence.qut import count_directed


def table(*rows):
    columns = {"account_id": pl.String, "object_id": pl.String, "post_id": pl.String, "created_s": pl.Float64}
    return pl.DataFrame(rows, schema=columns, orient="row")


def count(*rows, **options):
    return {(a, b): w for a, b, w in count_directed(table(*rows), **{"time_window": 10, **options}).iter_rows()}


def test_counts_the_messages_of_the_first_user():
    rows = [("a", "o", "1", 0), ("a", "o", "2", 1), ("a", "o", "3", 2), ("b", "o", "4", 1)]
    assert count(*rows) == {("a", "b"): 3, ("b", "a"): 1}


def test_the_window_reaches_both_ways_and_is_inclusive():
    assert count(("a", "o", "1", 0), ("b", "o", "2", 10)) == {("a", "b"): 1, ("b", "a"): 1}
    assert count(("a", "o", "1", 0), ("b", "o", "2", 10.5)) == {}


def test_each_direction_passes_the_threshold_on_its_own():
    rows = [("a", "o", "1", 0), ("a", "o", "2", 1), ("b", "o", "4", 1)]
    assert count(*rows, min_edge_weight=2) == {("a", "b"): 2}


def test_the_first_row_of_a_message_id_stands():
    rows = [("a", "o", "1", 0), ("b", "p", "2", 1), ("b", "o", "2", 1)]
    assert count(*rows) == {}


def test_defect_loops_count_every_message():
    rows = [("a", "o", "1", 0), ("a", "p", "2", 900), ("b", "o", "3", 900)]
    assert count(*rows, loops=True) == {("a", "a"): 2, ("b", "b"): 1}


def test_defect_empty_links_tie_all_who_shared_none():
    rows = [("a", "", "1", 0), ("b", "", "2", 1), ("c", "", "3", 2)]
    assert len(count(*rows, links=True)) == 6
    assert count(*rows) == {}


def test_a_message_with_two_common_links_counts_once():
    rows = [("a", "o", "1", 0), ("a", "p", "1", 0), ("b", "o", "2", 1), ("b", "p", "2", 1)]
    assert count(*rows, links=True) == {("a", "b"): 1, ("b", "a"): 1}


def test_negative_windows_are_refused():
    with pytest.raises(ConfigError):
        count(("a", "o", "1", 0), time_window=-1)


def test_empty_table():
    assert count() == {}
