"""Secrets that are shown once and kept as hashes."""

from __future__ import annotations

import hashlib
import secrets

SCOPES = ("read", "posts", "write", "feed")
"""``read``: findings, cases, alerts; ``posts``: posts as well; ``write``: verdicts, notes, cases;
``feed``: the Atom feed of alerts, by address, and nothing else."""
PREFIX_CHARS = 10


def make_token(kind: str) -> str:
    """Return a new secret of 256 bits: ``dbt_`` for programs, ``dbs_`` for sources, ``dbi_`` for invitations."""
    return f"db{kind}_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """Return what is kept of a secret. It has 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()
