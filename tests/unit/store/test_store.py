"""Writing: whole or not at all; which posts a package needs; what a run says about itself."""

from __future__ import annotations

import dataclasses
import hashlib
import os

import orjson
import polars as pl
import pytest

from dideban.atomic import write_bytes, write_folder
from dideban.config import Config
from dideban.errors import InputError, SchemaError, StoreError
from dideban.messages import Message, describe
from dideban.store import Provenance, package_posts, write_findings
from dideban.store.others import ACCOUNT, POST
from dideban.store.select import others_first, select_others, select_posts


def test_a_folder_is_replaced_whole(tmp_path):
    folder = tmp_path / "f"
    write_folder(folder, {"a": b"1", "b": b"2"}, survives="kill")
    write_folder(folder, {"a": b"3"}, survives="kill")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"a": b"3"}
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_file_in_the_way_is_not_overwritten_by_a_folder(tmp_path):
    (tmp_path / "f").write_text("mine")
    with pytest.raises(StoreError):
        write_folder(tmp_path / "f", {"a": b"1"}, survives="kill")
    assert (tmp_path / "f").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_disk_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "findings.json"
    write_bytes(path, b"old", survives="kill")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(StoreError, match="disk is full") as caught:
        write_findings(path, [], run={})
    assert caught.value.exit_code == 13
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["findings.json"]


def test_a_package_needs_posts_that_keep_their_contract(world, tmp_path):
    with pytest.raises(SchemaError):
        world.write(tmp_path / "f", posts=world.posts.drop("text"))
    with pytest.raises(ValueError, match="config"):
        world.write(tmp_path / "f", manifest_extra={"seed": 1})
    assert not (tmp_path / "f").exists()


def part_of(world, **more):
    parts = package_posts(world.posts.lazy(), traces=world.traces, shares=world.shares, **more)
    return next(p for p in parts if p.finding_id == world.finding.id)


def test_a_package_holds_the_posts_of_members_originals_and_first_wordings_and_no_other(world):
    part = part_of(world)
    joint = world.shares.filter("is_joint", finding_id=world.finding.id).select("object_kind", "object_id").unique()
    needed = world.traces.join(joint, on=["object_kind", "object_id"], how="semi")
    mine = set(needed.filter(pl.col("account_id").is_in(world.finding.accounts))["post_id"])
    originals = set(joint.filter(object_kind="repost")["object_id"])
    assert originals
    posts = part.posts.with_columns(name=pl.concat_str("platform", pl.lit("/"), "post_id"))
    assert mine | originals <= set(posts["name"])
    assert part.n_cut == 0
    first = needed.filter(object_kind="text").sort("created_at", "post_id").unique("object_id", keep="first")
    others = posts.filter(~pl.col("account_id").is_in(world.finding.accounts))
    assert set(others["name"]) <= originals | set(first["post_id"])
    assert world.posts.height > part.posts.height


def test_others_are_inside_as_numbers_kinds_and_times(world):
    part = part_of(world)
    joint = world.shares.filter("is_joint", finding_id=world.finding.id).select("object_kind", "object_id").unique()
    names = part.posts.select(pl.concat_str("platform", pl.lit("/"), "post_id")).to_series()
    theirs = world.traces.join(joint, on=["object_kind", "object_id"], how="semi").filter(
        ~pl.col("account_id").is_in(world.finding.accounts), ~pl.col("post_id").is_in(names.implode())
    )
    assert theirs.height
    keys = ["object_kind", "object_id", "created_at"]
    held = part.others.join(joint, on=["object_kind", "object_id"], how="semi")
    assert held.select(keys).sort(keys).equals(theirs.select(keys).sort(keys))
    assert held["account_id"].n_unique() == theirs["account_id"].n_unique()
    known = set(part.posts["account_id"])
    assert all(name.startswith(ACCOUNT) or name in known for name in part.others["account_id"])
    assert part.others["post_id"].str.starts_with(POST).all()
    assert not set(part.others["account_id"]) & set(world.finding.accounts)


def test_shares_by_others_are_bounded_nearest_first(world):
    arguments = {"traces": world.traces, "shares": world.shares}
    arguments["began"] = others_first(**arguments, own=[])
    posts = select_posts(**arguments)
    kept, cut = select_others(**arguments, posts=posts, max_per_object=3)
    everything, none = select_others(**arguments, posts=posts, max_per_object=10**6)
    assert none == {}
    mine, every = (table.filter(finding_id=world.finding.id) for table in (kept, everything))
    assert cut[world.finding.id] == every.height - mine.height > 0
    near = world.shares.filter(finding_id=world.finding.id).select("object_kind", "object_id", at="created_at")
    for key, rows in every.group_by("object_kind", "object_id"):
        moments = near.filter(object_kind=key[0], object_id=key[1])["at"].to_list()
        first = rows["created_at"].min()
        ranked = sorted(
            (row["created_at"] > first, min(abs(row["created_at"] - at) for at in moments), row["post_id"])
            for row in rows.iter_rows(named=True)
        )
        left = mine.filter(object_kind=key[0], object_id=key[1])["post_id"]
        assert sorted(left) == sorted(name for *_, name in ranked[:3])
    shuffled = {**arguments, "traces": world.traces.sample(fraction=1.0, shuffle=True, seed=3)}
    assert set(select_posts(**shuffled).rows()) == set(posts.rows())
    assert set(select_others(**shuffled, posts=posts, max_per_object=3)[0].rows()) == set(kept.rows())


def test_no_findings_no_packages(world):
    assert list(package_posts(world.posts, traces=world.traces, shares=world.shares.clear())) == []


def test_a_run_tells_how_it_came_about(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("a,b\n")
    config = dataclasses.replace(Config(), threads=2)
    run = Provenance(config)
    run.add_inputs([path])
    run.count(posts=3, accounts=2)
    note = Message("note.copies-to-the-day")
    run.note(note, note)
    with run.stage("traces"), run.stage("edges"):
        pass
    with run.stage("traces"):
        pass
    stable = run.stable()
    assert stable["inputs"][0]["sha256"] == hashlib.sha256(b"a,b\n").hexdigest()
    assert stable["inputs"][0]["bytes"] == 4
    assert stable["counts"] == {"accounts": 2, "posts": 3}
    assert stable["notes"] == [describe(note)]
    assert stable["config_digest"] == config.digest()
    whole = orjson.loads(run.write(tmp_path / "run.json").read_bytes())
    assert whole["schema"] == "dideban.run/1"
    assert set(whole["seconds"]) == {"traces", "edges"}
    assert whole["peak_memory_bytes"] is None or whole["peak_memory_bytes"] > 10_000_000
    assert str(tmp_path) not in (tmp_path / "run.json").read_text()


def test_what_is_the_same_on_every_run_holds_no_times_and_no_threads(tmp_path):
    one, two = (Provenance(dataclasses.replace(Config(), threads=n)) for n in (1, 2))
    with one.stage("traces"):
        pass
    assert orjson.dumps(one.stable()) == orjson.dumps(two.stable())


def test_an_input_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Provenance(Config()).add_inputs([tmp_path / "none.csv"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError):
        write_bytes(tmp_path / "x" / "y", b"1", survives="kill")
    tmp_path.chmod(0o700)
