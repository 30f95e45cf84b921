"""Posts on their way in: acknowledged when they are on the disk, once, under pseudonyms."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dideban.errors import InputError, StoreError
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge, merge_all
from dideban.room.posts.spool import Spool
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import open_account, pseudonym_of
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys
from room.cast import NOW, post

ORIGIN = Origin(room="watch", source="wire", retention_days=400)


def send(*posts: dict[str, Any], origin: Origin = ORIGIN) -> Any:
    return take_bytes("\n".join(json.dumps(p) for p in posts).encode(), name="posts.ndjson", origin=origin)


def stored() -> pl.DataFrame:
    return PostTable(folder_of("watch").posts).scan().sort("post_id").collect()


def test_a_post_goes_all_the_way(room: Room) -> None:
    taken = send(post(1), post(2))
    assert (taken.n_rows, taken.n_posts, taken.n_rejects) == (2, 2, 0)
    assert merge_all("watch") == 2
    rows = stored()
    assert rows["post_id"].to_list() == ["p1", "p2"]
    assert rows["source"].to_list() == ["wire", "wire"]
    assert rows["norm"][0] == "a sentence about the harvest festival number 1"
    assert rows["arrived_at"].null_count() == 0


def test_a_post_is_on_the_disk_before_it_is_acknowledged(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced, then takes its place, then the folder is synced: a power cut at any moment loses nothing."""
    synced: list[tuple[int, bool]] = []
    sync = os.fsync
    folder = folder_of("watch").spool / "new"

    def noted(handle: int) -> None:
        sync(handle)
        synced.append((os.fstat(handle).st_ino, folder.exists() and any(folder.iterdir())))

    monkeypatch.setattr(os, "fsync", noted)
    send(post(1))
    (file,) = folder.iterdir()
    order = dict(synced)
    assert order[file.stat().st_ino] is False, "synced before it takes its place"
    assert order[folder.stat().st_ino] is True, "the folder is synced after it"


def test_nothing_on_disk_holds_the_name_of_an_account(room: Room) -> None:
    send(post(1, account_id="very-particular-name", mentions=["somebody-mentioned"]))
    merge_all("watch")
    everything = b"".join(path.read_bytes() for path in folder_of("watch").root.rglob("*") if path.is_file())
    assert b"very-particular-name" not in everything
    row = stored().row(0, named=True)
    assert row["account_id"] == pseudonym_of("watch", "very-particular-name")
    assert row["mentions"] == [pseudonym_of("watch", "somebody-mentioned")]
    assert open_account("watch", row["account_id"]) == "very-particular-name"


def test_first_arrival_wins_and_later_ones_bring_their_reach(room: Room) -> None:
    send(post(1, text="as it was first"))
    merge_all("watch")
    send(post(1, text="as it was edited", reach=700))
    assert merge_all("watch") == 0
    keys = PostKeys(folder_of("watch").index)
    (day,) = keys.reach_days()
    assert PostTable(folder_of("watch").posts).replace_reach(keys.reach_of(day), day=day) == 1
    (row,) = stored().iter_rows(named=True)
    assert (row["text"], row["reach"]) == ("as it was first", 700)


def test_first_arrival_wins_inside_one_batch_too(room: Room) -> None:
    send(post(1, text="as it was first"))
    send(post(1, text="as it was edited"))
    assert merge_all("watch") == 1
    assert stored()["text"].to_list() == ["as it was first"]


def test_repeats_inside_one_batch_count_once(room: Room) -> None:
    for _ in range(3):
        send(post(1), post(2))
    assert merge_all("watch") == 2


def test_the_same_id_on_another_platform_is_another_post(room: Room) -> None:
    send(post(1), post(1, platform="telegram"))
    assert merge_all("watch") == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"created_at": (NOW + timedelta(days=3)).isoformat()}, "time-in-future"),
        ({"created_at": (NOW - timedelta(days=500)).isoformat()}, "older-than-kept"),
        ({"created_at": "when the moon was full"}, "time-unreadable"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(room: Room, change: dict[str, Any], reason: str) -> None:
    taken = send(post(1), post(2, **change))
    assert (taken.n_posts, taken.n_rejects) == (1, 1)
    assert dict(taken.reasons) == {reason: 1}
    assert taken.n_rows == taken.n_posts + taken.n_repeats + taken.n_rejects


def test_when_nothing_can_be_used_all_of_it_is_counted(room: Room) -> None:
    taken = send(post(1, created_at="never"), post(2, created_at=""))
    assert (taken.n_rows, taken.n_posts, taken.n_rejects) == (2, 0, 2)
    assert sum(taken.reasons.values()) == 2


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02", b"just a line of prose"])
def test_what_is_no_table_of_posts_is_an_error_in_words(room: Room, body: bytes) -> None:
    with pytest.raises(InputError):
        take_bytes(body, name="posts.ndjson", origin=ORIGIN)
    assert merge_all("watch") == 0


def test_posts_of_an_erased_account_do_not_come_back(room: Room) -> None:
    PostKeys(folder_of("watch").index).erase(pseudonym_of("watch", "gone"))
    taken = send(post(1, account_id="gone"), post(2, account_id="here"))
    assert dict(taken.reasons) == {"account-erased": 1}


def test_a_full_disk_acknowledges_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match=r"cannot be stored|disk is full"):
        send(post(1))
    monkeypatch.undo()
    assert merge_all("watch") == 0


class Died(BaseException):
    """The process was killed here."""


@pytest.mark.parametrize("place", ["claim", "seal", "append", "add_reach", "drop"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_death_at_any_step_of_the_merge_loses_and_doubles_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch, place: str, before: bool
) -> None:
    home = {"claim": PostKeys, "seal": PostKeys, "add_reach": PostKeys, "append": PostTable, "drop": Spool}[place]
    real = getattr(home, place)

    def dying(*args: Any, **kwargs: Any) -> Any:
        if not before:
            real(*args, **kwargs)
        raise Died

    send(post(1))
    merge_all("watch")
    send(post(1), post(2), post(3))
    with monkeypatch.context() as patch:
        patch.setattr(home, place, dying)
        with pytest.raises(Died):
            merge("watch")
    send(post(3), post(4))
    merge_all("watch")
    assert stored()["post_id"].to_list() == ["p1", "p2", "p3", "p4"]
    assert Spool(folder_of("watch").spool).n_waiting() == 0


def test_a_damaged_file_is_set_aside_and_the_rest_goes_on(room: Room) -> None:
    send(post(1))
    path = Spool(folder_of("watch").spool).add(pl.read_parquet(next(Spool(folder_of("watch").spool).new.iterdir())))
    path.write_bytes(b"PAR1 cut off")
    send(post(2))
    assert merge_all("watch") == 2
    assert len(list(Spool(folder_of("watch").spool).damaged.iterdir())) == 1


def test_compaction_keeps_every_post(room: Room) -> None:
    for n in range(12):
        send(post(n))
        merge("watch")
    table = PostTable(folder_of("watch").posts)
    before = stored().sort("post_id")
    files = len(table.files())
    assert table.compact(min_files=4) >= 1
    assert len(table.files()) < files
    assert stored().sort("post_id").equals(before)
    assert table.committed() == 12
    send(post(1), post(99))
    assert merge_all("watch") == 1
