"""Keys and pseudonyms."""

from __future__ import annotations

import base64
import hashlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import ConfigError, StoreError
from dideban.ingest import load_key, pseudonym


def oracle(value: str, key: bytes) -> str:
    digest = hashlib.blake2b(value.encode(), digest_size=10, key=key).digest()
    return "a" + base64.b32encode(digest).decode().lower()


@given(st.lists(st.none() | st.text()), st.binary(min_size=1, max_size=64))
def test_pseudonyms_are_keyed_blake2b_in_base32(ids, key):
    got = pseudonym(pl.Series("id", ids, dtype=pl.String), key=key)
    assert got.to_list() == [None if value is None else oracle(value, key) for value in ids]
    assert got.dtype == pl.String
    assert got.name == "id"


def test_another_key_gives_other_pseudonyms():
    ids = pl.Series(["ana"])
    assert pseudonym(ids, key=b"1").to_list() != pseudonym(ids, key=b"2").to_list()


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "new" / "key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["key"]


def test_two_that_start_at_once_get_the_same_key(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_key, [tmp_path / "key"] * 16))
    assert len(keys) == 1


def test_a_file_that_is_no_key_is_refused(tmp_path: Path):
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="32 bytes"):
        load_key(tmp_path / "key")


def test_a_key_that_cannot_be_made_is_a_store_error(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        load_key(tmp_path / "file" / "key")
