"""What every object of an export has in common, and the bundle."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dideban.atomic import write_bytes
from dideban.exchange.files import harmless
from dideban.exchange.stix.names import DIDEBAN, own_id, shared_id
from dideban.exchange.stix.terms import Terms, identity, marking
from dideban.findings.model import canonical_json
from dideban.findings.techniques import NAMES

Objects = list[dict[str, Any]]
DISARM = "https://github.com/DISARMFoundation/DISARMframeworks/blob/main/generated_pages/techniques/{}.md"
_DISARM_SINCE = "2024-11-01T00:00:00.000Z"


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Makes the objects of one subject of a room."""

    terms: Terms
    subject: str
    """What it is about: ``finding:f0123...``; ids are made from it."""
    created: str
    modified: str

    def own(self, kind: str, part: str = "", /, **fields: Any) -> dict[str, Any]:
        """Return an object of the room; ``part`` tells several of one kind apart."""
        key = f"{self.subject}/{part}" if part else self.subject
        return self.under(own_id(kind, namespace=self.terms.room, key=key), **fields)

    def under(self, stix_id: str, /, **fields: Any) -> dict[str, Any]:
        """Return an object of the room under a given id, with nothing that is empty."""
        kind = stix_id.partition("--")[0]
        common = {
            "type": kind, "spec_version": "2.1", "id": stix_id, "created_by_ref": self.terms.identity,
            "created": self.created, "modified": self.modified,
        }  # fmt: skip
        kept = {name: plain(value) for name, value in fields.items() if value not in ("", None, [], {})}
        return {**common, **kept, "object_marking_refs": [self.terms.mark]}

    def uses(self, source: str, targets: Iterable[str]) -> Objects:
        """Return the relationships by which a campaign uses something."""
        return [
            self.own(
                "relationship", f"{source}>{target}", relationship_type="uses", source_ref=source, target_ref=target
            )
            for target in targets
        ]

    def whole(self, objects: Objects) -> Objects:
        """Return the objects with the room and the marking before them."""
        return [identity(self.terms), marking(self.terms), *objects]


def plain(value: Any) -> Any:
    """Return plain data with every text harmless."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def technique(code: str, *, name: str = "") -> dict[str, Any]:
    """Return a DISARM technique by its T-code. Everybody makes the same object: it belongs to no room.

    The id is the one that OpenCTI gives to this code, so that it meets the framework where that is loaded.
    """
    reference = {"source_name": "DISARM", "external_id": code, "url": DISARM.format(code)}
    return {
        "type": "attack-pattern", "spec_version": "2.1", "id": shared_id("attack-pattern", x_mitre_id=code.lower()),
        "created": _DISARM_SINCE, "modified": _DISARM_SINCE, "name": harmless(name or NAMES.get(code, code)),
        "external_references": [reference],
    }  # fmt: skip


def bundle(objects: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return objects as one bundle, each once, in the order given; the id follows from the content.

    Parameters
    ----------
    objects : list of dict
        As from :func:`finding_objects`, :func:`narrative_objects`, :func:`case_objects` and :func:`bulletin_objects`.
    """
    once = list({(one["id"], one.get("modified", "")): one for one in objects}.values())
    digest = hashlib.sha256(canonical_json(once)).hexdigest()
    return {"type": "bundle", "id": f"bundle--{uuid.uuid5(DIDEBAN, digest)}", "objects": once}


def bundle_bytes(objects: Iterable[dict[str, Any]]) -> bytes:
    """Return a bundle as canonical JSON (RFC 8785): the same objects give the same bytes."""
    return canonical_json(bundle(objects)) + b"\n"


def write_stix(path: Path, objects: Iterable[dict[str, Any]]) -> Path:
    """Write objects as a STIX 2.1 bundle.

    Parameters
    ----------
    path : path
        Replaced when complete.
    objects : list of dict
        As from :func:`finding_objects` and the others.

    Raises
    ------
    StoreError
        The file cannot be written.
    """
    write_bytes(path, bundle_bytes(objects), survives="kill")
    return path
