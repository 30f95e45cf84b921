"""Sizes are known before anything is read: large, deep and crafted packages are refused quickly and in little memory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import orjson
import polars as pl
import pytest

from dideban.errors import ExchangeError
from dideban.store import read_findings, read_package, verify_package
from dideban.store.bounds import MAX_ENTRIES, check_table, check_zip, most_bytes, parse_json
from dideban.store.manifest import read_manifest
from dideban.store.package import CONTENTS, MANIFEST
from dideban.store.read import parse_finding

MEASURED = """
import resource, sys
from pathlib import Path
from dideban.errors import ExchangeError
from dideban.store import read_findings, verify_package
from dideban.store.read import read_package
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    (read_findings if sys.argv[2] == "findings" else verify_package)(Path(sys.argv[1]))
except ExchangeError as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def grown_kb(path: Path, what: str) -> int:
    """Memory that refusing a file took in a process of its own, kilobytes."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), what], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip(), "it was not refused"
    return int(done.stdout)


def sparse(path: Path, n_bytes: int) -> None:
    with path.open("wb") as file:
        file.write(b"[")
        file.truncate(n_bytes)


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
@pytest.mark.parametrize("name", ["finding.json", "manifest.json", "report.html", "others.parquet"])
def test_half_a_gigabyte_is_refused_unread(package, name):
    sparse(package / name, 500_000_000)
    assert grown_kb(package, "package") < 60_000


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_half_a_gigabyte_of_findings_is_refused_unread(tmp_path):
    sparse(tmp_path / "findings.json", 500_000_000)
    assert grown_kb(tmp_path / "findings.json", "findings") < 60_000


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_a_zip_that_unpacks_to_half_a_gigabyte_is_refused_packed(package, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (MANIFEST, *CONTENTS):
            if name == "finding.json":
                with archive.open(name, "w") as file:
                    for _ in range(500):
                        file.write(b" " * 1_000_000)
            else:
                archive.write(package / name, name)
    assert path.stat().st_size < 2_000_000
    assert grown_kb(path, "package") < 60_000


def test_a_zip_with_a_long_list_of_entries_is_refused_before_the_list_is_read(tmp_path, monkeypatch):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_ENTRIES + 1):
            archive.writestr(f"{number}", b"")

    def read(*_args, **_more):
        pytest.fail("the list was read")

    monkeypatch.setattr(zipfile.ZipFile, "infolist", read)
    with pytest.raises(ExchangeError, match="more than"):
        read_package(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"PK\x05\x06",
        b"x" * 100,
        b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x06\x07" + b"\0" * 16 + b"PK\x05\x06" + b"\0" * 18,
    ],
)
def test_what_is_no_small_zip_is_refused(tmp_path, data):
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(ExchangeError):
        check_zip(tmp_path / "x.zip")
    with pytest.raises(ExchangeError):
        read_package(tmp_path / "x.zip")


def test_packings_that_take_much_memory_are_refused(package, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_LZMA) as archive:
        for name in (MANIFEST, *CONTENTS):
            archive.write(package / name, name)
    with pytest.raises(ExchangeError, match="compressed"):
        read_package(tmp_path / "x.zip")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipes_and_devices_are_refused_without_waiting(package, tmp_path):
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(ExchangeError):
        read_package(tmp_path / "pipe.zip")
    (package / "report.html").unlink()
    os.mkfifo(package / "report.html")
    with pytest.raises(ExchangeError):
        read_package(package)


DEEP = [b"[" * 100_000, b"[" * 900 + b"]" * 900, b'{"a":' * 600 + b"1" + b"}" * 600, b"[" * 300 + b"]" * 300]


@pytest.mark.parametrize("deep", DEEP)
def test_deep_nesting_is_refused(package, deep):
    with pytest.raises(ExchangeError):
        parse_json(deep, name="x")
    for text in (b'{"schema":"dideban.package/2","files":{},"x":' + deep + b"}",):
        with pytest.raises(ExchangeError):
            read_manifest(text)
    with pytest.raises(ExchangeError):
        parse_finding(b'{"schema":"dideban.findings/2","finding":' + deep + b"}")
    (package / "finding.json").write_bytes(deep)
    assert not verify_package(package).ok


def test_many_small_values_are_refused(tmp_path):
    many = b"[" + b"[]," * 3_000_000 + b"[]]"
    assert len(many) < most_bytes("finding.json")
    with pytest.raises(ExchangeError, match="values"):
        parse_json(many, name="x")


@pytest.mark.parametrize(
    "number", [b"NaN", b"Infinity", b"1e999", b"-1e999", b"1" * 400, b"123456789012345678901234567890"]
)
def test_numbers_out_of_range_are_refused_or_do_not_verify(package, number):
    data = (package / "finding.json").read_bytes()
    place = data.index(b'"n_objects":')
    stop = min(data.index(b",", place), data.index(b"\n", place))
    (package / "finding.json").write_bytes(data[:place] + b'"n_objects": ' + number + data[stop:])
    assert not verify_package(package).ok


@pytest.mark.parametrize("n", [-1, 2**53, 2**63 - 1, 2**64 - 1])
def test_huge_counts_do_not_verify(package, n):
    document = orjson.loads((package / "finding.json").read_bytes())
    document["finding"]["n_objects"] = n
    (package / "finding.json").write_bytes(orjson.dumps(document))
    assert not verify_package(package).ok


def test_tables_with_long_texts_long_lists_or_many_rows_are_refused():
    for frame in (
        pl.DataFrame({"a": ["x" * 2_000_000]}),
        pl.DataFrame({"a": [["x"] * 20_000]}),
        pl.DataFrame({"a": pl.zeros(200_000, eager=True)}),
    ):
        with pytest.raises(ExchangeError):
            check_table(frame, name="t", n_bytes=100)
    check_table(pl.DataFrame({"a": ["x"], "b": [["y", None]], "c": [None]}), name="t", n_bytes=100)


def test_a_folder_of_many_files_is_not_listed_to_the_end(tmp_path):
    for number in range(3 * MAX_ENTRIES):
        (tmp_path / str(number)).touch()
    with pytest.raises(ExchangeError, match="more than"):
        read_package(tmp_path)


def test_findings_of_the_right_size_are_read(tmp_path):
    (tmp_path / "findings.json").write_bytes(b'{"schema":"dideban.findings/2","run":{},"findings":[]}')
    assert read_findings(tmp_path / "findings.json") == ([], {})
