"""What can leave, as STIX objects: findings, narratives and cases of a room."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from dideban.errors import InputError
from dideban.exchange.stix import (
    CaseFacts,
    LeavingPart,
    NarrativeFacts,
    Terms,
    Tlp,
    bundle_bytes,
    case_objects,
    finding_objects,
    leaving,
    narrative_objects,
)
from dideban.exchange.stix.names import own_id
from dideban.findings import Finding
from dideban.room.cases.models import Case
from dideban.room.findings.models import KeptFinding, VerdictKind
from dideban.room.findings.packages import package_of
from dideban.room.narratives.models import Narrative
from dideban.room.rooms.models import Room

KINDS = ("finding", "narrative", "case")
Subject = KeptFinding | Narrative | Case


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What would leave, to the byte."""

    kind: str
    key: str
    title: str
    data: bytes
    n_objects: int
    parts: list[LeavingPart]
    """What leaves and what stays; empty where only what is shown exists."""

    @property
    def sha256(self) -> str:
        """Return the hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def namespace_of(room: Room) -> str:
    """Return what the ids of a room are made from: its address, which must never change."""
    return f"{settings.SITE_URL}/r/{room.slug}/"


def campaign_of(room: Room, finding_id: str) -> str:
    """Return the STIX id under which a finding of the room leaves."""
    return own_id("campaign", namespace=namespace_of(room), key=f"finding:{finding_id}")


def terms_of(room: Room, *, tlp: str, created_at: datetime, modified_at: datetime, revoked: str = "") -> Terms:
    """Return the conditions of an export of a room."""
    return Terms(
        sender=room.name, namespace=namespace_of(room), tlp=Tlp(tlp), created_at=created_at.isoformat(),
        modified_at=modified_at.isoformat(), room_since=room.created_at.isoformat(), revoked=revoked,
    )  # fmt: skip


def engine_finding(one: KeptFinding) -> Finding:
    """Return a finding as the engine knows it.

    Raises
    ------
    InputError
        It was written by a version that this one cannot read.
    """
    try:
        return Finding.from_dict({k: v for k, v in one.document.items() if k not in ("id", "n_accounts")})
    except (KeyError, TypeError) as error:
        raise InputError("sharing.not-readable") from error


def draft_of(subject: Subject, *, terms: Terms, text: str = "") -> Draft:
    """Return what would leave of something, under given conditions.

    Parameters
    ----------
    text : str
        What a member writes for peers about a case: nothing else of it leaves but title and status.
    """
    objects, parts = _objects(subject, terms, text)
    kind, key, title = name_of(subject)
    return Draft(kind=kind, key=key, title=title, data=bundle_bytes(objects), n_objects=len(objects), parts=parts)


def name_of(subject: Subject) -> tuple[str, str, str]:
    """Return kind, key and title of something that can leave."""
    if isinstance(subject, KeptFinding):
        return "finding", subject.finding_id, subject.finding_id
    if isinstance(subject, Narrative):
        return "narrative", str(subject.number), ", ".join(subject.terms[:5])[:200]
    return "case", str(subject.number), subject.title


def _objects(subject: Subject, terms: Terms, text: str) -> tuple[list[dict[str, Any]], list[LeavingPart]]:
    if isinstance(subject, KeptFinding):
        engine = engine_finding(subject)
        confirmed = subject.group.verdict == VerdictKind.CONFIRMED
        made = finding_objects(engine, terms=terms, package_sha256=_package_hash(subject), is_confirmed=confirmed)
        return made, leaving(engine)
    if isinstance(subject, Narrative):
        return narrative_objects(_narrative(subject), terms=terms), []
    return case_objects(_case(subject, text), terms=terms), []


def _narrative(one: Narrative) -> NarrativeFacts:
    return NarrativeFacts(
        key=str(one.number), words=one.terms, n_posts=one.n_posts, n_accounts=one.n_accounts,
        first_at=one.first_at.isoformat(), last_at=one.last_at.isoformat(), domains=list(one.domains)[:50],
    )  # fmt: skip


def _case(one: Case, text: str) -> CaseFacts:
    return CaseFacts(
        key=str(one.number), title=one.title, text=text, status=one.status, severity=one.severity,
        opened_at=one.opened_at.isoformat(), changed_at=one.changed_at.isoformat(),
    )  # fmt: skip


def _package_hash(one: KeptFinding) -> str:
    """Return the SHA-256 of the manifest of its package; empty where it is not there, or was redacted."""
    if one.redacted_at is not None:
        return ""
    try:
        return hashlib.sha256((package_of(one.room.slug, one.finding_id) / "manifest.json").read_bytes()).hexdigest()
    except OSError:
        return ""
