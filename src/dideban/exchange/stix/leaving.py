"""What of a finding leaves and what stays, part by part: the table that a person reads before sending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dideban.exchange.stix.links import shown_domains, shown_hashtags, shown_links
from dideban.findings.model import Finding

Leaves = Literal["all", "part", "nothing"]
PART_OF = {
    "method": "claim", "method_version": "claim", "config_digest": "claim", "lead": "claim", "label": "claim",
    "kind": "claim", "period": "claim", "n_objects": "claim", "error_rate": "figures", "e_value": "figures",
    "p_value": "figures", "chance_one_in": "figures", "statement": "statement", "techniques": "techniques",
    "benign": "benign", "objects": "links", "accounts": "accounts", "leaders": "accounts", "followed": "accounts",
    "pairs": "accounts", "n_pairs": "accounts", "weak_members": "accounts", "posts": "posts",
    "traces": "evidence", "burst": "evidence", "objects_digest": "evidence", "next_steps": "own", "group_id": "own",
}  # fmt: skip
"""Every field of a finding to the part of the table that it belongs to."""
WORDS = ("text", "media", "repost", "reply", "contact")
"""Kinds of object that never leave: words, pictures and posts of people, and what names them."""


@dataclass(frozen=True, kw_only=True)
class LeavingPart:
    """One row of the table."""

    part: str
    """A key of the catalogues: ``stix.part-<part>`` names it, ``stix.why-<part>`` says why it leaves or stays."""
    leaves: Leaves
    n_leave: int
    n_stay: int


def leaving(finding: Finding) -> list[LeavingPart]:
    """Return what leaves and what stays, part by part.

    Examples
    --------
    >>> [row.part for row in leaving(finding) if row.leaves == "nothing"]  # doctest: +SKIP
    ['words', 'accounts', 'posts', 'evidence', 'own']
    """
    links = [one for one in finding.objects if one.kind == "link"]
    n_links = len(shown_links(finding.objects))
    n_words = sum(one.kind in WORDS for one in finding.objects)
    return [
        LeavingPart(part="claim", leaves="all", n_leave=1, n_stay=0),
        LeavingPart(part="figures", leaves="all", n_leave=1, n_stay=0),
        LeavingPart(part="statement", leaves="all", n_leave=len(finding.statement), n_stay=0),
        LeavingPart(part="techniques", leaves="all", n_leave=len(finding.techniques), n_stay=0),
        LeavingPart(part="benign", leaves="part", n_leave=len(finding.benign), n_stay=0),
        LeavingPart(part="links", leaves=_share(n_links, len(links)), n_leave=n_links, n_stay=len(links) - n_links),
        LeavingPart(part="sites", leaves="all", n_leave=len(shown_domains(finding.objects)), n_stay=0),
        LeavingPart(part="hashtags", leaves="all", n_leave=len(shown_hashtags(finding.objects)), n_stay=0),
        LeavingPart(part="words", leaves="nothing", n_leave=0, n_stay=n_words),
        LeavingPart(part="accounts", leaves="nothing", n_leave=0, n_stay=len(finding.accounts) + len(finding.followed)),
        LeavingPart(part="posts", leaves="nothing", n_leave=0, n_stay=len(finding.posts)),
        LeavingPart(part="evidence", leaves="nothing", n_leave=0, n_stay=len(finding.traces)),
        LeavingPart(part="own", leaves="nothing", n_leave=0, n_stay=len(finding.next_steps)),
    ]


def _share(n: int, total: int) -> Leaves:
    return "part" if n < total else "all"
