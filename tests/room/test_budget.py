"""One budget for every way in: bytes once unpacked, rows, depth, memory, time, whatever the bytes turn out to be."""

from __future__ import annotations

import gzip
import io
import json
import resource
import zipfile
import zlib
from pathlib import Path

import polars as pl
import pytest
import zstandard

from room.cast import post  # isort: skip - makes Django ready
from django.conf import settings
from django.test import Client

from dideban.errors import InputError
from dideban.room.budget import REQUEST, Budget, unpack
from dideban.room.members.models import Membership
from dideban.room.posts.intake import origin_of, take_bytes, take_files
from dideban.room.posts.merge import merge_all
from dideban.room.reader.posts import read_posts_apart
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_upload, make_intake_token
from dideban.room.sources.models import Source
from dideban.store.delta import PostTable

MIB = 1024 * 1024


@pytest.fixture
def wire(room: Room) -> Client:
    source = add_source(room, kind="intake", name="Wire", by=None)
    return Client(headers={"Authorization": f"Bearer {make_intake_token(source, by=None)}"})


def lines(n: int) -> bytes:
    return "\n".join(json.dumps(post(k)) for k in range(n)).encode()


def grown() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def squeezed(n_mib: int, *, as_zstd: bool = False) -> bytes:
    """Pack zeros without ever holding them: the memory of this process is looked at."""
    engine = zstandard.ZstdCompressor().compressobj() if as_zstd else zlib.compressobj(1, wbits=31)
    return b"".join([*(engine.compress(b"0" * MIB) for _ in range(n_mib)), engine.flush()])


def bombs() -> dict[str, bytes]:
    once = squeezed(500)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("posts.ndjson", b"0" * (8 * MIB))
    table = io.BytesIO()
    pl.DataFrame({"text": ["x" * 1000]}).select(pl.col("text").repeat_by(100_000).explode()).write_parquet(table)
    return {
        "gzip": once, "gzip-twice": gzip.compress(once), "gzip-thrice": gzip.compress(gzip.compress(gzip.compress(lines(3)))),
        "zstd": squeezed(500, as_zstd=True),
        "zip": archive.getvalue(), "parquet": table.getvalue(), "rows": b"{}\n" * 4_000_000,
        "lists": b"[" + b"[]," * 8_000_000 + b"[]]", "deep": b"[" * 3_000_000 + b"]" * 3_000_000,
        "empty": b"", "zeros": b"\x00" * MIB, "broken-gzip": once[:1000],
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["", "gzip", "zstd", "br"])
def test_no_body_costs_more_than_its_budget(wire: Client, encoding: str) -> None:
    """3.5 MB of gzip without a word of it was read as 500 MiB, and the process kept 1.4 GB."""
    all_of_them = bombs()
    before = grown()
    for name, body in all_of_them.items():
        headers = {"Content-Encoding": encoding} if encoding else {}
        answer = wire.post("/api/v1/intake", body, content_type="application/x-ndjson", headers=headers)
        assert answer.status_code in (200, 400, 413), name
        told = answer.json()
        assert answer.status_code != 200 or told["accepted"] == 0, name
        assert str(settings.DATA) not in answer.content.decode(), name
        assert "/tmp" not in answer.content.decode(), name
    assert grown() - before < 400, "the process grew"


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress, lambda b: gzip.compress(gzip.compress(b))])
@pytest.mark.parametrize("header", [True, False])
def test_what_is_within_the_budget_is_taken_however_it_is_packed(wire: Client, pack: object, header: bool) -> None:
    body = pack(lines(7))  # type: ignore[operator]
    headers = {"Content-Encoding": "gzip"} if header else {}
    answer = wire.post("/api/v1/intake", body, content_type="application/x-ndjson", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 7


def test_the_edges_of_a_budget() -> None:
    small = Budget(max_bytes=100, max_rows=3, max_values=5)
    assert unpack(b"x" * 100, budget=small) == b"x" * 100
    assert unpack(b"\n" * 3, budget=small)
    assert unpack(b"[{[{[", budget=small)
    for body in (b"x" * 101, b"\n" * 4, b"[" * 6, gzip.compress(b"x" * 101), zstandard.compress(b"x" * 101)):
        with pytest.raises(InputError):
            unpack(body, budget=small)
    assert REQUEST.max_bytes == 32 * MIB


def test_one_line_nested_without_end_is_one_reject(room: Room) -> None:
    source = Source.objects.select_related("room", "place").get(
        pk=add_source(room, kind="upload", name="Files", by=None).pk
    )
    body = [json.dumps(post(n)) for n in range(4)]
    body.insert(2, '{"post_id": ' + "[" * 100_000 + "]" * 100_000 + "}")
    taken = take_bytes("\n".join(body).encode(), name="posts.ndjson", origin=origin_of(source))
    assert taken.n_posts == 4
    assert taken.n_rejects == 1


def reading(path: Path, tmp_path: Path, **limits: float) -> object:
    given = {"max_bytes": 8 * 1024 * MIB, "max_memory": 4 * 1024 * MIB, "max_seconds": 60.0, **limits}
    return read_posts_apart([path], out=tmp_path / "out", mapping=None, **given)  # type: ignore[arg-type]


@pytest.mark.usefixtures("apart")
def test_files_are_read_in_a_process_that_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    path.write_bytes(lines(50))
    found = reading(path, tmp_path)
    assert found.n_posts == 50  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="not read within"):
        reading(path, tmp_path, max_seconds=0.05)
    with pytest.raises(InputError, match="more memory"):
        reading(path, tmp_path, max_memory=200 * MIB)
    (tmp_path / "odd.bin").write_bytes(b"\x00\x01nonsense")
    with pytest.raises(InputError):
        reading(tmp_path / "odd.bin", tmp_path)


@pytest.mark.usefixtures("apart")
def test_an_upload_that_grows_without_end_ends_in_words_and_leaves_nothing(room: Room, analyst: Membership) -> None:
    source = Source.objects.get(pk=add_source(room, kind="upload", name="Files", by=None).pk)
    table = io.BytesIO()
    wide = pl.DataFrame({"account_id": ["a"], "created_at": ["2026-01-01"], "text": ["x" * 1_000]})
    wide.select(pl.all().repeat_by(300_000).explode()).write_parquet(table, compression="zstd")
    run = ask_upload(source, files=[("posts.parquet", [table.getvalue()])], by=analyst)
    run.refresh_from_db()
    assert run.finished_at is not None
    assert str(settings.DATA) not in run.error
    assert list(folder_of("watch").uploads.iterdir()) == []
    assert not list((folder_of("watch").root / "reading").iterdir())


def test_an_upload_and_a_folder_still_work(room: Room, analyst: Membership, tmp_path: Path) -> None:
    source = Source.objects.get(pk=add_source(room, kind="upload", name="Files", by=None).pk)
    run = ask_upload(source, files=[("posts.ndjson", [lines(5)])], by=analyst)
    run.refresh_from_db()
    assert (run.n_posts, run.error) == (5, "")
    merge_all("watch")
    assert PostTable(folder_of("watch").posts).scan().collect().height == 5


def test_no_error_names_a_folder_of_the_machine(room: Room) -> None:
    source = Source.objects.select_related("room", "place").get(
        pk=add_source(room, kind="upload", name="Files", by=None).pk
    )
    for body, name in ((b"\x00\x01\x02" * 99, "posts.ndjson"), (b"a,b\n1,2\n", "posts.csv"), (b"", "x.csv")):
        with pytest.raises(InputError) as caught:
            take_bytes(body, name=name, origin=origin_of(source))
        told = json.dumps([caught.value.message.to_dict(), caught.value.hint.to_dict(), str(caught.value)])
        assert str(settings.DATA) not in told
        assert "take-" not in told
        assert name in told or "usable" in told
    with pytest.raises(InputError) as missing:
        take_files([Path(settings.DATA) / "not-there.csv"], origin=origin_of(source))
    assert str(settings.DATA) not in str(missing.value)
