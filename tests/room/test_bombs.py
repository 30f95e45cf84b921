"""Crafted files through the upload and a watched folder: each ends in words, in time, in bounded memory."""

from __future__ import annotations

import io
import json
import os
import resource
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from room.cast import post  # isort: skip # makes Django ready

from dideban.errors import DidebanError
from dideban.room.members.models import Membership
from dideban.room.posts.merge import merge_all
from dideban.room.reader.feeds import records
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_upload
from dideban.room.sources.folder.connector import inbox_of
from dideban.room.sources.models import Source
from dideban.room.sources.poll import poll
from dideban.store.delta import PostTable
from room.cast import NOW

MIB = 1024 * 1024
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def parquet(**options: object) -> bytes:
    """One long text many times over, which packs to nothing."""
    out = io.BytesIO()
    wide = pl.DataFrame({"post_id": ["a"], "account_id": ["a"], "created_at": ["2026-01-01"], "text": ["x" * 60_000]})
    wide.select(pl.all().repeat_by(20_000).explode()).write_parquet(out, compression="zstd")
    return out.getvalue()


def claims_rows() -> bytes:
    """A table whose footer was changed: every length in it says more than there is."""
    out = io.BytesIO()
    pl.DataFrame({"post_id": ["a"] * 100, "text": ["b"] * 100}).write_parquet(out, compression="uncompressed")
    data = bytearray(out.getvalue())
    size = int.from_bytes(data[-8:-4], "little")
    footer = bytes(data[-8 - size : -8]).replace(b"\xc8\x01", b"\xff\x7f")
    return bytes(data[: -8 - size]) + footer + data[-8:]


def footer_of(size: int) -> bytes:
    """A table that says that its footer is as long as no file is."""
    return b"PAR1" + b"\x00" * 64 + size.to_bytes(4, "little") + b"PAR1"


def book(sheet: bytes, *, shared: bytes = b"", more: int = 0) -> bytes:
    """A workbook with a sheet of one's own."""
    base = io.BytesIO()
    pl.DataFrame({"post_id": ["a"], "account_id": ["b"], "created_at": ["2026-01-01"]}).write_excel(base)
    out = io.BytesIO()
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = sheet if name.endswith("sheet1.xml") and sheet else old.read(name)
            new.writestr(name, shared if name.endswith("sharedStrings.xml") and shared else body)
        for n in range(more):
            new.writestr(f"xl/worksheets/more{n}.xml", b"")
    return out.getvalue()


def many_cells() -> bytes:
    row = "".join(f'<c r="{chr(65 + k)}1" t="inlineStr"><is><t>{"y" * 2_000}</t></is></c>' for k in range(20))
    rows = f"<row>{row}</row>" * 4_000
    return (
        f'<worksheet xmlns="{SHEET}"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def overlapping() -> bytes:
    """An archive of many entries that are all the same bytes: 1 MiB of zeros, listed 20,000 times."""
    packed = zlib.compressobj(9, wbits=-15)
    body = packed.compress(b"0" * MIB) + packed.flush()
    crc = zlib.crc32(b"0" * MIB)
    local = b"PK\x03\x04" + b"\x14\0\0\0\x08\0\0\0\0\0" + crc.to_bytes(4, "little") + len(body).to_bytes(4, "little")
    local += MIB.to_bytes(4, "little") + (5).to_bytes(2, "little") + b"\0\0" + b"a.csv" + body
    listed = b""
    for n in range(20_000):
        name = f"{n}.csv".encode()
        listed += (
            b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0" + crc.to_bytes(4, "little") + len(body).to_bytes(4, "little")
        )
        listed += MIB.to_bytes(4, "little") + len(name).to_bytes(2, "little") + b"\0" * 12 + b"\0" * 4 + name
    end = b"PK\x05\x06\0\0\0\0" + (20_000).to_bytes(2, "little") * 2
    end += len(listed).to_bytes(4, "little") + len(local).to_bytes(4, "little") + b"\0\0"
    return local + listed + end


def nested() -> bytes:
    body = b"post_id,account_id,created_at\n1,a,2026-01-01\n"
    for n in range(30):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(f"{n}.zip" if n else "a.csv", body)
        body = out.getvalue()
    return body


BOMBS: dict[str, Callable[[], bytes]] = {
    "wide.parquet": parquet, "claims.parquet": claims_rows, "footer.parquet": lambda: footer_of(2**31 - 1),
    "footer0.parquet": lambda: footer_of(0), "cells.xlsx": lambda: book(many_cells()),
    "laughs.xlsx": lambda: book(f'{DOCTYPE}<worksheet xmlns="{SHEET}"><sheetData>&l11;&e;</sheetData></worksheet>'.encode()),
    "shared.xlsx": lambda: book(b"", shared=f'{DOCTYPE}<sst xmlns="{SHEET}"><si><t>&l11;</t></si></sst>'.encode()),
    "parts.xlsx": lambda: book(b"", more=20_000), "overlap.zip": overlapping, "nested.zip": nested,
    "laughs.xml": lambda: f"{DOCTYPE}<rss><channel><item><title>&l11;&e;</title></item></channel></rss>".encode(),
}  # fmt: skip
MOST_S, MOST_MIB = 60.0, 200
pytestmark = pytest.mark.usefixtures("apart")


def grown() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def old(path: Path) -> None:
    """A file that nobody writes any more."""
    os.utime(path, (time.time() - 60,) * 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_by_upload_ends_in_words(room: Room, analyst: Membership, name: str) -> None:
    source = Source.objects.get(pk=add_source(room, kind="upload", name="Files", by=None).pk)
    body, before, began = BOMBS[name](), grown(), time.process_time()
    run = ask_upload(source, files=[(name, [body])], by=analyst)
    run.refresh_from_db()
    assert run.finished_at is not None
    assert run.error or run.n_posts <= 20_000
    assert time.process_time() - began < MOST_S
    assert grown() - before < MOST_MIB  # the reader is a process of its own, and bounded
    assert "passwd" not in run.error
    assert "root:" not in json.dumps([run.error, run.samples])
    assert not list(folder_of("watch").uploads.iterdir())


@pytest.mark.slow
def test_bombs_in_a_watched_folder_do_not_keep_others_from_being_read(room: Room) -> None:
    inbox = inbox_of("watch")
    for name, make in BOMBS.items():
        (inbox / name).write_bytes(make())
        old(inbox / name)
    (inbox / "z-good.ndjson").write_text("\n".join(json.dumps(post(n)) for n in range(5)))
    old(inbox / "z-good.ndjson")
    source = add_source(room, kind="folder", name="Inbox", settings={"path": str(inbox)}, by=None)
    for _ in range(3):
        poll(Source.objects.select_related("room", "place").get(pk=source.pk))
    merge_all("watch")
    found = PostTable(folder_of("watch").posts).scan(columns=["post_id"]).collect()["post_id"].to_list()
    assert {f"p{n}" for n in range(5)} <= set(found)


def test_a_feed_of_entities_is_refused() -> None:
    body = BOMBS["laughs.xml"]()
    before = grown()
    try:
        found, _ = records(body, content_type="application/rss+xml", url="https://x.example/f", now=NOW)
    except DidebanError:
        found = []
    assert "root:" not in json.dumps(found, default=str)
    assert sum(len(str(one)) for one in found) < MIB
    assert grown() - before < MOST_MIB
