"""Ordinary explanations of joint shares: each is checked and shown, none is part of any test.

``explains`` means that the explanation would produce what was seen, not that it is the cause. The rules and their
limits are described in ``docs/methods/benign.md``.
"""

from __future__ import annotations

from dideban.findings.affiliations import Affiliations, Owner
from dideban.findings.facts import PEAK_S, Facts
from dideban.findings.model import BenignCheck, Label, Outcome, SayInAll
from dideban.messages import Message, translations

MOST = 0.9
"""Share of objects (or shares) that must fit an explanation of origin."""
MANY = 0.8
"""Share of accounts or shares that must fit an explanation of rhythm."""
MIN_OBJECTS = 5
"""Joint objects from which "always the same account first" means anything."""
FAR_ABOVE = 5.0
"""Clock habits of the group count when this many times those of others."""
MIN_OTHERS = 3
"""Accounts outside the group whose habits can show a batch of the platform."""
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


def check_explanations(
    facts: Facts, *, affiliations: Affiliations | None, say_in_all: SayInAll = translations
) -> list[BenignCheck]:
    """Check every ordinary explanation against one group.

    Parameters
    ----------
    facts : Facts
        What is known of the group.
    affiliations : Affiliations
        Declared owners; None = no list was given.
    say_in_all : function
        Message to its texts by language.

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
    return [
        BenignCheck.of(check, outcome=outcome, seen=Message("seen.whole", sentences=seen), say_in_all=say_in_all)
        for check, (outcome, *seen) in zip(CHECKS, results, strict=True)
    ]


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
Result = tuple[Outcome, *tuple[Message, ...]]
"""The outcome, and what was seen."""
_NO_LIST: Result = ("not-checkable", Message("seen.no-list"))


def _same_owner(facts: Facts, owners: Owners) -> Result:
    n = len(facts.accounts)
    if owners is None:
        return _NO_LIST
    if not owners:
        return "no-sign", Message("seen.none-listed", n=n)
    owner, held = owners[0]
    if len(held) == n:
        kind = Message(f"owner-kind.{owner.kind}")
        return "explains", Message("seen.one-owner", n=n, owner=_name(owner), kind=kind)
    named = [Message("seen.named-owner", name=_name(o), n=len(a)) for o, a in owners[:MAX_NAMED]]
    more = ["…"] if len(owners) > MAX_NAMED else []
    missing = n - len({account for _, accounts in owners for account in accounts})
    return "no-sign", Message("seen.owners", n=n, named=[*named, *more], missing=missing)


def _official_pages(facts: Facts, owners: Owners) -> Result:
    if owners is None:
        return _NO_LIST
    n = len(facts.accounts)
    official = {a for owner, held in owners if owner.kind in ("official", "party") for a in held}
    outcome: Outcome = "explains" if len(official) == n else "no-sign"
    return outcome, Message("seen.official", k=len(official), n=n)


def _own_domain(facts: Facts, owners: Owners) -> Result:
    if not facts.n_links or not facts.domains:
        return "not-checkable", Message("seen.no-links")
    declared = {domain for owner, _ in owners or [] for domain in owner.domains}
    n_own = sum(n for domain, n in facts.domains if domain in declared)
    top, n_top = facts.domains[0]
    if n_own >= MOST * facts.n_links:
        return "explains", Message("seen.own-domains", k=n_own, n=facts.n_links)
    seen = {"domain": top, "k": n_top, "n": facts.n_links}
    if n_top >= MOST * facts.n_links and facts.n_links >= 3:
        return "not-checkable", Message("seen.one-domain", **seen)
    return "no-sign", Message("seen.top-domain", **seen)


def _wire(facts: Facts, owners: Owners) -> Result:
    if facts.n_objects < MIN_OBJECTS:
        return "not-checkable", Message("seen.few-objects", n=facts.n_objects, least=MIN_OBJECTS)
    first = max(facts.leaders, key=lambda leader: (leader.n_first, leader.account_id))
    wires = {a for owner, held in owners or [] if owner.kind == "wire" for a in held}
    ties = sum(leader.n_first for leader in facts.leaders) - facts.n_objects
    leads = first.n_first >= MOST * facts.n_objects and ties <= (1 - MOST) * facts.n_objects
    code = "seen.first-wire" if first.account_id in wires else "seen.first"
    return ("explains" if leads else "no-sign"), Message(code, k=first.n_first, n=facts.n_objects)


def _one_author(facts: Facts) -> Result:
    if not facts.n_reposts:
        return "not-checkable", Message("seen.no-reposts")
    if not facts.authors:
        return "not-checkable", Message("seen.no-authors", n=facts.n_reposts)
    top = facts.authors[0][1]
    fits = top >= MOST * facts.n_objects and facts.n_objects >= 3
    return ("explains" if fits else "no-sign"), Message("seen.one-author", k=top, n=facts.n_objects)


def _feed(facts: Facts) -> Result:
    passes_on = facts.n_site >= max(MIN_OBJECTS, MOST * facts.n_items) and facts.n_full >= MANY * len(facts.accounts)
    if passes_on:
        seen = {"domain": facts.site, "k": facts.n_site, "n": facts.n_items}
        return "explains", Message("seen.one-site", **seen, full=facts.n_full, members=len(facts.accounts))
    if facts.n_round >= MOST * facts.n_shares:
        return "not-checkable", Message("seen.to-the-minute")
    if facts.n_judged < 2:
        return "not-checkable", Message("seen.few-followers", n=facts.n_judged)
    fits = facts.n_steady >= MANY * facts.n_judged and facts.n_judged >= len(facts.accounts) / 2
    return ("explains" if fits else "no-sign"), Message("seen.steady", k=facts.n_steady, n=facts.n_judged)


def _call(facts: Facts) -> Result:
    gathered = facts.n_peak >= MANY * facts.n_shares
    announced = facts.n_named >= MOST * facts.n_objects
    peak = Message("seen.peak", k=facts.n_peak, n=facts.n_shares, minutes=PEAK_S / 60, at=facts.peak_at)
    outcome: Outcome = "explains" if gathered or announced else "no-sign"
    return (outcome, peak, Message("seen.named", named=facts.n_named)) if facts.n_named else (outcome, peak)


def _batch(facts: Facts) -> Result:
    n, others = facts.n_shares, facts.n_others
    if not others:
        return "not-checkable", Message("seen.no-others")
    round_here, round_there = facts.n_round / n, facts.n_others_round / others
    same_here, same_there = facts.n_same_second / n, facts.n_others_same_second / others
    if round_there >= MOST:
        return "not-checkable", Message("seen.all-to-the-minute")
    shares = {"round_here": round_here, "round_there": round_there, "same_here": same_here, "same_there": same_there}
    # a batch of the platform is nothing that one group has: most others would show it too
    is_platform = facts.n_other_accounts >= MIN_OTHERS and 2 * facts.n_other_accounts_same > facts.n_other_accounts
    scheduled = round_here >= 0.5 and round_here >= FAR_ABOVE * round_there
    batched = scheduled or (same_here >= MANY and is_platform)
    seen = {name: round(100 * share) / 100 for name, share in shares.items()}
    sentences = [Message("seen.clock", **seen)]
    if same_here >= MANY:
        at_once = Message("seen.others-at-once", k=facts.n_other_accounts_same, n=facts.n_other_accounts)
        sentences.append(at_once)
    return "explains" if batched else "no-sign", *sentences


def _name(owner: Owner) -> str:
    return owner.name if len(owner.name) <= 80 else owner.name[:79] + "…"
