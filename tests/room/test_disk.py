"""A full disk is known by its number, whatever the library and the language of the system."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import polars as pl
import pytest
from django.db.utils import OperationalError

from dideban.errors import StoreError
from dideban.messages import Message
from dideban.room.disk import is_full, os_reason


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
