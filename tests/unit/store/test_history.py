"""Groups over time in the folder of a scan."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from dideban.errors import InputError
from dideban.schema import GROUP_HISTORY, GROUPS
from dideban.store import HISTORY, follow_findings, read_history


def groups(*some: list[str]) -> pl.DataFrame:
    rows = [(ix, account, 1.0) for ix, accounts in enumerate(some) for account in accounts]
    return pl.DataFrame(rows, schema=GROUPS.dtypes, orient="row")


def test_findings_take_the_ids_of_their_groups(world):
    finding = dataclasses.replace(world.finding, accounts=["a", "b", "c"])
    other = dataclasses.replace(world.finding, accounts=["x", "y", "z"], lead=True)
    table = groups(["q", "r", "s"], ["x", "y", "z"], ["a", "b", "c"])
    named, first = follow_findings([finding, other], groups=table, earlier=GROUP_HISTORY.empty())
    assert [f.id for f in named] == [finding.id, other.id]
    assert named[0].group_id != named[1].group_id
    assert set(first.groups["account_id"]) == set("abcxyz"), "a group without a finding is passed over"
    held = dict(first.groups.group_by("group_id").agg(pl.col("account_id").sort()).iter_rows())
    assert {f.group_id: f.accounts for f in named} == held
    again, second = follow_findings(
        [dataclasses.replace(finding, accounts=["a", "b", "c", "d"])],
        groups=groups(["a", "b", "c", "d"]),
        earlier=first.groups,
    )
    assert again[0].group_id == named[0].group_id
    assert second.events["event"].cast(pl.String).sort().to_list() == ["ended", "grew"]


def test_no_findings_are_no_groups():
    named, followed = follow_findings([], groups=groups(["a", "b", "c"]), earlier=GROUP_HISTORY.empty())
    assert (named, followed.groups.height, followed.events.height) == ([], 0, 0)


def test_a_history_is_read_back(tmp_path):
    _, first = follow_findings([], groups=groups(), earlier=GROUP_HISTORY.empty())
    first.groups.write_parquet(tmp_path / HISTORY)
    assert read_history(tmp_path).equals(GROUP_HISTORY.empty())


@pytest.mark.parametrize("content", [None, b"not parquet", b""])
def test_a_folder_without_a_readable_history_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / HISTORY).write_bytes(content)
    with pytest.raises(InputError):
        read_history(tmp_path)


def test_a_history_of_another_shape_is_refused(tmp_path):
    GROUP_HISTORY.empty().drop("is_core").write_parquet(tmp_path / HISTORY)
    with pytest.raises(InputError, match="is_core"):
        read_history(tmp_path)
