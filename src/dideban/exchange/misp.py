"""A finding as a MISP event: the same that STIX carries, in the places where MISP shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dideban.exchange.stix.links import shown_domains, shown_hashtags, shown_links
from dideban.exchange.stix.make import plain
from dideban.exchange.stix.names import own_id, stix_time
from dideban.exchange.stix.terms import Terms
from dideban.exchange.stix.words import CONFIDENCE, LANGS, in_one, stage_of, title
from dideban.findings.model import Finding

ANALYSIS = {"lead": "0", "found": "1", "confirmed": "2"}
"""Initial, ongoing, completed."""
NOT_KNOWN = "4"
"""Threat level "undefined": that accounts act in concert is no threat by itself."""
OWN_ORGANISATION = "0"
"""Distribution: whoever imports the event decides who else sees it; the TLP tag says who may."""


def misp_event(
    finding: Finding, *, terms: Terms, package_sha256: str = "", package_url: str = "", is_confirmed: bool = False
) -> dict[str, Any]:
    """Return a finding as a MISP event, ready for "Import from MISP JSON".

    Parameters
    ----------
    finding : Finding
    terms : Terms
        Who sends it, under which TLP, when.
    package_sha256 : str
        SHA-256 of the ``manifest.json`` of its package.
    package_url : str
        Where peers get the package.
    is_confirmed : bool
        Whether a member of the room confirmed it.

    Returns
    -------
    dict
        ``{"Event": ...}``: tags for TLP and DISARM, links, websites and hashtags as attributes, a report in each
        language. Ids are those of the STIX export, so that an event that comes again is updated.
    """
    subject = f"finding:{finding.id}"
    created, modified = terms.times(finding.period[1])
    stage = stage_of(finding, is_confirmed=is_confirmed)
    said = {"stage": stage, "sha256": package_sha256, "url": package_url}
    stamp = _stamp(modified)

    def uuid(kind: str, key: str) -> str:
        return own_id(kind, namespace=terms.room, key=f"{subject}/{key}").partition("--")[2]

    attributes = [
        {**one, "uuid": uuid("misp-attribute", f"{one['type']}:{one['value']}"), "timestamp": stamp, "to_ids": False,
         "distribution": "5"}
        for one in _attributes(finding, sha256=package_sha256, url=package_url)
    ]  # fmt: skip
    reports = [
        {"uuid": uuid("misp-report", lang), "name": title(finding, lang), "content": in_one(finding, lang=lang, **said),
         "distribution": "5", "timestamp": stamp}
        for lang in LANGS
    ]  # fmt: skip
    event = {
        "uuid": uuid("misp-event", "event"), "info": title(finding), "date": created[:10], "timestamp": stamp,
        "published": False, "analysis": ANALYSIS[stage], "threat_level_id": NOT_KNOWN,
        "distribution": OWN_ORGANISATION, "Orgc": {"name": terms.sender, "uuid": terms.identity.partition("--")[2]},
        "Tag": _tags(finding, terms, stage), "Attribute": attributes, "EventReport": reports,
    }  # fmt: skip
    return {"Event": plain(event)}


def _stamp(at: str) -> str:
    return str(int(datetime.fromisoformat(at).astimezone(UTC).timestamp()))


def _tags(finding: Finding, terms: Terms, stage: str) -> list[dict[str, str]]:
    names = [
        f"tlp:{terms.tlp.value}",
        f'dideban:stage="{stage}"',
        f'dideban:label="{finding.label}"',
        f'estimative-language:confidence-in-analytic-judgment="{_confidence(stage)}"',
        *(f'misp-galaxy:disarm-techniques="{one["name"]}"' for one in finding.techniques if one.get("name")),
        *(['dideban:revoked="yes"'] if terms.revoked else []),
    ]
    return [{"name": name} for name in names]


def _confidence(stage: str) -> str:
    return {15: "low", 50: "moderate", 85: "high"}[CONFIDENCE[stage]]


def _attributes(finding: Finding, *, sha256: str, url: str) -> list[dict[str, Any]]:
    first, last = stix_time(finding.period[0]), stix_time(finding.period[1])
    links = [
        {"type": "url", "category": "Network activity", "value": one.label, "first_seen": stix_time(one.first_at),
         "last_seen": stix_time(one.last_at)}
        for one in shown_links(finding.objects)
    ]  # fmt: skip
    sites = [{"type": "domain", "category": "Network activity", "value": one} for one in shown_domains(finding.objects)]
    words = [
        {"type": "text", "category": "Social network", "value": one, "comment": "hashtag"}
        for one in shown_hashtags(finding.objects)
    ]
    figures = [
        {"type": "text", "category": "Internal reference", "value": value, "comment": name}
        for name, value in _figures(finding).items()
    ]
    span = {"type": "text", "category": "Internal reference", "value": f"{first} / {last}", "comment": "period"}
    outside = (("sha256", sha256, "manifest.json"), ("link", url, "package"))
    package = [
        {"type": kind, "category": "External analysis", "value": value, "comment": comment}
        for kind, value, comment in outside
        if value
    ]
    found = [*links, *sites, *words, *figures, span, *package]
    return list({(one["type"], one["value"]): one for one in found}.values())


def _figures(finding: Finding) -> dict[str, str]:
    """Return figures by name. Each text names its figure: MISP keeps equal values once."""
    figures = {
        "finding_id": finding.id, "method": f"{finding.method} {finding.method_version}",
        "config_digest": finding.config_digest, "error_rate": finding.error_rate, "e_value": finding.e_value,
        "p_value": finding.p_value, "n_accounts": len(finding.accounts), "n_objects": finding.n_objects,
        "benign": ", ".join(f"{one.check} {one.outcome}" for one in finding.benign),
    }  # fmt: skip
    return {
        name: f"{name}: {value:.6g}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in figures.items()
        if value not in (None, "")
    }
