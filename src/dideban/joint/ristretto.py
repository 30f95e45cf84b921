"""The group ristretto255 (RFC 9496): points and scalars as bytes, checked on the way in.

libsodium does the arithmetic (``rbcl``, extra ``joint``). It is loaded on first use.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
from pathlib import Path
from typing import Any

from dideban.errors import ConfigError, InputError

POINT_BYTES = 32
SCALAR_BYTES = 32
IDENTITY = bytes(POINT_BYTES)
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Number of points of the group."""
BLOCK_BYTES = 128
"""Of SHA-512."""


@functools.cache
def sodium() -> Any:
    """Return the library.

    Raises
    ------
    ConfigError
        It is not installed.

    Notes
    -----
    It unpacks itself into a temporary file each time it is loaded, and leaves it behind: it goes once it is open.
    """
    try:
        import rbcl
    except ModuleNotFoundError as error:
        raise ConfigError("joint.no-library", hint="hint.install", extra="dideban[joint]") from error
    unpacked = getattr(rbcl._sodium, "lib_path", None)
    if isinstance(unpacked, str):
        with contextlib.suppress(OSError):  # Windows keeps what is open
            Path(unpacked).unlink(missing_ok=True)
    return rbcl


def check_point(point: bytes) -> bytes:
    """Return a point; refuse what is no canonical encoding of one, and the identity.

    Raises
    ------
    InputError
    """
    if len(point) != POINT_BYTES or point == IDENTITY or not sodium().crypto_core_ristretto255_is_valid_point(point):
        raise InputError("joint.bad-point")
    return point


def check_scalar(scalar: bytes) -> bytes:
    """Return a scalar below the order of the group; refuse 0 and others.

    Raises
    ------
    InputError
    """
    if len(scalar) != SCALAR_BYTES or not 0 < int.from_bytes(scalar, "little") < ORDER:
        raise InputError("joint.bad-scalar")
    return scalar


def random_scalar() -> bytes:
    """Return a scalar drawn by the system."""
    drawn: bytes = sodium().crypto_core_ristretto255_scalar_random()
    return drawn


def times(scalar: bytes, point: bytes) -> bytes:
    """Return a multiple of a point."""
    product: bytes = sodium().crypto_scalarmult_ristretto255(scalar, point)
    return product


def times_base(scalar: bytes) -> bytes:
    """Return a multiple of the generator."""
    product: bytes = sodium().crypto_scalarmult_ristretto255_base(scalar)
    return product


def add(one: bytes, other: bytes) -> bytes:
    """Return the sum of two points."""
    total: bytes = sodium().crypto_core_ristretto255_add(one, other)
    return total


def inverse(scalar: bytes) -> bytes:
    """Return the inverse of a scalar."""
    found: bytes = sodium().crypto_core_ristretto255_scalar_invert(scalar)
    return found


def hash_to_point(data: bytes, *, tag: bytes) -> bytes:
    """Return the point that data stand for; nobody knows its logarithm."""
    point: bytes = sodium().crypto_core_ristretto255_from_hash(expand(data, tag=tag))
    return point


def hash_to_scalar(data: bytes, *, tag: bytes) -> bytes:
    """Return the scalar that data stand for."""
    return (int.from_bytes(expand(data, tag=tag), "little") % ORDER).to_bytes(SCALAR_BYTES, "little")


def expand(data: bytes, *, tag: bytes) -> bytes:
    """Return 64 bytes: expand_message_xmd of RFC 9380 over SHA-512, which takes one block for them."""
    ending = tag + len(tag).to_bytes(1, "big")
    first = hashlib.sha512(bytes(BLOCK_BYTES) + data + (64).to_bytes(2, "big") + b"\0" + ending).digest()
    return hashlib.sha512(first + b"\1" + ending).digest()
