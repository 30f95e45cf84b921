"""Reading bundles of strangers: bounded before they are parsed, judged object by object, never followed anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from dideban.errors import InputError
from dideban.exchange.stix.make import plain
from dideban.exchange.stix.terms import TLP_EXTENSION, TLP_OF_MARK, Tlp
from dideban.findings.model import canonical_json
from dideban.messages import Message

MAX_BYTES = 10_000_000
MAX_OBJECTS = 1_000
MAX_DEPTH = 32
MAX_VALUES = 1_000_000
"""Lists and objects of JSON: each costs memory of its own."""
MAX_OBJECT_BYTES = 256_000
MAX_REFS = 10_000
AHEAD = timedelta(days=1)
"""How far clocks of rooms may differ."""
ID = re.compile(r"[a-z0-9][a-z0-9-]{1,60}--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z\Z")
EVERYBODYS = frozenset({"attack-pattern", "marking-definition", "narrative", "extension-definition", "location"})
"""Types of which several senders have the same object: it is nobody's alone."""
OBSERVABLES = frozenset({
    "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr",
    "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account",
    "windows-registry-key", "x509-certificate",
})  # fmt: skip
"""Cyber-observable objects of STIX 2.1: they have no author and no version."""
UNMARKED = Tlp.AMBER_STRICT
"""What holds for objects that say nothing, or something that we do not know."""


@dataclass(frozen=True, kw_only=True)
class StixObject:
    """One object that can be kept."""

    id: str
    type: str
    version: str
    """``modified``, else ``created``; empty where it has none."""
    body: dict[str, Any]
    tlp: Tlp
    """The most closed of its markings."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One object that cannot, and why."""

    id: str
    reason: Message


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came in one bundle or envelope."""

    objects: list[StixObject]
    refused: list[Refused] = field(default_factory=list)


def read_stix(data: bytes, *, now: datetime, sender: str = "", ceiling: Tlp = Tlp.RED) -> Received:
    """Read a bundle, or an envelope of TAXII, that a stranger wrote.

    Parameters
    ----------
    data : bytes
    now : datetime
        Nothing may be modified more than a day later.
    sender : str
        Id of the identity that sends it: objects of other authors are refused. Empty: any author.
    ceiling : Tlp
        Objects that are more closed are refused.

    Raises
    ------
    InputError
        Too large, too deep, or no bundle: nothing of it is read.

    Notes
    -----
    References are never followed, so circles of them cost nothing. Texts lose control characters and overrides.
    """
    entries = _entries(data)
    marks = _markings(entries)
    kept: dict[tuple[str, str], StixObject] = {}
    refused = []
    for entry in entries:
        found = _judge(entry, marks=marks, now=now, sender=sender, ceiling=ceiling)
        if isinstance(found, Refused):
            refused.append(found)
        else:
            kept.setdefault((found.id, found.version), found)
    return Received(objects=list(kept.values()), refused=refused)


def parse_bounded(data: bytes) -> Any:
    """Return JSON of a stranger.

    Raises
    ------
    InputError
        Too large, too deep, too many values, or no JSON.
    """
    if len(data) > MAX_BYTES:
        raise InputError("stix.too-large", hint="budget.send-fewer", size=len(data), most=MAX_BYTES)
    if data.count(b"{") + data.count(b"[") > MAX_VALUES:
        raise InputError("budget.values", hint="budget.send-fewer", most=MAX_VALUES)
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InputError("stix.not-json", hint="stix.send-bundle") from error
    if depth_of(content) > MAX_DEPTH:
        raise InputError("stix.too-deep", most=MAX_DEPTH)
    return content


def depth_of(value: Any) -> int:
    """Return how deep lists and objects stand in each other, without recursion; stops just past MAX_DEPTH."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH + 1:
        level = [inner for one in level for inner in _inside(one)]
        depth += 1
    return depth - 1


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _entries(data: bytes) -> list[Any]:
    content = parse_bounded(data)
    if not isinstance(content, dict) or not isinstance(content.get("objects", []), list):
        raise InputError("stix.not-bundle", hint="stix.send-bundle")
    if "type" in content and content["type"] != "bundle":
        raise InputError("stix.not-bundle", hint="stix.send-bundle")
    entries: list[Any] = content.get("objects", [])
    if len(entries) > MAX_OBJECTS:
        raise InputError("stix.too-many", hint="budget.send-fewer", n=len(entries), most=MAX_OBJECTS)
    return entries


def _markings(entries: list[Any]) -> dict[str, Tlp]:
    """Return what markings mean: those of the standards, and those that come along and carry a TLP."""
    marks = dict(TLP_OF_MARK)
    for entry in entries:
        if isinstance(entry, dict) and entry.get("type") == "marking-definition" and isinstance(entry.get("id"), str):
            marks.setdefault(entry["id"], _tlp_of(entry))
    return marks


def _tlp_of(mark: Mapping[str, Any]) -> Tlp:
    extensions = mark.get("extensions")
    extension = extensions.get(TLP_EXTENSION) if isinstance(extensions, dict) else None
    word = extension.get("tlp_2_0") if isinstance(extension, dict) else None
    known = {tlp.value: tlp for tlp in Tlp}
    return known.get(word, UNMARKED) if isinstance(word, str) else UNMARKED


def _judge(entry: Any, *, marks: Mapping[str, Tlp], now: datetime, sender: str, ceiling: Tlp) -> StixObject | Refused:
    if not isinstance(entry, dict):
        return Refused(id="", reason=Message("stix.not-object"))
    name = entry.get("id")
    stix_id = name if isinstance(name, str) and ID.match(name) else ""
    reason = _fault(entry, stix_id, now=now, sender=sender)
    if reason is None:
        tlp = _marked(entry, marks)
        if tlp.rank <= ceiling.rank:
            version = str(entry.get("modified", entry.get("created", "")))
            return StixObject(id=stix_id, type=entry["type"], version=version, body=plain(entry), tlp=tlp)
        reason = Message("stix.above-ceiling", tlp=tlp.label, ceiling=ceiling.label)
    return Refused(id=stix_id, reason=reason)


def _fault(entry: dict[str, Any], stix_id: str, *, now: datetime, sender: str) -> Message | None:
    """Return what is wrong with an object; None where nothing is."""
    if not stix_id or entry.get("type") != stix_id.partition("--")[0]:
        return Message("stix.bad-id")
    if entry["type"] == "bundle":
        return Message("stix.bundle-in-bundle")
    if entry.get("spec_version", "2.1") != "2.1":
        return Message("stix.other-version")
    if (size := len(canonical_json(entry))) > MAX_OBJECT_BYTES:
        return Message("stix.object-too-large", size=size, most=MAX_OBJECT_BYTES)
    return _bad_times(entry, now) or _bad_refs(entry) or _bad_author(entry, stix_id, sender)


def _bad_times(entry: dict[str, Any], now: datetime) -> Message | None:
    for name in ("created", "modified"):
        if name not in entry:
            continue
        value = entry[name]
        if not isinstance(value, str) or not TIME.match(value):
            return Message("stix.bad-time", name=name)
        try:
            at = datetime.fromisoformat(value[:26].rstrip("Z")).replace(tzinfo=UTC)
        except ValueError:
            return Message("stix.bad-time", name=name)
        if at > now + AHEAD:
            return Message("stix.in-future", name=name)
    needs_version = entry["type"] not in OBSERVABLES and entry["type"] != "marking-definition"
    return Message("stix.no-version") if needs_version and "modified" not in entry else None


def _bad_refs(entry: dict[str, Any]) -> Message | None:
    for name, value in entry.items():
        if name.endswith("_refs") and (not isinstance(value, list) or len(value) > MAX_REFS):
            return Message("stix.too-many-refs", name=name, most=MAX_REFS)
        refs = value if name.endswith("_refs") else [value] if name.endswith("_ref") else []
        if any(not isinstance(ref, str) or not ID.match(ref) for ref in refs):
            return Message("stix.bad-ref", name=name)
        if entry["id"] in refs and name == "object_refs":
            return Message("stix.refers-to-itself")
    return None


def _bad_author(entry: dict[str, Any], stix_id: str, sender: str) -> Message | None:
    """Nobody changes or revokes what is another's: only the author sends an object."""
    if not sender or entry["type"] in EVERYBODYS or entry["type"] in OBSERVABLES:
        return None
    author = stix_id if entry["type"] == "identity" else entry.get("created_by_ref")
    return None if author == sender else Message("stix.other-author")


def _marked(entry: dict[str, Any], marks: Mapping[str, Tlp]) -> Tlp:
    if entry["type"] == "marking-definition":
        return Tlp.CLEAR
    refs = entry.get("object_marking_refs", [])
    if not refs:
        return Tlp.CLEAR if entry["type"] in EVERYBODYS or entry["type"] == "identity" else UNMARKED
    return max((marks.get(ref, UNMARKED) for ref in refs), key=lambda tlp: tlp.rank)
