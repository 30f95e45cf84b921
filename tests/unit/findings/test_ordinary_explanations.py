"""Each ordinary explanation: a case it would explain, a case it would not, a case that cannot be told."""

from __future__ import annotations

import dataclasses

import pytest

from dideban.findings.affiliations import Affiliations, Owner
from dideban.findings.facts import Facts
from dideban.findings.model import Leader
from dideban.findings.ordinary_explanations import CHECKS, check_explanations, label_group

ACCOUNTS = ["ana", "bo", "cy", "di"]
PLAIN = Facts(
    accounts=ACCOUNTS,
    leaders=[
        Leader(account_id=a, n_objects=10, median_lag_s=float(i), n_first=n)
        for i, (a, n) in enumerate(zip(ACCOUNTS, (4, 3, 2, 1), strict=True))
    ],
    n_objects=10,
    domains=[("one.example", 4), ("two.example", 3)],
    n_links=10,
    authors=[],
    n_judged=4,
    n_steady=1,
    n_shares=40,
    n_round=1,
    n_same_second=2,
    n_others=100,
    n_others_round=2,
    n_others_same_second=5,
    n_peak=4,
    peak_at="2024-03-01 12:00 UTC",
)


def owner(name: str, accounts: list[str], *, kind: str = "brand", domains: tuple[str, ...] = ()) -> Owner:
    return Owner(name=name, kind=kind, accounts=frozenset(accounts), domains=frozenset(domains))


def outcome(check: str, *owners: Owner, listed: bool = True, **changes) -> tuple[str, str]:
    facts = dataclasses.replace(PLAIN, **changes)
    checks = check_explanations(facts, affiliations=Affiliations(owners) if listed else None)
    assert [c.check for c in checks] == list(CHECKS)
    found = next(c for c in checks if c.check == check)
    return found.outcome, found.detail


LEADS = [
    Leader(account_id=a, n_objects=10, median_lag_s=0.0, n_first=n)
    for a, n in zip(ACCOUNTS, (10, 0, 0, 0), strict=True)
]
TIES = [Leader(account_id=a, n_objects=10, median_lag_s=0.0, n_first=10) for a in ACCOUNTS]

CASES = [
    ("same-owner", "explains", (owner("Press", ACCOUNTS),), {}, "All 4 accounts are declared under Press (brand)."),
    ("same-owner", "no-sign", (owner("Press", ["ana", "bo"]), owner("Radio", ["cy"])), {}, "Press (2), Radio (1). Accounts on no list: 1."),
    ("same-owner", "no-sign", (owner("Press", ["zoe"]),), {}, "None of the 4 accounts"),
    ("official-pages", "explains", (owner("City", ["ana", "bo"], kind="official"), owner("Party", ["cy", "di"], kind="party")), {}, "4 of 4"),
    ("official-pages", "no-sign", (owner("City", ACCOUNTS),), {}, "0 of 4"),
    ("own-domain", "explains", (owner("Press", ["ana"], domains=("one.example",)),), {"domains": [("one.example", 9)]}, "9 of 10 joint links lead to domains declared"),
    ("own-domain", "not-checkable", (), {"domains": [("one.example", 9)]}, "one.example; it is not declared"),
    ("own-domain", "no-sign", (), {}, "one.example, holds 4 of 10"),
    ("own-domain", "not-checkable", (), {"n_links": 0, "domains": []}, "No links"),
    ("wire-and-subscribers", "explains", (), {"leaders": LEADS}, "first on 10 of 10"),
    ("wire-and-subscribers", "explains", (owner("Wire", ["ana"], kind="wire"),), {"leaders": LEADS}, "declared as a news wire"),
    ("wire-and-subscribers", "no-sign", (), {"leaders": TIES}, "first on 10 of 10"),
    ("wire-and-subscribers", "no-sign", (), {}, "first on 4 of 10"),
    ("wire-and-subscribers", "not-checkable", (), {"n_objects": 4}, "5 are needed"),
    ("follower-of-one-account", "explains", (), {"n_reposts": 10, "authors": [("zoe", 9)]}, "9 of 10"),
    ("follower-of-one-account", "no-sign", (), {"n_reposts": 10, "authors": [("zoe", 5)]}, "5 of 10"),
    ("follower-of-one-account", "not-checkable", (), {"n_reposts": 10}, "not known"),
    ("follower-of-one-account", "not-checkable", (), {}, "No reposts"),
    ("feed-cross-posting", "explains", (), {"n_steady": 4}, "4 of 4"),
    ("feed-cross-posting", "no-sign", (), {}, "1 of 4"),
    ("feed-cross-posting", "not-checkable", (), {"n_round": 40}, "to the minute"),
    ("feed-cross-posting", "not-checkable", (), {"n_judged": 1}, "two are needed"),
    ("call-to-act", "explains", (), {"n_peak": 38}, "38 of 40 joint shares lie within 10 minutes from 2024-03-01 12:00 UTC."),
    ("call-to-act", "explains", (), {"n_named": 9}, "name a time of day: 9"),
    ("call-to-act", "no-sign", (), {}, "4 of 40"),
    ("platform-batch-timestamps", "explains", (), {"n_round": 30}, "75% of the joint shares, 2%"),
    ("platform-batch-timestamps", "no-sign", (), {"n_same_second": 40}, "100% and 5%"),
    ("platform-batch-timestamps", "no-sign", (), {"n_same_second": 40, "n_other_accounts": 60, "n_other_accounts_same": 30}, "Of 60 other accounts"),
    ("platform-batch-timestamps", "no-sign", (), {"n_same_second": 40, "n_other_accounts": 2, "n_other_accounts_same": 2}, "2 mostly posted"),
    ("platform-batch-timestamps", "explains", (), {"n_same_second": 40, "n_other_accounts": 60, "n_other_accounts_same": 31}, "31 mostly posted"),
    ("platform-batch-timestamps", "no-sign", (), {"n_round": 30, "n_others_round": 40}, "75% of the joint shares, 40%"),
    ("platform-batch-timestamps", "not-checkable", (), {"n_others": 0}, "No one else"),
    ("platform-batch-timestamps", "not-checkable", (), {"n_round": 40, "n_others_round": 100}, "for everybody"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "expected", "owners", "changes", "words"), CASES)
def test_outcomes(check, expected, owners, changes, words):
    found, detail = outcome(check, *owners, **changes)
    assert (found, words in detail) == (expected, True), detail


@pytest.mark.parametrize("check", ["same-owner", "official-pages"])
def test_without_a_list_owners_cannot_be_checked(check):
    assert outcome(check, listed=False) == ("not-checkable", "No list of declared owners was given.")


@pytest.mark.parametrize(("check", "expected", "owners", "changes", "words"), CASES)
def test_details_say_the_same_numbers_in_every_language(check, expected, owners, changes, words):
    facts = dataclasses.replace(PLAIN, **changes)
    found = next(c for c in check_explanations(facts, affiliations=Affiliations(owners)) if c.check == check)
    assert found.detail == found.details["en"]
    ascii_digits = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
    digits = {
        lang: sorted(c for c in text.translate(ascii_digits) if c.isdigit()) for lang, text in found.details.items()
    }
    assert digits["en"] == digits["fa"] == digits["ar"]


def test_names_of_owners_are_data_not_patterns():
    found, detail = outcome("same-owner", owner("{n} {kind} {0}", ACCOUNTS))
    assert found == "explains"
    assert "{n} {kind} {0}" in detail


@pytest.mark.parametrize(
    ("owners", "label"),
    [
        ([], "unexplained"),
        ([owner("Press", ACCOUNTS)], "declared"),
        ([owner("Press", ["ana", "bo"])], "unexplained"),
        ([owner("Press", ["ana"]), owner("Radio", ["bo"])], "contradicts-declared"),
        ([owner("Press", ["ana", "bo"]), owner("Holding", ["ana", "bo"])], "unexplained"),
        ([owner("Wire", ["ana"], kind="wire"), owner("Press", ["bo"])], "unexplained"),
        ([owner("Press", ["ana"]), owner("Radio", ["bo"]), owner("Holding", ACCOUNTS)], "declared"),
    ],
)
def test_labels(owners, label):
    assert label_group(ACCOUNTS, affiliations=Affiliations(tuple(owners))) == label
    assert label_group(ACCOUNTS, affiliations=None) == "unexplained"


@pytest.mark.parametrize(("n_at_once", "outcome"), [(0, "no-sign"), (4, "no-sign"), (8, "explains")])
def test_same_seconds_are_the_platform_only_where_most_others_have_them(tools, n_at_once, outcome):
    rows = [(account, "link", f"p{i}", 3600.0 * i + 7) for i in range(4) for account in ACCOUNTS]
    rows += [
        (f"other{j}", "link", f"p{i}", 3600.0 * i + (99 + j // 2 if j < n_at_once else 200 + 61 * j))
        for i in range(4)
        for j in range(10)
    ]
    (finding,), _ = tools.find(tools.traces(rows), tools.groups(ACCOUNTS))
    batch = next(c for c in finding.benign if c.check == "platform-batch-timestamps")
    assert (batch.outcome, f"{n_at_once} mostly posted" in batch.detail) == (outcome, True)
