"""Names and times of STIX objects: the same thing has the same id in every export, and on every machine."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from dideban.findings.model import canonical_json

OASIS = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Namespace that STIX 2.1 sets for observables; OpenCTI uses it for everything it names."""
DIDEBAN = uuid.uuid5(uuid.NAMESPACE_DNS, "dideban.exchange")
"""Namespace of rooms."""
TIME = "%Y-%m-%dT%H:%M:%S.%f"


def shared_id(kind: str, **content: Any) -> str:
    """Return an id that everybody makes alike from the same content: UUIDv5 of canonical JSON.

    Examples
    --------
    >>> shared_id("narrative", name="election fraud")
    'narrative--4bbc3582-e46c-553f-ad17-1b52bd6db623'
    """
    return f"{kind}--{uuid.uuid5(OASIS, canonical_json(content).decode())}"


def own_id(kind: str, *, namespace: str, key: str) -> str:
    """Return the id of something of one room: no other room makes the same, and a later export does not double it."""
    room = uuid.uuid5(DIDEBAN, namespace)
    return f"{kind}--{uuid.uuid5(room, f'{kind}:{key}')}"


def stix_time(at: str | datetime) -> str:
    """Return an instant as STIX writes it: UTC, in milliseconds.

    Examples
    --------
    >>> stix_time("2026-03-10T13:11:00+01:00")
    '2026-03-10T12:11:00.000Z'
    """
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.strftime(TIME)[:-3].rjust(23, "0") + "Z"
