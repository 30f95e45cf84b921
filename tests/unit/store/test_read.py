"""Packages from strangers: refused with a reason, never unpacked, never trusted."""

from __future__ import annotations

import io
import os
import stat
import zipfile

import orjson
import polars as pl
import pytest

from dideban.errors import ExchangeError
from dideban.store import read, read_findings, read_package, verify_package, write_findings, zip_package
from dideban.store.package import CONTENTS, MANIFEST

NAMES = (MANIFEST, *CONTENTS)


def zip_of(path, entries: list[tuple[str | zipfile.ZipInfo, bytes]]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


@pytest.fixture
def contents(package) -> dict[str, bytes]:
    return {name: (package / name).read_bytes() for name in NAMES}


def test_what_was_written_is_read(package, world):
    held = read_package(package)
    assert held.finding == world.finding
    assert held.report_html.encode() == (package / "report.html").read_bytes()
    assert world.finding.id in held.report_html
    assert set(held.edges["account_a"]) <= set(world.finding.accounts)


def test_zip_without_a_folder_inside(contents, tmp_path):
    assert verify_package(zip_of(tmp_path / "p.zip", list(contents.items()))).ok


@pytest.mark.parametrize(
    "evil", ["../posts.parquet", "/posts.parquet", "a/../../posts.parquet", "b/posts.parquet", "..\\posts.parquet"]
)
def test_names_that_climb_are_refused(contents, tmp_path, evil):
    entries = [(name, data) for name, data in contents.items() if name != "posts.parquet"]
    with pytest.raises(ExchangeError):
        read_package(zip_of(tmp_path / "p.zip", [*entries, (evil, contents["posts.parquet"])]))


def test_links_are_refused(contents, tmp_path, package):
    link = zipfile.ZipInfo("report.html")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    entries = [(name, data) for name, data in contents.items() if name != "report.html"]
    with pytest.raises(ExchangeError, match="link"):
        read_package(zip_of(tmp_path / "p.zip", [*entries, (link, b"/etc/hostname")]))
    if hasattr(os, "symlink"):
        (package / "report.html").unlink()
        (package / "report.html").symlink_to(tmp_path / "p.zip")
        with pytest.raises(ExchangeError, match="plain file"):
            read_package(package)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(package, name):
    (package / name).unlink()
    with pytest.raises(ExchangeError, match=name):
        read_package(package)


def test_unknown_and_many_files_are_refused(package):
    (package / "run.sh").write_text("x")
    with pytest.raises(ExchangeError, match=r"run\.sh"):
        read_package(package)
    for i in range(50):
        (package / f"{i}").write_text("x")
    with pytest.raises(ExchangeError, match="more than 32"):
        read_package(package)


def test_a_bomb_is_refused_before_it_opens(contents, tmp_path, monkeypatch):
    monkeypatch.setattr(read, "most_bytes", lambda _: 1_000_000)
    entries = [(name, data) for name, data in contents.items() if name != "report.html"]
    path = zip_of(tmp_path / "p.zip", [*entries, ("report.html", b"0" * 2_000_000)])
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ExchangeError, match="too large"):
        read_package(path)


def test_a_zip_that_lies_about_sizes_is_refused(contents, tmp_path):
    path = zip_of(tmp_path / "p.zip", list(contents.items()))
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (7).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(ExchangeError):
        read_package(path)


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"\x00" * 40, b"hello", b"\x1f\x8b" + b"0" * 99])
def test_not_a_zip(tmp_path, data):
    path = tmp_path / "p.zip"
    path.write_bytes(data)
    with pytest.raises(ExchangeError):
        read_package(path)


def test_not_there(tmp_path):
    with pytest.raises(ExchangeError, match="not a finding package"):
        read_package(tmp_path / "none")


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b'{"schema":"dideban.package/2"}',
        b'{"schema":"dideban.package/2","files":{"a":1}}',
        b'{"schema":"dideban.package/9","files":{}}',
    ],
)
def test_manifests_that_are_none(package, manifest):
    (package / MANIFEST).write_bytes(manifest)
    with pytest.raises(ExchangeError, match="manifest"):
        verify_package(package)


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1",
        b"PAR1" + b"\x00" * 64 + b"PAR1",
        parquet(pl.DataFrame({"a": [1]})),
        parquet(pl.DataFrame()),
        parquet(pl.DataFrame({f"c{i}": [1] for i in range(99)})),
    ],
    ids=["empty", "magic", "garbage", "other", "none", "wide"],
)
def test_tables_that_are_none(package, data):
    (package / "posts.parquet").write_bytes(data)
    with pytest.raises(ExchangeError, match=r"posts\.parquet"):
        read_package(package)
    failed = [name for name, ok, _ in verify_package(package).checks if not ok]
    assert {"hash of posts.parquet", "posts.parquet"} <= set(failed)


def test_too_many_rows_are_refused(package, monkeypatch):
    monkeypatch.setattr(read, "MAX_ROWS", 10)
    with pytest.raises(ExchangeError, match="more than 10"):
        read_package(package)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"schema":"dideban.findings/2"}',
        b'{"schema":"dideban.findings/2","finding":[]}',
        b"[" * 100_000,
    ],
)
def test_findings_that_are_none(package, data):
    (package / "finding.json").write_bytes(data)
    with pytest.raises(ExchangeError):
        read_package(package)
    with pytest.raises(ExchangeError):
        read_findings(package / "finding.json")


def test_findings_json_comes_back(world, tmp_path):
    path = write_findings(tmp_path / "findings.json", world.findings, run={"seed": 1})
    assert read_findings(path) == (world.findings, {"seed": 1})
    assert orjson.loads(path.read_bytes())["schema"] == "dideban.findings/2"
    again = write_findings(tmp_path / "again.json", world.findings, run={"seed": 1})
    assert again.read_bytes() == path.read_bytes()


def test_zip_of_a_folder_that_is_not_there(tmp_path):
    from dideban.errors import StoreError

    with pytest.raises(StoreError):
        zip_package(tmp_path / "none", to=tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()
