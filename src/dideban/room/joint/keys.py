"""The key with which a room signs what it says to other rooms (Ed25519), made once."""

from __future__ import annotations

import contextlib
import secrets

from dideban.atomic import create_bytes, our_disk
from dideban.joint.wire import public_of
from dideban.room.rooms.folder import folder_of


def signing_key(room: str) -> bytes:
    """Return the private key of a room.

    Raises
    ------
    StoreError
        It cannot be read or made.
    InputError
        The file holds no key.
    """
    path = folder_of(room).joint_key
    with our_disk(path):
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                create_bytes(path, secrets.token_bytes(32))
        return path.read_bytes()


def public_key_of(room: str) -> str:
    """Return the public key that a charter names, hexadecimal."""
    return public_of(signing_key(room))
