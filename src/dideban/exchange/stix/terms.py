"""Under what conditions something leaves: who sends it, when, and who may read it (TLP)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dideban.exchange.stix.names import own_id, stix_time

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_SINCE_1, _SINCE_2 = "2017-01-20T00:00:00.000Z", "2022-10-01T00:00:00.000Z"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0, from the most open to the most closed."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"

    @property
    def rank(self) -> int:
        """Return how closed it is, 0 = open to everybody."""
        return list(Tlp).index(self)

    @property
    def label(self) -> str:
        """Return how people write it."""
        return f"TLP:{self.value.upper()}"


MARKS_2 = {
    Tlp.CLEAR: "94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "e828b379-4e03-4974-9ac4-e53a884c97c1",
}
MARKS_1 = {
    Tlp.CLEAR: ("white", "613f2e26-407d-48c7-9eca-b8e91df99dc9"),
    Tlp.GREEN: ("green", "34098fce-860f-48ae-8e50-ebd3cc5e41da"),
    Tlp.AMBER: ("amber", "f88d31f6-486f-44da-b317-01333bde0b82"),
    Tlp.AMBER_STRICT: ("red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"),
    Tlp.RED: ("red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"),
}
"""TLP 1.0 has no AMBER+STRICT: it becomes RED, which is never read by more people."""
TLP_OF_MARK = {f"marking-definition--{mark}": tlp for tlp, mark in MARKS_2.items()} | {
    f"marking-definition--{mark}": Tlp.CLEAR if name == "white" else Tlp(name) for name, mark in MARKS_1.values()
}
"""Id of a marking, of either version, to what it means."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Conditions of one export."""

    sender: str
    """Name of the room, as peers read it."""
    namespace: str = ""
    """What its ids are made from: its address. Empty: its name. It must never change."""
    tlp: Tlp = Tlp.AMBER_STRICT
    tlp_version: int = 2
    """1 where a peer reads TLP 1.0 only."""
    created_at: str = ""
    """When it was first exported; empty: the end of what it is about."""
    modified_at: str = ""
    """When it was last exported; grows with every export. Empty: as ``created_at``."""
    room_since: str = "2026-01-01T00:00:00Z"
    """When the room got its name: the version of its identity."""
    revoked: str = ""
    """Why it is taken back; empty: it is not."""
    for_file: bool = False
    """For a file that a person hands on: with definitions and translations that collections leave out."""

    @property
    def room(self) -> str:
        """Return what ids are made from."""
        return self.namespace or self.sender

    @property
    def mark(self) -> str:
        """Return the id of the marking."""
        uuid = MARKS_1[self.tlp][1] if self.tlp_version == 1 else MARKS_2[self.tlp]
        return f"marking-definition--{uuid}"

    @property
    def identity(self) -> str:
        """Return the id of the room."""
        return own_id("identity", namespace=self.room, key="room")

    def times(self, default: str) -> tuple[str, str]:
        """Return created and modified; the second is never the earlier one."""
        created = stix_time(self.created_at or default)
        return created, max(created, stix_time(self.modified_at) if self.modified_at else created)


def marking(terms: Terms) -> dict[str, Any]:
    """Return the marking definition of the terms, as its standard has it."""
    common = {"type": "marking-definition", "spec_version": "2.1", "id": terms.mark}
    if terms.tlp_version == 1:
        name = MARKS_1[terms.tlp][0]
        return {
            **common, "created": _SINCE_1, "name": f"TLP:{name.upper()}", "definition_type": "tlp",
            "definition": {"tlp": name},
        }  # fmt: skip
    extension = {"extension_type": "property-extension", "tlp_2_0": terms.tlp.value}
    return {**common, "created": _SINCE_2, "name": terms.tlp.label, "extensions": {TLP_EXTENSION: extension}}


def identity(terms: Terms) -> dict[str, Any]:
    """Return the room as the author of what it sends."""
    return {
        "type": "identity", "spec_version": "2.1", "id": terms.identity, "created": stix_time(terms.room_since),
        "modified": stix_time(terms.room_since), "name": terms.sender, "identity_class": "organization",
    }  # fmt: skip
