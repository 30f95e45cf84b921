"""A full disk is known by its number, whatever the library and the language; files are listed while others write."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db.utils import OperationalError

from dideban.errors import StoreError
from dideban.messages import Message
from dideban.room.disk import files_below, is_full, os_reason


def _raised(cause: BaseException) -> BaseException:
    try:
        raise OperationalError("said by the driver in its own words") from cause
    except OperationalError as error:
        return error


def _full_sqlite() -> BaseException:
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 2")
    database.execute("CREATE TABLE t (x)")
    with pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    return caught.value


def test_numbers_say_that_the_disk_is_full() -> None:
    assert is_full(OSError(errno.ENOSPC, "Auf dem Gerät ist kein Speicherplatz mehr verfügbar"))
    assert is_full(_raised(_full_sqlite()))
    assert is_full(StoreError("file.not-written", path="x", reason=Message("cause.disk-full")))


def test_texts_alone_do_not() -> None:
    assert not is_full(ValueError("No space left on device"))
    assert not is_full(_raised(ValueError("database or disk is full")))
    assert not is_full(OSError(errno.EACCES, "No space left on device"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_what_polars_reports_is_understood() -> None:
    with pytest.raises(pl.exceptions.PolarsError) as caught:
        pl.DataFrame({"a": range(10)}).write_parquet("/dev/full")
    assert is_full(caught.value)
    assert os_reason(caught.value) == Message("room.disk-full")


def test_folders_removed_while_we_look_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kept/a.bin", "gone/b.bin", "also/deep/c.bin", "d.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    scandir = os.scandir

    def racing(path: str) -> Any:
        if Path(path) == tmp_path / "gone":
            (tmp_path / "gone" / "b.bin").unlink()
            (tmp_path / "gone").rmdir()
        return scandir(path)

    monkeypatch.setattr(os, "scandir", racing)
    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path)]
    assert found == ["also/deep/c.bin", "d.bin", "kept/a.bin"]


def test_a_folder_that_cannot_be_read_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> Any:
        if Path(path) == tmp_path / "closed":
            raise PermissionError(errno.EACCES, "closed", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(PermissionError):
        files_below(tmp_path)
