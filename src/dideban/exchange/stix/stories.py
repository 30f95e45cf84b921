"""Narratives, cases and bulletins as STIX 2.1 objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dideban.exchange.files import clean
from dideban.exchange.stix.links import SOCIAL
from dideban.exchange.stix.make import Maker, Objects
from dideban.exchange.stix.names import shared_id, stix_time
from dideban.exchange.stix.terms import Terms
from dideban.exchange.stix.words import LANGS
from dideban.messages import Message, say

NEW_TYPE = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba"
"""Under which OpenCTI reads types that STIX does not have: ``narrative``."""
INCIDENT = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
"""The core extension of incidents."""
STATUS = {"open": "open", "waiting": "open", "closed": "closed"}
MAX_TITLE = 200
MAX_WORDS = 5


@dataclass(frozen=True, kw_only=True)
class NarrativeFacts:
    """What is exported of a narrative: numbers and words, never a post."""

    key: str
    """What the room calls it: its number or id."""
    words: Sequence[str]
    """Words that tell it from the rest, most telling first."""
    n_posts: int
    n_accounts: int
    first_at: str
    last_at: str
    domains: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return the name under which it meets the same narrative of others."""
        return clean(", ".join(self.words[:MAX_WORDS]))[:MAX_TITLE] or self.key


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What is exported of a case: what a member wrote for peers, and where it stands."""

    key: str
    title: str
    text: str
    """Written for peers: notes, tasks and files of the case stay."""
    status: str
    severity: str
    opened_at: str
    changed_at: str
    refs: Sequence[str] = field(default=())
    """Ids of what it is about, as exported."""


@dataclass(frozen=True, kw_only=True)
class BulletinFacts:
    """A text for the public, in every language it was written in."""

    key: str
    title: Mapping[str, str]
    text: Mapping[str, str]
    published_at: str
    url: str = ""
    refs: Sequence[str] = field(default=())


def narrative_objects(facts: NarrativeFacts, *, terms: Terms) -> Objects:
    """Return a narrative as STIX 2.1 objects, the room and the marking first.

    Parameters
    ----------
    facts : NarrativeFacts
    terms : Terms

    Returns
    -------
    list of dict
        Identity, marking, the narrative under the id that OpenCTI gives to its name, a report with its description in
        every language, the websites it links to.
    """
    make = _maker(f"narrative:{facts.key}", terms, facts.last_at)
    said = {lang: say(_about(facts), lang) for lang in LANGS}
    told = make.under(
        shared_id("narrative", name=facts.name.lower().strip()), name=facts.name, description=said["en"],
        extensions={NEW_TYPE: {"extension_type": "new-sdo"}},
    )  # fmt: skip
    sites = _sites(facts.domains, terms)
    refs = [told["id"], *(one["id"] for one in sites)]
    report = _report(make, name=facts.name, text=said, refs=refs, published=make.created, kind="observed-data")
    return make.whole([told, report, *sites, *_revocation(make, report["id"])])


def case_objects(facts: CaseFacts, *, terms: Terms) -> Objects:
    """Return a case as STIX 2.1 objects: an incident and a report.

    Parameters
    ----------
    facts : CaseFacts
    terms : Terms

    Returns
    -------
    list of dict
    """
    make = _maker(f"case:{facts.key}", terms, facts.opened_at)
    said = {
        lang: say(Message("stix.case", status=Message(f"stix.status-{STATUS.get(facts.status, 'open')}")), lang)
        for lang in LANGS
    }
    title = clean(facts.title)[:MAX_TITLE]
    extension = {
        "extension_type": "property-extension", "determination": "suspected",
        "investigation_status": STATUS.get(facts.status, "open"),
    }  # fmt: skip
    told = make.own("incident", name=title, description=clean(facts.text), extensions={INCIDENT: extension})
    text = {lang: "\n\n".join(part for part in (clean(facts.text), said[lang]) if part) for lang in LANGS}
    refs = [told["id"], *facts.refs]
    report = _report(make, name=title, text=text, refs=refs, published=make.created, kind="campaign")
    return make.whole([told, report, *_revocation(make, report["id"])])


def bulletin_objects(facts: BulletinFacts, *, terms: Terms) -> Objects:
    """Return a bulletin as STIX 2.1 objects: a report and a note in each further language.

    Parameters
    ----------
    facts : BulletinFacts
    terms : Terms

    Returns
    -------
    list of dict
    """
    make = _maker(f"bulletin:{facts.key}", terms, facts.published_at)
    first = next((lang for lang in (*LANGS, *facts.title) if facts.title.get(lang)), "")
    title = clean(facts.title.get(first, facts.key))[:MAX_TITLE]
    langs = (*LANGS, *sorted(set(facts.text) - set(LANGS)))
    text = {lang: clean(facts.text[lang]) for lang in langs if facts.text.get(lang)}
    link = [{"source_name": terms.sender, "url": facts.url}] if facts.url else []
    report = _report(make, name=title, text=text or {"": title}, refs=facts.refs or [terms.identity],
                     published=stix_time(facts.published_at), kind="threat-report", links=link)  # fmt: skip
    notes = [
        make.own("note", lang, abstract=clean(facts.title.get(lang, ""))[:MAX_TITLE], content=said, lang=lang,
                 object_refs=[report["id"]])
        for lang, said in text.items() if lang != first
    ]  # fmt: skip
    return make.whole([report, *notes, *_revocation(make, report["id"])])


def _maker(subject: str, terms: Terms, since: str) -> Maker:
    created, modified = terms.times(since)
    return Maker(terms=terms, subject=subject, created=created, modified=modified)


def _about(facts: NarrativeFacts) -> Message:
    return Message(
        "stix.narrative", words=list(facts.words[:MAX_WORDS]), n=facts.n_posts, m=facts.n_accounts,
        first=stix_time(facts.first_at), last=stix_time(facts.last_at),
    )  # fmt: skip


def _report(
    make: Maker, *, name: str, text: Mapping[str, str], refs: Sequence[str], published: str, kind: str,
    links: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    return make.own(
        "report", revoked=bool(make.terms.revoked) or None, name=name, description="\n\n---\n\n".join(text.values()),
        report_types=[kind], published=published, object_refs=list(dict.fromkeys(refs)),
        external_references=list(links),
    )  # fmt: skip


def _revocation(make: Maker, about: str) -> Objects:
    if not make.terms.revoked:
        return []
    return [make.own("note", "revoked", content=make.terms.revoked, object_refs=[about])]


def _sites(domains: Sequence[str], terms: Terms) -> Objects:
    return [
        {
            "type": "domain-name", "spec_version": "2.1", "id": shared_id("domain-name", value=name), "value": name,
            "object_marking_refs": [terms.mark],
        }
        for name in sorted(set(domains) - SOCIAL)
    ]  # fmt: skip
