"""Pictures that a page may show: small, in the page itself, and blurred until a reader asks."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dideban.findings.model import Finding

PER_FINDING = 24
"""Pictures shown of one finding."""
MOST = 400
"""Pictures shown on a page."""


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """A small picture."""

    jpeg: bytes
    width: int
    height: int

    @property
    def address(self) -> str:
        """Return the picture as an address that needs no network."""
        return "data:image/jpeg;base64," + base64.b64encode(self.jpeg).decode()


def pictures_to_show(findings: Sequence[Finding], *, known: Iterable[str]) -> list[str]:
    """Return the ids of the pictures that a page shows: the first of each finding, of those that are known."""
    there = frozenset(known)
    wanted: dict[str, None] = {}
    for finding in findings:
        mine = [entry.id for entry in finding.objects if entry.id in there]
        wanted |= dict.fromkeys(mine[:PER_FINDING])
    return list(wanted)[:MOST]
