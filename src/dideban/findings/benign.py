"""Ordinary explanations of joint shares: each is checked and shown, none is part of any test.

``explains`` means that the explanation would produce what was seen, not that it is the cause. The rules and their
limits are described in ``docs/methods/benign.md``.
"""

from __future__ import annotations

from dideban.findings.affiliations import Affiliations, Owner
from dideban.findings.facts import PEAK_S, Facts
from dideban.findings.model import BenignCheck, Label, Outcome

MOST = 0.9
"""Share of objects (or shares) that must fit an explanation of origin."""
MANY = 0.8
"""Share of accounts or shares that must fit an explanation of rhythm."""
MIN_OBJECTS = 5
"""Joint objects from which "always the same account first" means anything."""
FAR_ABOVE = 5.0
"""Clock habits of the group count when this many times those of others."""
MAX_NAMED = 5
"""Owners named in a detail."""

CHECKS = (
    "same-owner",
    "official-pages",
    "own-domain",
    "wire-and-subscribers",
    "follower-of-one-account",
    "feed-cross-posting",
    "call-to-act",
    "platform-batch-timestamps",
)
"""Every check, in the order in which findings list them."""


def check_explanations(facts: Facts, *, affiliations: Affiliations | None) -> list[BenignCheck]:
    """Check every ordinary explanation against one group.

    Parameters
    ----------
    facts : Facts
        What is known of the group.
    affiliations : Affiliations
        Declared owners; None = no list was given.

    Returns
    -------
    list of BenignCheck
        One per slug of CHECKS, in that order.
    """
    owners = None if affiliations is None else affiliations.of(facts.accounts)
    results = (
        _same_owner(facts, owners),
        _official_pages(facts, owners),
        _own_domain(facts, owners),
        _wire(facts, owners),
        _one_author(facts),
        _feed(facts),
        _call(facts),
        _batch(facts),
    )
    return [BenignCheck(check=c, outcome=o, detail=d) for c, (o, d) in zip(CHECKS, results, strict=True)]


def label_group(accounts: list[str], *, affiliations: Affiliations | None) -> Label:
    """Label a group by what is declared about its accounts.

    ``declared``: one owner declares every account. ``contradicts-declared``: two members are declared under different
    owners, none of them a news wire, and nothing declared joins them. ``unexplained``: everything else.
    """
    owners = [] if affiliations is None else affiliations.of(accounts)
    if any(len(held) == len(accounts) for _, held in owners):
        return "declared"
    of: dict[str, set[str]] = {}
    for owner, held in owners:
        for account in held:
            of.setdefault(account, set()).add(owner.name)
    has_wire = any(owner.kind == "wire" for owner, _ in owners)
    sets = list(of.values())
    apart = any(not (a & b) for i, a in enumerate(sets) for b in sets[i + 1 :])
    return "contradicts-declared" if apart and not has_wire else "unexplained"


Owners = list[tuple[Owner, list[str]]] | None
Result = tuple[Outcome, str]
_NO_LIST: Result = ("not-checkable", "No list of declared owners was given.")


def _same_owner(facts: Facts, owners: Owners) -> Result:
    n = len(facts.accounts)
    if owners is None:
        return _NO_LIST
    if not owners:
        return "no-sign", f"None of the {n:,} accounts is on the list of declared owners."
    owner, held = owners[0]
    if len(held) == n:
        return "explains", f"All {n:,} accounts are declared under {_name(owner)} ({owner.kind})."
    named = ", ".join(f"{_name(o)} ({len(a):,})" for o, a in owners[:MAX_NAMED])
    more = f" and {len(owners) - MAX_NAMED:,} more" if len(owners) > MAX_NAMED else ""
    missing = n - len({account for _, accounts in owners for account in accounts})
    return "no-sign", f"Declared owners of the {n:,} accounts: {named}{more}; {missing:,} accounts are on no list."


def _official_pages(facts: Facts, owners: Owners) -> Result:
    if owners is None:
        return _NO_LIST
    n = len(facts.accounts)
    official = {a for owner, held in owners if owner.kind in ("official", "party") for a in held}
    detail = f"{len(official):,} of {n:,} accounts are declared as official or party pages."
    return ("explains" if len(official) == n else "no-sign"), detail


def _own_domain(facts: Facts, owners: Owners) -> Result:
    if not facts.n_links or not facts.domains:
        return "not-checkable", "No links among the joint objects."
    declared = {domain for owner, _ in owners or [] for domain in owner.domains}
    n_own = sum(n for domain, n in facts.domains if domain in declared)
    top, n_top = facts.domains[0]
    if n_own >= MOST * facts.n_links:
        return "explains", f"{n_own:,} of {facts.n_links:,} joint links lead to domains declared for these accounts."
    if n_top >= MOST * facts.n_links and facts.n_links >= 3:
        detail = f"{n_top:,} of {facts.n_links:,} joint links lead to {top}; it is not declared for these accounts."
        return "not-checkable", detail
    return "no-sign", f"The domain linked most, {top}, holds {n_top:,} of {facts.n_links:,} joint links."


def _wire(facts: Facts, owners: Owners) -> Result:
    if facts.n_objects < MIN_OBJECTS:
        return "not-checkable", f"Only {facts.n_objects:,} joint objects; {MIN_OBJECTS} are needed to see who leads."
    first = max(facts.leaders, key=lambda leader: (leader.n_first, leader.account_id))
    wires = {a for owner, held in owners or [] if owner.kind == "wire" for a in held}
    known = " (declared as a news wire)" if first.account_id in wires else ""
    detail = f"One account{known} was first on {first.n_first:,} of {facts.n_objects:,} joint objects."
    ties = sum(leader.n_first for leader in facts.leaders) - facts.n_objects
    if first.n_first >= MOST * facts.n_objects and ties <= (1 - MOST) * facts.n_objects:
        return "explains", detail
    return "no-sign", detail


def _one_author(facts: Facts) -> Result:
    if not facts.n_reposts:
        return "not-checkable", "No reposts or replies among the joint objects."
    if not facts.authors:
        return "not-checkable", f"The authors of the {facts.n_reposts:,} joint reposts and replies are not known."
    top = facts.authors[0][1]
    detail = f"{top:,} of {facts.n_objects:,} joint objects are reposts of, or replies to, one account."
    return ("explains" if top >= MOST * facts.n_objects and facts.n_objects >= 3 else "no-sign"), detail


def _feed(facts: Facts) -> Result:
    if facts.n_shares and facts.n_round >= MOST * facts.n_shares:
        return "not-checkable", "Times are to the minute: steady delays cannot be told apart."
    if facts.n_judged < 2:
        return "not-checkable", f"Only {facts.n_judged} members follow often enough to judge their delay."
    detail = f"{facts.n_steady:,} of {facts.n_judged:,} following members keep a steady delay behind the first share."
    fits = facts.n_steady >= MANY * facts.n_judged and facts.n_judged >= len(facts.accounts) / 2
    return ("explains" if fits else "no-sign"), detail


def _call(facts: Facts) -> Result:
    named = f" {facts.n_named:,} joint texts or hashtags name a time of day." if facts.n_named else ""
    detail = (
        f"{facts.n_peak:,} of {facts.n_shares:,} joint shares lie within {PEAK_S // 60} minutes "
        f"from {facts.peak_at}.{named}"
    )
    gathered = facts.n_peak >= MANY * facts.n_shares
    announced = facts.n_named >= MOST * facts.n_objects
    return ("explains" if gathered or announced else "no-sign"), detail


def _batch(facts: Facts) -> Result:
    n, others = facts.n_shares, facts.n_others
    if not others:
        return "not-checkable", "Nobody else shared these objects: there is no clock to compare with."
    round_here, round_there = facts.n_round / n, facts.n_others_round / others
    same_here, same_there = facts.n_same_second / n, facts.n_others_same_second / others
    if round_there >= MOST:
        return "not-checkable", "Times are to the minute for everybody."
    detail = (
        f"On a round minute: {round_here:.0%} of the joint shares, {round_there:.0%} of others' shares of the same "
        f"objects; in the same second as another account: {same_here:.0%} and {same_there:.0%}."
    )
    batched = (round_here >= 0.5 and round_here >= FAR_ABOVE * round_there) or (
        same_here >= MANY and same_here >= FAR_ABOVE * same_there
    )
    return ("explains" if batched else "no-sign"), detail


def _name(owner: Owner) -> str:
    return owner.name if len(owner.name) <= 80 else owner.name[:79] + "…"
