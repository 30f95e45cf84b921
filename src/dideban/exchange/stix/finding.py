"""A finding as STIX 2.1 objects: what was claimed and what was pushed, never who posted or what they wrote."""

from __future__ import annotations

from typing import Any

from dideban.exchange.stix.links import ascii_url, shown_domains, shown_hashtags, shown_links
from dideban.exchange.stix.make import Maker, Objects, technique
from dideban.exchange.stix.names import own_id, shared_id, stix_time
from dideban.exchange.stix.terms import Terms
from dideban.exchange.stix.words import CONFIDENCE, LANGS, in_all, in_one, stage_of, title
from dideban.findings.model import Finding, SharedObject

EXTENSION = own_id("extension-definition", namespace="dideban", key="finding/1")
"""The properties below ``extensions``, as ``docs/reference/stix.md`` describes them."""
SCHEMA_URL = "https://github.com/dideban/dideban/blob/main/docs/reference/stix.md"
_SINCE = "2026-11-29T00:00:00.000Z"


def finding_objects(
    finding: Finding, *, terms: Terms, package_sha256: str = "", package_url: str = "", is_confirmed: bool = False
) -> Objects:
    """Return a finding as STIX 2.1 objects, the room and the marking first.

    Parameters
    ----------
    finding : Finding
    terms : Terms
        Who sends it, under which TLP, when.
    package_sha256 : str
        SHA-256 of the ``manifest.json`` of its package, which names the hash of every other file.
    package_url : str
        Where peers get the package.
    is_confirmed : bool
        Whether a member of the room confirmed it.

    Returns
    -------
    list of dict
        Identity, marking, campaign, report, notes in other languages, links and websites with what was observed,
        techniques, relationships. Nothing names an account or quotes a post.

    Notes
    -----
    Pure: the same arguments give the same objects, and another export of the same finding the same ids.
    """
    created, modified = terms.times(finding.period[1])
    make = Maker(terms=terms, subject=f"finding:{finding.id}", created=created, modified=modified)
    stage = stage_of(finding, is_confirmed=is_confirmed)
    said = {"stage": stage, "sha256": package_sha256, "url": package_url}
    claims = _extension(finding, sha256=package_sha256, url=package_url)
    campaign = make.own(
        "campaign", revoked=bool(terms.revoked) or None, name=title(finding),
        description=in_one(finding, lang="en", **said),
        first_seen=stix_time(finding.period[0]), last_seen=stix_time(finding.period[1]),
        confidence=CONFIDENCE[stage], labels=[stage, finding.label], extensions={EXTENSION: claims},
    )  # fmt: skip
    pushed = _pushed(finding, make)
    techniques = [technique(one["id"], name=one.get("name", "")) for one in finding.techniques]
    uses = make.uses(campaign["id"], [one["id"] for one in techniques])
    notes = _notes(finding, make, said, about=campaign["id"])
    told = [campaign, *pushed, *techniques, *uses]
    report = make.own(
        "report", revoked=bool(terms.revoked) or None, name=title(finding), description=in_all(finding, **said),
        report_types=["campaign"], published=created, confidence=CONFIDENCE[stage],
        object_refs=[one["id"] for one in told],
    )  # fmt: skip
    extra = [*_translations(finding, make, said, campaign, report), *definition()] if terms.for_file else []
    return make.whole([campaign, report, *notes, *pushed, *techniques, *uses, *extra])


def _extension(finding: Finding, *, sha256: str, url: str) -> dict[str, Any]:
    """Return what has no place in STIX. E-values and p-values are texts: they exceed what peers store as numbers."""
    content = {
        "extension_type": "property-extension", "finding_id": finding.id, "method": finding.method,
        "method_version": finding.method_version, "config_digest": finding.config_digest, "kind": finding.kind,
        "error_rate": _text(finding.error_rate), "e_value": _text(finding.e_value), "p_value": _text(finding.p_value),
        "n_accounts": len(finding.accounts), "n_objects": finding.n_objects, "label": finding.label,
        "lead": finding.lead, "benign": [f"{one.check}: {one.outcome}" for one in finding.benign],
        "domains": shown_domains(finding.objects), "hashtags": shown_hashtags(finding.objects),
        "package_sha256": sha256, "package_url": url,
    }  # fmt: skip
    return {name: value for name, value in content.items() if value not in ("", None, [])}


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}"


def _pushed(finding: Finding, make: Maker) -> Objects:
    """Return links with when and how often they were seen, and the websites they lie on."""
    links = shown_links(finding.objects)
    observed: Objects = []
    for one in links:
        address = ascii_url(one.label)
        url = shared_id("url", value=address)
        observed += [{"type": "url", "spec_version": "2.1", "id": url, "value": address}, _seen(one, make, url)]
    names = [
        {
            "type": "domain-name", "spec_version": "2.1", "id": shared_id("domain-name", value=name), "value": name,
        }
        for name in shown_domains(finding.objects)
    ]  # fmt: skip
    marked = [{**one, "object_marking_refs": [make.terms.mark]} for one in (*observed, *names)]
    return list({one["id"]: one for one in marked}.values())


def _seen(one: SharedObject, make: Maker, url: str) -> dict[str, Any]:
    first, last = sorted((stix_time(one.first_at), stix_time(one.last_at)))
    return make.own(
        "observed-data", url, first_observed=first, last_observed=last,
        number_observed=min(max(one.n_posts, 1), 999_999_999), object_refs=[url],
    )  # fmt: skip


def _notes(finding: Finding, make: Maker, said: dict[str, str], *, about: str) -> Objects:
    found = [
        make.own("note", lang, abstract=title(finding, lang), content=in_one(finding, lang=lang, **said), lang=lang,
                 object_refs=[about])
        for lang in LANGS[1:]
    ]  # fmt: skip
    if make.terms.revoked:
        found.append(make.own("note", "revoked", content=make.terms.revoked, object_refs=[about]))
    return found


def _translations(
    finding: Finding, make: Maker, said: dict[str, str], campaign: dict[str, Any], report: dict[str, Any]
) -> Objects:
    """Return the texts of campaign and report in other languages, for readers that know ``language-content``."""
    texts = {lang: in_one(finding, lang=lang, **said) for lang in LANGS[1:]}
    return [
        make.own(
            "language-content", one["type"], object_ref=one["id"], object_modified=one["modified"],
            contents={lang: {"name": title(finding, lang), "description": text} for lang, text in texts.items()},
        )
        for one in (campaign, report)
    ]  # fmt: skip


def definition() -> Objects:
    """Return the definition of the extension and its author.

    It goes with files only: one well-known server answers 500 for ever once a collection holds one.
    """
    author = own_id("identity", namespace="dideban", key="project")
    common = {"spec_version": "2.1", "created": _SINCE, "modified": _SINCE}
    who = {"type": "identity", "id": author, **common, "name": "Dideban", "identity_class": "organization"}
    what = {
        "type": "extension-definition", "id": EXTENSION, "created_by_ref": author, **common, "name": "dideban finding",
        "version": "1.0.0", "schema": SCHEMA_URL, "extension_types": ["property-extension"],
        "description": "What a finding of Dideban claims, with the figures that a package lets anybody recompute.",
    }  # fmt: skip
    return [who, what]
