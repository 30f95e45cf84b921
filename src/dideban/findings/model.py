"""What a finding is made of. ``Finding.to_dict`` is one entry of ``findings`` in ``findings.json``."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

import orjson

from dideban.figures import figures
from dideban.messages import Message, has_text, say, translations

SCHEMA_NAME = "dideban.findings/2"
"""Name and version of the ``findings.json`` format; the number grows when a reader could break."""

CLAIM_SCHEMA = "dideban.claim/1"
"""Name and version of what the id of a finding is the hash of."""

OPTIONAL = ("kind", "followed", "pairs", "n_pairs", "weak_members", "objects_digest", "next_steps", "group_id")
"""Fields that earlier findings lack."""

Label = Literal["unexplained", "declared", "contradicts-declared"]
Outcome = Literal["explains", "no-sign", "not-checkable"]


SayInAll = Callable[[Message], dict[str, str]]
"""A message to its text in every language."""


@dataclass(frozen=True, kw_only=True)
class TraceEvidence:
    """Evidence of one object kind at one scale."""

    kind: str
    scale_s: float
    """Window, seconds, inclusive."""
    n_objects: int
    """Distinct objects that two or more members shared within the window."""
    n_posts: int
    """Distinct posts in those joint shares."""
    n_pairs: int
    """Near pairs among members, counted with the rule of the method."""
    expected_pairs: float | None = None
    """Near pairs expected by chance under the null; None where the method has no null."""
    p_value: float | None = None
    e_value: float | None = None


@dataclass(frozen=True, kw_only=True)
class SharedObject:
    """One object that the group pushed."""

    kind: str
    id: str
    label: str
    """What a person is shown: the link, the text, the hashtags."""
    n_accounts: int
    n_posts: int
    first_at: str
    last_at: str
    template: list[dict[str, Any]] | None = None
    """For texts: ``[{"text": "..."} | {"slot": ["variant", ...]}, ...]``."""
    n_others: int | None = None
    """Accounts outside the group that shared it, in all of the data; None in earlier findings."""
    said: str = ""
    """For what is no text itself: the text that most members wrote with it, two at least; else empty."""


@dataclass(frozen=True, kw_only=True)
class Leader:
    """How early a member is, compared with the group: a statement about order, never about intent."""

    account_id: str
    n_objects: int
    """Joint objects of the account."""
    median_lag_s: float
    """Median seconds after the group's first share of the same object."""
    n_first: int
    """Joint objects that this member shared first."""


@dataclass(frozen=True, kw_only=True)
class BenignCheck:
    """One ordinary explanation and what the data say about it."""

    check: str
    """Slug, e.g. ``same-owner``, ``own-domain``, ``feed-cross-posting``."""
    outcome: Outcome
    detail: str
    """What was seen, with its numbers, in English."""
    details: dict[str, str] = field(default_factory=dict)
    """The same by language."""
    code: str = ""
    """Code of what was seen; empty in earlier findings."""
    values: dict[str, Any] = field(default_factory=dict)
    """The values of its sentence."""

    @classmethod
    def of(cls, check: str, *, outcome: Outcome, seen: Message, say_in_all: SayInAll = translations) -> Self:
        """Return the check of one explanation, with what was seen in every language."""
        texts = say_in_all(seen)
        return cls(check=check, outcome=outcome, detail=texts["en"], details=texts, **seen.to_dict())

    @property
    def seen(self) -> Message:
        """What was seen; of an earlier finding, its English sentence."""
        if self.code and has_text(self.code):
            return Message.from_dict({"code": self.code, "values": self.values})
        return Message("sentence.english", text=self.detail)

    def text(self, lang: str) -> str:
        """Return what was seen in a language: as the finding says it, else as the program would."""
        return self.details.get(lang) or say(self.seen, lang)


@dataclass(frozen=True, kw_only=True)
class PairEvidence:
    """How close two members came, on the part of the data that proved the group: an explanation, never a claim."""

    account_a: str
    account_b: str
    kind: str
    scale_s: float
    """Window, seconds, inclusive."""
    n_blocks: int
    """Occasions (an object in a stretch of time) that both took part in and that inform."""
    n_near: int
    """Occasions among them on which the two were within the window."""
    expected: float
    """Occasions on which they would be by chance."""
    p_value: float
    """Exact tail; not corrected for the number of pairs."""
    e_value: float


@dataclass(frozen=True, kw_only=True)
class FollowedAccount:
    """An account that members came after: a source, a target or an instigator, and perhaps unknowing; no member."""

    account_id: str
    n_objects: int
    """Objects on which a member came within the window after it, in all of the data."""
    n_members: int
    """Members that did."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An immutable claim about three accounts or more, or a pair lead; named by the hash of what is claimed."""

    method: str
    """``synchrony``, ``threshold``, ``coortweet`` or ``qut``."""
    method_version: str
    config_digest: str
    lead: bool
    """A lead has weaker proof than the stated error rate and is shown apart."""
    label: Label
    accounts: list[str]
    period: list[str]
    """First and last joint share, ISO 8601, UTC."""
    traces: list[TraceEvidence]
    error_rate: float | None
    """Expected share of wrong findings in the list; None where the method states none."""
    e_value: float | None
    p_value: float | None
    chance_one_in: float | None
    """By chance such closeness comes about less than once in this many tries; None where not known."""
    n_objects: int
    objects: list[SharedObject]
    leaders: list[Leader]
    burst: dict[str, float]
    """``n_bursts``, ``median_span_s``, ``median_accounts``: how the joint shares bunch."""
    benign: list[BenignCheck]
    techniques: list[dict[str, Any]]
    """DISARM suggestions: ``id``, ``name``, ``why`` by language, and the ``values`` that it names."""
    statement: dict[str, str]
    """The claim in plain words, by language."""
    posts: list[str]
    """Smallest set of posts that carries the proof, as platform/post_id."""
    kind: str = ""
    """What proves a finding (``exchange``, ``own``, ``both``), or why a lead is none (``schema.LEAD_KINDS``)."""
    followed: list[FollowedAccount] = field(default_factory=list)
    """Accounts that members came after, most often first: shown apart, never members."""
    pairs: list[PairEvidence] = field(default_factory=list)
    """Pairs of members that carry the finding most, best first; bounded."""
    n_pairs: int | None = None
    """Pairs of members that could be weighed; None where none were."""
    weak_members: list[str] = field(default_factory=list)
    """Members by little evidence: near the others less than 1.5 times as often as by chance."""
    objects_digest: str = ""
    """Joint objects, all of them, as :func:`digest_objects`: ``objects`` lists only the first."""
    next_steps: list[dict[str, Any]] = field(default_factory=list)
    """What to check next: ``code``, ``values`` and ``text`` by language, most telling first."""
    group_id: str = ""
    """The group under the id that lasts over time; not part of the content, so it does not affect ``id``."""

    @property
    def ordinary(self) -> list[str]:
        """Ordinary explanations that would produce what was seen; the finding comes after those without any."""
        return [check.check for check in self.benign if check.outcome == "explains"]

    @property
    def claim(self) -> dict[str, Any]:
        """What is claimed, exactly: strings and whole numbers, nothing computed with fractions and no wording."""
        return {
            "accounts": sorted(self.accounts),
            "method": self.method,
            "n_objects": self.n_objects,
            "objects": self.objects_digest,
            "period": self.period,
            "schema": CLAIM_SCHEMA,
            "strength": "lead" if self.lead else "finding",
        }

    @cached_property
    def id(self) -> str:
        """``f`` and 16 hex digits of the SHA-256 of the :attr:`claim` as canonical JSON (RFC 8785).

        The same claim has the same id on every machine, in every wording and in later versions of the program.
        """
        return "f" + hashlib.sha256(canonical_json(self.claim)).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data, ``id`` and counts included."""
        content: dict[str, Any] = orjson.loads(orjson.dumps(self))
        return {"id": self.id, "n_accounts": len(self.accounts), **content}

    def rounded(self) -> Finding:
        """Return the finding with its figures as they are written: six significant digits."""
        return Finding.from_dict(figures(orjson.loads(orjson.dumps(self))))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Rebuild a finding from plain data.

        Raises
        ------
        KeyError, TypeError
            A field is missing or unknown.
        """
        fields = {f.name for f in dataclasses.fields(cls)}
        content = {name: data[name] for name in fields if name in data or name not in OPTIONAL}
        content["traces"] = [TraceEvidence(**entry) for entry in content["traces"]]
        content["objects"] = [SharedObject(**entry) for entry in content["objects"]]
        content["leaders"] = [Leader(**entry) for entry in content["leaders"]]
        content["benign"] = [BenignCheck(**entry) for entry in content["benign"]]
        content["followed"] = [FollowedAccount(**entry) for entry in content.get("followed", [])]
        content["pairs"] = [PairEvidence(**entry) for entry in content.get("pairs", [])]
        return cls(**content)


def canonical_json(data: Any) -> bytes:
    """Return plain data of strings, whole numbers, lists and objects as RFC 8785 writes it: names sorted, no spaces."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def digest_objects(objects: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256, in hex, of (kind, id) of objects as canonical JSON: each once, sorted by kind, then id.

    Examples
    --------
    >>> digest_objects([("text", "t"), ("link", "x")]) == digest_objects([("link", "x"), ("text", "t"), ("link", "x")])
    True
    """
    return hashlib.sha256(canonical_json(sorted(set(objects)))).hexdigest()
