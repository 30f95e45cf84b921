"""What to check next: three to five concrete steps for one finding, made from its evidence.

A step says what to look at, never what will be found there, and never leads to a person: the unit stays the group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from dideban.findings.facts import Facts
from dideban.findings.model import BenignCheck, SharedObject
from dideban.findings.private import CONTACTS, LEAST_ACCOUNTS
from dideban.messages import Message

LEAST_STEPS, MOST_STEPS = 3, 5
MANY = 0.5
"""Share of the joint objects (or shares) from which a source, an author or a stretch of time is worth a look."""
OFTEN_FIRST = 0.5
"""Share of the joint objects on which one account was first, from which it is named."""


def suggest_steps(
    facts: Facts,
    *,
    two_posts: Message | None,
    checks: Sequence[BenignCheck],
    objects: Sequence[SharedObject],
    weak_members: Sequence[str],
    by_own_pace: bool = False,
) -> list[Message]:
    """Return what to check next, the most telling first: 3 to 5 steps.

    Parameters
    ----------
    facts : Facts
        What is known of the group.
    two_posts : Message or None
        Which two posts to compare: :func:`closest_posts`.
    checks : sequence of BenignCheck
        Ordinary explanations as checked.
    objects : sequence of SharedObject
        What it pushed, most widely shared first.
    weak_members : sequence of account ids
        Members by little evidence.
    by_own_pace : bool
        The group is proved by what its members post first in turn: others might have been placed around one of them.
    """
    first = [*([two_posts] if two_posts else []), _who_was_first(facts)]
    more = [
        *([Message("step.foreseen")] if by_own_pace else []),
        *_owner(checks),
        *_source(facts),
        *_moment(facts),
        *_contact(objects),
        *_variants(objects),
        *_weak(weak_members, facts),
    ]
    return [*first, *more[: MOST_STEPS - len(first) - 1], Message("step.ask", n=len(facts.accounts))]


def closest_posts(joint: pl.DataFrame) -> dict[int, Message]:
    """Name, for each group, the two posts by two members that came closest on the object that most members shared.

    Parameters
    ----------
    joint : (group_ix, object_kind, object_id, account_id, post_id, created_at)
        Joint shares, any order.
    """
    keys = ["group_ix", "object_kind", "object_id"]
    shares = joint.select(*keys, "account_id", "post_id", "created_at").unique()
    sizes = shares.group_by(keys).agg(n=pl.col("account_id").n_unique())
    ordered = shares.join(sizes, on=keys).sort(*keys, "created_at", "account_id", "post_id")
    before = [pl.col(name).shift(1).alias(f"{name}_before") for name in ("account_id", "post_id", "created_at")]
    is_same_object = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in keys)
    is_other = pl.col("account_id") != pl.col("account_id").shift(1)
    gaps = ordered.with_columns(before).filter(is_same_object, is_other)
    gaps = gaps.with_columns(gap=(pl.col("created_at") - pl.col("created_at_before")).dt.total_microseconds())
    order = ["group_ix", "n", "gap", "created_at", "object_kind", "object_id", "post_id"]
    best = gaps.sort(order, descending=[False, True, *[False] * 5]).unique("group_ix", keep="first")
    return {
        ix: Message("step.two-posts", first=one, second=two, gap_s=gap / 1e6, n=n)
        for ix, gap, one, two, n in best.select("group_ix", "gap", "post_id_before", "post_id", "n").iter_rows()
    }


def _who_was_first(facts: Facts) -> Message:
    first = max(facts.leaders, key=lambda leader: (leader.n_first, leader.account_id))
    ties = sum(leader.n_first for leader in facts.leaders) - facts.n_objects
    if first.n_first >= OFTEN_FIRST * facts.n_objects and ties <= OFTEN_FIRST * facts.n_objects:
        return Message("step.first", account=first.account_id, k=first.n_first, n=facts.n_objects)
    if ties > OFTEN_FIRST * facts.n_objects:
        return Message("step.at-once", n=facts.n_objects)
    return Message("step.no-first", k=first.n_first, n=facts.n_objects)


def _owner(checks: Sequence[BenignCheck]) -> Iterator[Message]:
    outcomes = {check.check: check.outcome for check in checks}
    if outcomes.get("same-owner") == "not-checkable":
        yield Message("step.owner-unlisted")
    elif outcomes.get("same-owner") == "explains":
        yield Message("step.owner-declared")
    elif outcomes.get("same-owner") == "no-sign":
        yield Message("step.owner-none")


def _source(facts: Facts) -> Iterator[Message]:
    if facts.site and facts.n_site >= MANY * facts.n_objects:
        yield Message("step.site", site=facts.site, k=facts.n_site, n=facts.n_objects)
    elif facts.authors and facts.authors[0][1] >= MANY * facts.n_objects:
        yield Message("step.author", account=facts.authors[0][0], k=facts.authors[0][1], n=facts.n_objects)


def _moment(facts: Facts) -> Iterator[Message]:
    if facts.peak_at and facts.n_peak >= MANY * facts.n_shares:
        yield Message("step.moment", at=facts.peak_at, k=facts.n_peak, n=facts.n_shares)


def _contact(objects: Sequence[SharedObject]) -> Iterator[Message]:
    pushed = [one for one in objects if one.kind in CONTACTS and one.n_accounts >= LEAST_ACCOUNTS]
    for one in pushed[:1]:
        yield Message("step.contact", label=one.label, n=one.n_accounts)


def _variants(objects: Sequence[SharedObject]) -> Iterator[Message]:
    for one in objects:
        n = sum("slot" in piece for piece in one.template or [])
        if n:
            yield Message("step.variants", n=n, posts=one.n_posts)
            return


def _weak(weak_members: Sequence[str], facts: Facts) -> Iterator[Message]:
    if weak_members:
        yield Message("step.weak", k=len(weak_members), n=len(facts.accounts))
