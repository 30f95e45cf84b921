"""``manifest.json``: what a finding package holds, hashed, with the settings that made it, optionally signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import orjson
import polars as pl

from dideban.config import Config, load_config
from dideban.errors import ConfigError, DidebanError, ExchangeError
from dideban.messages import Message
from dideban.store.bounds import parse_json

PACKAGE_SCHEMA = "dideban.package/2"
OWN_FIELDS = ("schema", "finding_id", "files", "sha256", "signature")
"""Fields that only this module writes."""
OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def library_versions() -> dict[str, str]:
    """Return the versions of what computed a result."""
    return {"dideban": version("dideban"), "polars": pl.__version__, "numpy": np.__version__}


def make_manifest(
    finding_id: str, *, files: Mapping[str, bytes], extra: Mapping[str, Any], signing_key: bytes | None = None
) -> bytes:
    """Return the bytes of ``manifest.json``.

    Parameters
    ----------
    finding_id : str
    files : mapping
        Name to content of every other file of the package.
    extra : mapping
        More fields; must hold ``config`` (as from ``Config.to_dict``) and may hold ``seed``, ``versions``,
        ``affiliations``, ``n_posts_cut``, ...
    signing_key : bytes
        Ed25519 private key: 32 raw bytes or PEM.

    Raises
    ------
    ValueError
        ``extra`` lacks ``config`` or uses a field of this module.
    ConfigError
        The key cannot be read, or the library for signatures is not installed.
    """
    if "config" not in extra or set(extra) & set(OWN_FIELDS):
        raise ValueError(f"manifest_extra needs 'config' and must not hold any of {', '.join(OWN_FIELDS)}")
    content: dict[str, Any] = {
        "versions": library_versions(),
        **extra,
        "schema": PACKAGE_SCHEMA,
        "finding_id": finding_id,
        "files": {n: {"sha256": hashlib.sha256(b).hexdigest(), "bytes": len(b)} for n, b in sorted(files.items())},
    }
    if signing_key is not None:
        content["signature"] = sign_bytes(canonical_json(content), signing_key)
    content["sha256"] = hashlib.sha256(canonical_json(content)).hexdigest()
    return canonical_json(content)


def read_manifest(data: bytes) -> dict[str, Any]:
    """Parse a manifest.

    Raises
    ------
    ExchangeError
        Not JSON, or not a manifest of a finding package.
    """
    manifest = parse_json(data, name="manifest.json")
    if not isinstance(manifest, dict) or manifest.get("schema") != PACKAGE_SCHEMA:
        raise ExchangeError(
            "package.not-schema", hint="hint.other-program", name="manifest.json", schema=PACKAGE_SCHEMA
        )
    files = manifest.get("files")
    entries = list(files.values()) if isinstance(files, dict) else [None]
    if not all(isinstance(e, dict) and isinstance(e.get("sha256"), str) for e in entries):
        raise ExchangeError("package.no-hashes")
    return manifest


def is_intact(manifest: Mapping[str, Any], data: bytes) -> bool:
    """Return whether the manifest is written canonically and its own checksum holds."""
    content = {name: value for name, value in manifest.items() if name != "sha256"}
    return (
        data == canonical_json(manifest)
        and manifest.get("sha256") == hashlib.sha256(canonical_json(content)).hexdigest()
    )


def read_config(manifest: Mapping[str, Any]) -> Config:
    """Rebuild the settings of the run.

    Raises
    ------
    ExchangeError
        The manifest holds no settings, or some that this version does not know.
    """
    try:
        settings = _flatten(manifest["config"])
        config = load_config(flags=settings)
    except (KeyError, TypeError, AttributeError) as error:
        raise ExchangeError("package.no-settings") from error
    except DidebanError as error:
        raise ExchangeError("package.bad-settings", problem=error.message) from error
    return config


def check_signature(manifest: Mapping[str, Any], *, public_key: bytes | None) -> tuple[bool, Message] | None:
    """Check the signature of a manifest; None where there is none and none was asked for.

    Raises
    ------
    ConfigError
        ``public_key`` cannot be read, or the library for signatures is not installed.
    """
    signature = manifest.get("signature")
    expected = None if public_key is None else raw_public(public_key)
    if signature is None:
        return None if expected is None else (False, Message("check.not-signed"))
    try:
        signer, value = bytes.fromhex(signature["public_key"]), bytes.fromhex(signature["value"])
    except (KeyError, TypeError, ValueError):
        return False, Message("check.signature-unreadable")
    if expected is not None and signer != expected:
        return False, Message("check.other-key")
    content = {name: value for name, value in manifest.items() if name not in ("sha256", "signature")}
    if not is_signed(canonical_json(content), signer=signer, value=value):
        return False, Message("check.signature-unfit")
    if expected is not None:
        return True, Message("check.signed")
    return True, Message("check.signed-by", key=signer.hex()[:16])


def canonical_json(content: Mapping[str, Any]) -> bytes:
    """Return the bytes that are hashed and signed: sorted keys, two spaces, one line feed at the end."""
    return orjson.dumps(dict(content), option=OPTIONS)


def _flatten(settings: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        inner = value.items() if isinstance(value, Mapping) else None
        flat.update({f"{name}.{key}": v for key, v in inner} if inner is not None else {name: value})
    return flat


def sign_bytes(data: bytes, key: bytes) -> dict[str, str]:
    """Return an Ed25519 signature with the public key that fits it; ``key`` is 32 raw bytes or PEM.

    Raises
    ------
    ConfigError
        The key cannot be read, or the library for signatures is not installed.
    """
    ed25519, serialization = _cryptography()
    try:
        private = (
            ed25519.Ed25519PrivateKey.from_private_bytes(key)
            if len(key) == 32
            else serialization.load_pem_private_key(key, password=None)
        )
        value = private.sign(data)
        public = private.public_key().public_bytes_raw()
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError("package.bad-signing-key", key="signing_key") from error
    return {"algorithm": "ed25519", "public_key": public.hex(), "value": value.hex()}


def raw_public(key: bytes) -> bytes:
    """Return the 32 bytes of a public key, raw or PEM."""
    if len(key) == 32:
        return key
    _, serialization = _cryptography()
    try:
        raw: bytes = serialization.load_pem_public_key(key).public_bytes_raw()
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError("package.bad-public-key", key="public_key") from error
    return raw


def is_signed(data: bytes, *, signer: bytes, value: bytes) -> bool:
    """Return whether ``value`` is the signature of ``data`` by ``signer``."""
    from cryptography.exceptions import InvalidSignature

    ed25519, _ = _cryptography()
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(signer).verify(value, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _cryptography() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ModuleNotFoundError as error:
        raise ConfigError("package.no-signatures", hint="hint.install", extra="dideban[sign]") from error
    return ed25519, serialization
