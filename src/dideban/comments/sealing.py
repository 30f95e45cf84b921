"""Copies under legal hold: sealed for a key that need not lie on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dideban.errors import ConfigError

PUBLIC, PRIVATE = "hold-public.pem", "hold-private.pem"


def make_keys(folder: Path) -> Path:
    """Make the pair of keys, once; return where the private one lies: move it off the machine."""
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = folder / PRIVATE
    if not (folder / PUBLIC).exists():
        key = X25519PrivateKey.generate()
        private.touch(mode=0o600)
        private.write_bytes(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
        public = key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo)
        (folder / PUBLIC).write_bytes(public)
    return private


def seal(folder: Path, data: bytes) -> bytes:
    """Return data that only the private key opens: an ephemeral key, a nonce, and what AES-GCM makes of it."""
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    try:
        receiver = s.load_pem_public_key((folder / PUBLIC).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            "comments.no-hold-key", hint="comments.no-hold-key-hint", path=str(folder / PUBLIC)
        ) from error
    assert isinstance(receiver, X25519PublicKey)
    own = X25519PrivateKey.generate()
    public = own.public_key().public_bytes(s.Encoding.Raw, s.PublicFormat.Raw)
    hidden: bytes = _cipher(own.exchange(receiver), public).encrypt(bytes(12), data, None)
    return bytes(public) + hidden


def unseal(private: bytes, sealed: bytes) -> bytes:
    """Return what was sealed."""
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    key = s.load_pem_private_key(private, password=None)
    assert isinstance(key, X25519PrivateKey)
    public = sealed[:32]
    shared = key.exchange(X25519PublicKey.from_public_bytes(public))
    return bytes(_cipher(shared, public).decrypt(bytes(12), sealed[32:], None))


def _cipher(shared: bytes, salt: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"dideban hold").derive(shared))
