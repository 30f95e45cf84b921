"""Pseudonyms: account ids leave intake as keyed hashes, so that no one without the key can recover a name."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from pathlib import Path

import numpy as np
import polars as pl

from dideban.atomic import create_bytes
from dideban.errors import ConfigError, StoreError
from dideban.messages import cause_of

KEY_BYTES = 32
DIGEST_BYTES = 10
"""80 bits: two of ten million accounts share a pseudonym with probability below 1e-10."""
ALPHABET = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
PLACES = np.array([16, 8, 4, 2, 1], np.uint8)


def load_key(path: Path) -> bytes:
    """Return the key of a room or project; make it on first use.

    Parameters
    ----------
    path : path
        A file of 32 random bytes. Where it is missing it is created, readable by its owner alone, in one step: of
        two processes that start at once, both get the same key.

    Raises
    ------
    ConfigError
        The file is there but is not a key.
    StoreError
        The file can be neither read nor written.
    """
    try:
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was first; its key then stands
                create_bytes(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        raise StoreError(
            "ingest.key-not-read", hint="ingest.hint-permissions", path=str(path), reason=cause_of(error)
        ) from error
    if len(key) != KEY_BYTES:
        raise ConfigError(
            "ingest.key-size", hint="ingest.hint-key", key="key", path=str(path), n=KEY_BYTES, found=len(key)
        )
    return key


def pseudonym(ids: pl.Series, *, key: bytes) -> pl.Series:
    """Replace account ids by keyed pseudonyms.

    Parameters
    ----------
    ids : String, (n,)
        Ids as the source gives them; null stays null.
    key : bytes, 1..64
        Without it the ids cannot be recovered or linked.

    Returns
    -------
    String, (n,)
        ``a`` and 16 lower-case base32 characters: BLAKE2b, 80 bits, keyed. Same name as ``ids``.

    Notes
    -----
    Only distinct values are hashed.

    Examples
    --------
    >>> pseudonym(pl.Series(["ana", "ben", "ana", None]), key=b"secret").n_unique()
    3
    """
    distinct = ids.drop_nulls().unique()
    if distinct.is_empty():
        return pl.Series(ids.name, [None] * len(ids), dtype=pl.String)
    return ids.replace_strict(distinct, pseudonyms_of(distinct, key=key), return_dtype=pl.String)


def pseudonyms_of(distinct: pl.Series, *, key: bytes) -> pl.Series:
    """Hash every value; for callers that hold distinct values already."""
    blake = hashlib.blake2b
    digests = b"".join(
        [blake(value.encode(), digest_size=DIGEST_BYTES, key=key).digest() for value in distinct.to_list()]
    )
    return _spell(np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)).alias(distinct.name)


def _spell(digests: np.ndarray) -> pl.Series:  # (n, 10) u1 -> String
    codes = np.unpackbits(digests, axis=1).reshape(len(digests), -1, 5) @ PLACES
    letters = np.full((len(digests), codes.shape[1] + 1), ord("a"), np.uint8)
    letters[:, 1:] = ALPHABET[codes]
    width = letters.shape[1]
    return pl.Series(letters.astype(np.uint32).view(f"U{width}").ravel(), dtype=pl.String)
