"""The signed list of all files, and the signed list of what was withdrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from dideban.site.dates import stamp
from dideban.site.records import PublishedItem
from dideban.store.manifest import canonical_json, sign_bytes

MANIFEST, SIGNATURE, PUBLIC = "manifest.json", "manifest.sig.json", "site.pub"
WITHDRAWN, WITHDRAWN_SIGNATURE = "withdrawn.json", "withdrawn.sig.json"
SCHEMA, WITHDRAWN_SCHEMA = "dideban.site/1", "dideban.withdrawn/1"
UNLISTED = frozenset({MANIFEST, SIGNATURE})
"""Files that the list does not hold: itself and its signature."""


def manifest_of(files: Mapping[str, tuple[str, int]], *, policies: Mapping[str, str]) -> bytes:
    """Return ``manifest.json``: hash and size of every file, and the policy of each page that has its own."""
    listed = {path: {"sha256": digest, "bytes": size} for path, (digest, size) in sorted(files.items())}
    return canonical_json({"schema": SCHEMA, "files": listed, "policies": dict(sorted(policies.items()))})


def withdrawn_of(items: Iterable[PublishedItem]) -> bytes:
    """Return ``withdrawn.json``: what mirrors and readers with a copy are asked to remove. No title, no name."""
    taken = sorted((one for one in items if one.withdrawn), key=lambda one: one.folder)
    found = [{"path": f"{one.folder}/", "at": stamp(one.updated_at), "reason": one.withdrawn} for one in taken]
    return canonical_json({"schema": WITHDRAWN_SCHEMA, "withdrawn": found})


def signature_of(data: bytes, *, key: bytes) -> bytes:
    """Return the file that holds the signature of exactly these bytes."""
    return canonical_json({**sign_bytes(data, key), "sha256": hashlib.sha256(data).hexdigest()})


def public_of(key: bytes) -> bytes:
    """Return the public key that fits a private one: 32 bytes."""
    made: dict[str, Any] = sign_bytes(b"", key)
    return bytes.fromhex(made["public_key"])
