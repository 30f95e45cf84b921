"""Original account ids, sealed: intake can seal them and cannot open them.

Each batch of posts makes a passing X25519 key; what it agrees on with the room's public key encrypts the batch's ids
(AES-256-GCM, one nonce per id, the pseudonym bound as associated data). Only the room's private key opens them. It is
used in :func:`open_account`, which ``posts.actions.open_reveal`` calls after two members agreed, and in
:func:`open_accounts`, for blinded names of an epoch that two members agreed to; it may be kept off the machine until
then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dideban.atomic import create_bytes
from dideban.errors import InputError, StoreError
from dideban.ingest import load_key, pseudonym
from dideban.room.disk import os_reason
from dideban.room.rooms.folder import folder_of
from dideban.store.post_keys import PostKeys

INFO = b"dideban sealed account 1"
KEY = 32
NONCE = 12


def make_seal(room: str) -> None:
    """Make the pair of keys of a room, once; where a killed process left the private key alone, it is completed."""
    folder = folder_of(room)
    if folder.seal_public.exists():
        return
    with contextlib.suppress(FileExistsError):
        create_bytes(folder.seal_private, X25519PrivateKey.generate().private_bytes_raw())
    private = X25519PrivateKey.from_private_bytes(_read(folder.seal_private))
    with contextlib.suppress(FileExistsError):
        create_bytes(folder.seal_public, private.public_key().public_bytes_raw())


def seal_accounts(room: str, accounts: Sequence[tuple[str, str]]) -> list[tuple[str, bytes]]:
    """Seal original ids: (pseudonym, original) to (pseudonym, sealed).

    Raises
    ------
    StoreError
        The public key of the room is not there.
    """
    if not accounts:
        return []
    public = X25519PublicKey.from_public_bytes(_read(folder_of(room).seal_public))
    passing = X25519PrivateKey.generate()
    mark = passing.public_key().public_bytes_raw()
    box = AESGCM(_agree(passing, public, mark))
    nonces = [number.to_bytes(NONCE, "big") for number in range(len(accounts))]
    return [
        (name, mark + nonce + box.encrypt(nonce, original.encode(), name.encode()))
        for nonce, (name, original) in zip(nonces, accounts, strict=True)
    ]


def open_account(room: str, account_id: str) -> str:
    """Return the original id behind a pseudonym. For posts.actions.open_reveal alone.

    Raises
    ------
    InputError
        The room has no original id of this account.
    StoreError
        The private key is not there, or does not fit.
    """
    folder = folder_of(room)
    blob = PostKeys(folder.index).sealed(account_id)
    if blob is None:
        raise InputError("room.no-original")
    return _opened(room, blob, account_id)


def open_accounts(room: str, account_ids: Sequence[str]) -> dict[str, str]:
    """Return pseudonym to original id, of those that the room can open. For blinded names (``room.joint``) alone.

    Raises
    ------
    StoreError
        The private key is not there, or does not fit.
    """
    folder = folder_of(room)
    private = X25519PrivateKey.from_private_bytes(_read(folder.seal_private))
    boxes: dict[bytes, AESGCM] = {}
    found = {}
    for name, blob in PostKeys(folder.index).sealed_of(account_ids):
        mark, nonce, content = blob[:KEY], blob[KEY : KEY + NONCE], blob[KEY + NONCE :]
        if mark not in boxes:
            boxes[mark] = AESGCM(_agree(private, X25519PublicKey.from_public_bytes(mark), mark))
        try:
            found[name] = str(boxes[mark].decrypt(nonce, content, name.encode()), "utf-8")
        except InvalidTag as error:
            raise StoreError("room.seal-wrong-key") from error
    return found


def _opened(room: str, blob: bytes, name: str) -> str:
    private = X25519PrivateKey.from_private_bytes(_read(folder_of(room).seal_private))
    mark, nonce, content = blob[:KEY], blob[KEY : KEY + NONCE], blob[KEY + NONCE :]
    try:
        box = AESGCM(_agree(private, X25519PublicKey.from_public_bytes(mark), mark))
        return str(box.decrypt(nonce, content, name.encode()), "utf-8")
    except InvalidTag as error:
        raise StoreError("room.seal-wrong-key") from error


def seal_text(room: str, text: str, *, name: str) -> bytes:
    """Seal a short text, such as how to reach a reader: the room can seal it and needs its private key to open it.

    Parameters
    ----------
    name : str
        What it belongs to, bound to it: a sealed text opens under no other name.
    """
    ((_, sealed),) = seal_accounts(room, [(f"text:{name}", text)])
    return sealed


def open_text(room: str, sealed: bytes, *, name: str) -> str:
    """Return a sealed text.

    Raises
    ------
    StoreError
        The private key is not there, or does not fit.
    """
    return _opened(room, bytes(sealed), f"text:{name}")


def pseudonym_of(room: str, original: str) -> str:
    """Return the pseudonym that this room gives an original id."""
    return str(pseudonym(pl.Series([original]), key=load_key(folder_of(room).key))[0])


def _agree(private: X25519PrivateKey, public: X25519PublicKey, mark: bytes) -> bytes:
    shared = private.exchange(public)
    return bytes(HKDF(algorithm=hashes.SHA256(), length=32, salt=mark, info=INFO).derive(shared))


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(
            "room.key-unreadable", hint="room.key-hint", path=str(path), file=path.name, reason=os_reason(error)
        ) from error
    if len(content) != KEY:
        raise StoreError("room.key-damaged", path=str(path), file=path.name)
    return content
