"""Addresses of readers: sealed where they are kept, and the keys of links in mails.

One key of 32 bytes for each room, in a file beside the database and not in it. Three keys are derived from it: one
seals (AES-256-GCM, a nonce per address, the subscriber bound as associated data), one makes the marks by which an
address is found again, one makes the keys of links, which are stored nowhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dideban.atomic import create_bytes
from dideban.errors import StoreError
from dideban.room.disk import os_reason
from dideban.room.rooms.folder import folder_of

KEY, NONCE, LINK_KEY = 32, 12, 32
"""Bytes of a key and a nonce; hexadecimal digits of the key of a link: 128 bits."""


def mark_of(room: str, address: str) -> str:
    """Return the mark of an address: the same for the same address, whatever the case of its letters."""
    return hmac.new(_derived(room, "mark"), address.strip().lower().encode(), hashlib.sha256).hexdigest()


def seal_address(room: str, address: str, *, name: str) -> bytes:
    """Return an address that only this room can read, bound to one subscriber."""
    nonce = secrets.token_bytes(NONCE)
    hidden: bytes = AESGCM(_derived(room, "seal")).encrypt(nonce, address.encode(), name.encode())
    return nonce + hidden


def open_address(room: str, sealed: bytes | memoryview, *, name: str) -> str:
    """Return a sealed address.

    Raises
    ------
    StoreError
        The key does not fit, or it was sealed for another subscriber.
    """
    try:
        box, nonce = AESGCM(_derived(room, "seal")), bytes(sealed[:NONCE])
        plain: bytes = box.decrypt(nonce, bytes(sealed[NONCE:]), name.encode())
    except (InvalidTag, ValueError) as error:
        raise StoreError("room.seal-wrong-key") from error
    return plain.decode()


def link_key(room: str, *, purpose: str, name: str, mark: str = "") -> str:
    """Return the key of a link that does one thing for one subscriber; ``mark`` binds it to more."""
    text = "|".join((purpose, name, mark))
    return hmac.new(_derived(room, "link"), text.encode(), hashlib.sha256).hexdigest()[:LINK_KEY]


def is_link_key(given: str, room: str, *, purpose: str, name: str, mark: str = "") -> bool:
    """Return whether a key is that of a link; takes as long for a wrong one."""
    fits = link_key(room, purpose=purpose, name=name, mark=mark)
    return hmac.compare_digest(given.encode("utf-8", "replace"), fits.encode())


def _derived(room: str, purpose: str) -> bytes:
    info = f"dideban newsletter {purpose} 1".encode()
    made: bytes = HKDF(algorithm=hashes.SHA256(), length=KEY, salt=None, info=info).derive(_key(room))
    return made


def _key(room: str) -> bytes:
    """Return the key of a room; made on first use."""
    path = folder_of(room).newsletter_key
    try:
        with contextlib.suppress(FileExistsError):
            if not path.exists():
                create_bytes(path, secrets.token_bytes(KEY))
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(
            "room.key-unreadable", hint="newsletter.key-hint", path=str(path), file=path.name, reason=os_reason(error)
        ) from error
    if len(content) != KEY:
        raise StoreError("room.key-damaged", path=str(path), file=path.name)
    return content
