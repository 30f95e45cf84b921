"""Nothing that comes from outside is a pseudonym: every id is hashed, whatever it looks like."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from room.cast import NOW, post  # isort: skip - makes Django ready
from django.core.management import call_command
from django.test import Client

from dideban.errors import InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.posts.intake import origin_of, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import open_account, pseudonym_of
from dideban.room.sources.actions import add_source, make_intake_token
from dideban.room.sources.models import Source
from dideban.room.upkeep.import_scan import import_scan
from dideban.schema import POSTS
from dideban.store.delta import PostTable

DISGUISED = "amohammadrezaeeab"
"""The real name of an account: 17 letters, beginning with a."""


def stored() -> pl.DataFrame:
    merge_all("watch")
    return PostTable(folder_of("watch").posts).scan().collect().sort("post_id")


def ours(n: int, account: str) -> dict[str, object]:
    """A post in Dideban's own shape."""
    return {
        **dict.fromkeys(POSTS.names), "post_id": f"p{n}", "account_id": account, "platform": "x", "source": "s",
        "created_at": NOW.isoformat(), "text": "A sentence about the harvest", "urls": [], "hashtags": [],
        "mentions": [DISGUISED], "media": [],
    }  # fmt: skip


@pytest.mark.parametrize("shape", ["own", "plain", "own-parquet"])
def test_an_id_that_looks_like_a_pseudonym_is_hashed(room: Room, shape: str, tmp_path: Path) -> None:
    source = add_source(room, kind="upload", name="Files", by=None)
    rows = [
        ours(n, DISGUISED) if shape.startswith("own") else post(n, account_id=DISGUISED, mentions=[DISGUISED])
        for n in range(3)
    ]
    if shape == "own-parquet":
        frame = pl.DataFrame(rows, schema_overrides={n: t for n, t in POSTS.dtypes.items() if n != "created_at"})
        path = tmp_path / "posts.parquet"
        frame.with_columns(pl.col("created_at").str.to_datetime(time_zone="UTC")).write_parquet(path)
        body, name = path.read_bytes(), "posts.parquet"
    else:
        body, name = "\n".join(json.dumps(row) for row in rows).encode(), "posts.ndjson"
    assert take_bytes(body, name=name, origin=origin_of(Source.objects.get(pk=source.pk))).n_posts == 3
    found = stored()
    assert DISGUISED not in json.dumps(found.select("account_id", "mentions").to_dicts())
    assert found["account_id"].unique().to_list() == [pseudonym_of("watch", DISGUISED)]
    assert open_account("watch", pseudonym_of("watch", DISGUISED)) == DISGUISED


def test_a_sender_cannot_post_under_a_pseudonym_that_is_there(room: Room) -> None:
    source = add_source(room, kind="intake", name="Wire", by=None)
    victim = pseudonym_of("watch", "victim")
    headers = {"Authorization": f"Bearer {make_intake_token(source, by=None)}"}
    for n, account in enumerate(["victim", victim]):
        sent = Client(headers=headers).post("/api/v1/intake", json.dumps(ours(n, account)), "application/x-ndjson")
        assert sent.json()["accepted"] == 1
    assert sorted(stored()["account_id"]) == sorted([victim, pseudonym_of("watch", victim)])


def scan_of(tmp_path: Path, account: str) -> Path:
    rows = [ours(n, account) for n in range(3)]
    frame = pl.DataFrame(rows, schema_overrides={n: t for n, t in POSTS.dtypes.items() if n != "created_at"})
    frame = frame.with_columns(
        pl.col("created_at").str.to_datetime("%+", time_zone="UTC").cast(POSTS.dtypes["created_at"]),
        mentions=pl.lit([account], dtype=pl.List(pl.String)),
    )
    folder = tmp_path / "scan"
    folder.mkdir()
    frame.write_parquet(folder / "posts.parquet")
    return folder


def test_results_of_another_scan_come_by_a_command_of_their_own(room: Room, tmp_path: Path) -> None:
    folder = scan_of(tmp_path, "abcdefghijklmnop2")
    call_command("room_import", path=str(folder), room="watch", name="Partner")
    assert stored()["account_id"].unique().to_list() == ["abcdefghijklmnop2"]
    event = AuditEvent.objects.get(action="posts.import")
    assert event.details["posts"] == 3
    assert len(event.details["sha256"]) == 64
    assert import_scan(folder, room=room, name="Partner").n_posts == 3
    assert room.sources.count() == 1
    assert stored().height == 3


def test_the_command_takes_no_real_ids(room: Room, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pseudonyms"):
        import_scan(scan_of(tmp_path, "real name"), room=room, name="Partner")
    (tmp_path / "x.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputError, match="cannot be read"):
        import_scan(tmp_path / "x.parquet", room=room, name="Partner")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "y.parquet")
    with pytest.raises(InputError, match="not the posts of a scan"):
        import_scan(tmp_path / "y.parquet", room=room, name="Partner")
    with pytest.raises(InputError, match="no room"):
        call_command("room_import", path=str(tmp_path), room="nowhere", name="Partner")
    assert stored().is_empty()
