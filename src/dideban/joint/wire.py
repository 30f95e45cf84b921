"""Messages of a federation: signed, bounded, and the same bytes for everybody.

A message carries no time of day, so clocks that differ play no part, and names the charter of its epoch, so it means
nothing in another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from dideban.errors import ConfigError, InputError
from dideban.joint.charter import KEY, Charter

VERSION = 1
MOST_BYTES = 4_000_000
"""Of one message: a group of 80 with every kind and scale fits twice."""
FIELDS = {"version", "charter", "kind", "sender", "about", "body", "signature"}
DOMAIN = b"dideban.joint/1\0"


class MessageKind(StrEnum):
    """What a message says."""

    PROPOSAL = "proposal"
    HOLDING = "holding"
    REPLY = "reply"
    CLOSE = "close"
    """Of the host: a phase is over."""
    ASK = "ask"
    """To a key holder, never to the record: blinded points."""
    READ = "read"
    """To the host: show me the record."""


@dataclass(frozen=True, kw_only=True)
class JointMessage:
    """One message, its signature checked."""

    kind: MessageKind
    sender: str
    about: str
    """Id of the proposal that it is about; empty for proposals and closings."""
    body: dict[str, Any]
    id: str
    """SHA-256 of what is signed."""


def public_of(key: bytes) -> str:
    """Return the public key of a private one (Ed25519, 32 bytes), hexadecimal."""
    public: bytes = _private(key).public_key().public_bytes_raw()
    return public.hex()


def signed(charter: Charter, *, kind: MessageKind, about: str, body: dict[str, Any], key: bytes) -> bytes:
    """Return a message as it is sent.

    Parameters
    ----------
    key : bytes, 32
        Private key (Ed25519) of the sender.
    """
    private = _private(key)
    content = {
        "version": VERSION,
        "charter": charter.digest,
        "kind": kind.value,
        "sender": private.public_key().public_bytes_raw().hex(),
        "about": about,
        "body": body,
    }
    value = private.sign(DOMAIN + _serialise(content))
    return _serialise({**content, "signature": value.hex()})


def read_message(data: bytes, charter: Charter) -> JointMessage:
    """Parse a message and check who sent it, for which epoch.

    Raises
    ------
    InputError
        Too large, no message, of another version or epoch, of nobody in the charter, or not signed by its sender.
    """
    content = parse_envelope(data, charter)
    signature = content.pop("signature")
    text = _serialise(content)
    if not _is_signed(DOMAIN + text, signer=content["sender"], value=signature):
        raise InputError("joint.bad-signature")
    return JointMessage(
        kind=MessageKind(content["kind"]),
        sender=content["sender"],
        about=content["about"],
        body=content["body"],
        id=hashlib.sha256(text).hexdigest(),
    )


def parse_envelope(data: bytes, charter: Charter) -> dict[str, Any]:
    """Return the fields of a message whose signature has not been looked at yet."""
    if len(data) > MOST_BYTES:
        raise InputError("joint.too-large", n=len(data), most=MOST_BYTES)
    try:
        content: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputError("joint.not-a-message") from error
    if not isinstance(content, dict) or set(content) != FIELDS or not isinstance(content["body"], dict):
        raise InputError("joint.not-a-message")
    texts = ("charter", "kind", "sender", "about", "signature")
    if not all(isinstance(content[name], str) and len(content[name]) <= 200 for name in texts):
        raise InputError("joint.not-a-message")
    if content["version"] != VERSION or content["kind"] not in set(MessageKind):
        raise InputError("joint.other-version")
    if content["charter"] != charter.digest:
        raise InputError("joint.other-epoch")
    of_host = content["kind"] == MessageKind.CLOSE
    if not KEY.fullmatch(content["sender"]) or (
        content["sender"] != charter.host if of_host else content["sender"] not in charter.rooms
    ):
        raise InputError("joint.not-a-room")
    return content


def _serialise(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def _private(key: bytes) -> Any:
    ed25519 = _ed25519()
    if len(key) != 32:
        raise InputError("joint.bad-signing-key")
    return ed25519.Ed25519PrivateKey.from_private_bytes(key)


def _is_signed(data: bytes, *, signer: str, value: str) -> bool:
    ed25519 = _ed25519()
    from cryptography.exceptions import InvalidSignature

    try:
        ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(bytes.fromhex(value), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ModuleNotFoundError as error:
        raise ConfigError("joint.no-library", hint="hint.install", extra="dideban[joint]") from error
    return ed25519
