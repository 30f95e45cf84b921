"""A finding in which something that must not leave stands wherever it could."""

from __future__ import annotations

import dataclasses

from dideban.findings.model import (
    BenignCheck,
    Finding,
    FollowedAccount,
    Leader,
    PairEvidence,
    SharedObject,
    TraceEvidence,
)

AT = "2026-03-01T08:00:00Z"
SECRET = "Xq7secretXq7"
"""Stands wherever something must not leave."""


SAID = dict.fromkeys(("en", "fa", "ar"), SECRET)
OTHERS = ("g5ec2e75ec2e75ec2", "secret-step")
"""More of what must not leave."""


def pushed(kind: str, label: str, name: str = "") -> SharedObject:
    return SharedObject(
        kind=kind, id=name or label, label=label, n_accounts=4, n_posts=9, first_at=AT, last_at="2026-03-01T08:00:41Z"
    )


def make_finding(**changes: object) -> Finding:
    accounts = [f"{SECRET}-account-{i}" for i in range(4)]
    whole = Finding(
        method="synchrony", method_version="synchrony-5", config_digest="0" * 16, lead=False, label="unexplained",
        accounts=accounts, period=[AT, "2026-03-05T09:30:00.5Z"],
        traces=[TraceEvidence(kind="link", scale_s=60.0, n_objects=9, n_posts=40, n_pairs=31, p_value=1e-9, e_value=1e300)],
        error_rate=0.05, e_value=1.5e300, p_value=1e-300, chance_one_in=1e9, n_objects=9,
        objects=[
            pushed("link", "https://www.news.example.org/a?b=1"), pushed("link", "https://other.ir/خبر"),
            pushed("link", f"https://t.me/{SECRET}/77"), pushed("link", f"https://news.example.org/@{SECRET}/1"),
            pushed("link", f"https://x.com/{SECRET}/status/1"), pushed("link", f"https://ana:{SECRET}@news.example.org/"),
            pushed("link", f"https://news.example.org/?mail={SECRET}@example.org"),
            pushed("hashtags", "#harvest #mill #harvest"), pushed("text", f"a text {SECRET}", "t1"),
            pushed("repost", f"words {SECRET}", f"x/{SECRET}"), pushed("contact", f"phone:{SECRET}"),
            pushed("media", f"{SECRET}"), pushed("reply", f"x/{SECRET}"),
        ],
        leaders=[Leader(account_id=accounts[0], n_objects=3, median_lag_s=1.5, n_first=2)],
        burst={"n_bursts": 1.0, "median_span_s": 9.0, "median_accounts": 3.0},
        benign=[
            BenignCheck(check="own-domain", outcome="no-sign", detail=SECRET, details=SAID),
            BenignCheck(check="same-owner", outcome="not-checkable", detail=SECRET, details=SAID),
        ],
        techniques=[{"id": "T0115", "name": "Post Content", "values": {}, "why": {"en": SECRET}}],
        statement={"en": "These 4 accounts shared 9 links.", "fa": "این ۴ حساب ۹ پیوند را پخش کردند.", "ar": "شاركت هذه الحسابات ٩ روابط."},
        posts=[f"x/{SECRET}"], kind="exchange", followed=[FollowedAccount(account_id=SECRET, n_objects=2, n_members=2)],
        pairs=[PairEvidence(account_a=SECRET, account_b=SECRET, kind="link", scale_s=1.0, n_blocks=1, n_near=1, expected=0.1, p_value=0.1, e_value=2.0)],
        weak_members=[SECRET], next_steps=[{"code": "step.secret-step", "values": {}, "text": {"en": SECRET}}], group_id="g5ec2e75ec2e75ec2",
    )  # fmt: skip
    return dataclasses.replace(whole, **changes)
