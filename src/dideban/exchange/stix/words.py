"""What an export says in words: the statement in every language, how sure it is, and how to check it."""

from __future__ import annotations

from dideban.findings.model import Finding
from dideban.messages import Message, say

LANGS = ("en", "fa", "ar")
STAGES = ("lead", "found", "confirmed")
CONFIDENCE = {"lead": 15, "found": 50, "confirmed": 85}
"""On the scale of STIX, 0..100: a lead, a finding of a test with a stated rate, one that a member confirmed."""


def stage_of(finding: Finding, *, is_confirmed: bool = False) -> str:
    """Return how far a finding has come: one of STAGES. A lead stays a lead."""
    if finding.lead:
        return "lead"
    return "confirmed" if is_confirmed else "found"


def how_sure(finding: Finding, *, stage: str, lang: str) -> str:
    """Describe how sure the finding is, in one paragraph."""
    checked = [one for one in finding.benign if one.outcome != "not-checkable"]
    names = [Message(f"explanation.{name}") for name in finding.ordinary]
    ordinary = Message("stix.ordinary-explain", names=names) if names else Message("stix.ordinary-none", n=len(checked))
    sentences = [Message(f"stix.sure-{_basis(finding)}"), *_member(stage), ordinary]
    return say(Message("stix.sure", sentences=sentences), lang)


def _basis(finding: Finding) -> str:
    if finding.lead:
        return "lead"
    return "rule" if finding.error_rate is None else "found"


def _member(stage: str) -> list[Message]:
    return {"lead": [], "found": [Message("stix.sure-no-member")]}.get(stage, [Message("stix.sure-member")])


def how_to_check(finding: Finding, *, sha256: str, url: str, lang: str) -> str:
    """Describe what was claimed by which method, and how anyone can recompute it."""
    method = Message("stix.method", id=finding.id, method=finding.method, version=finding.method_version)
    package = Message("stix.package", sha256=sha256) if sha256 else Message("stix.no-package")
    where = [Message("stix.package-at", address=url)] if sha256 and url else []
    return say(Message("stix.sure", sentences=[method, package, *where]), lang)


def in_one(finding: Finding, *, stage: str, sha256: str, url: str, lang: str) -> str:
    """Return everything in one language."""
    statement = finding.statement.get(lang) or finding.statement.get("en", "")
    sure = how_sure(finding, stage=stage, lang=lang)
    return "\n\n".join((statement, sure, how_to_check(finding, sha256=sha256, url=url, lang=lang)))


def in_all(finding: Finding, *, stage: str, sha256: str, url: str) -> str:
    """Return everything in all languages, one after the other: the only text that every peer keeps."""
    return "\n\n---\n\n".join(in_one(finding, stage=stage, sha256=sha256, url=url, lang=lang) for lang in LANGS)


def title(finding: Finding, lang: str = "en") -> str:
    """Return what a finding is called in lists of others."""
    return say(Message("stix.title", n=len(finding.accounts), id=finding.id[:9]), lang)
