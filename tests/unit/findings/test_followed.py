"""Followed accounts in findings: told apart, counted again, never members."""

from __future__ import annotations

import polars as pl

from dideban.findings.explain import explain_finding
from dideban.schema import FOLLOWED

GROUP = ["ana", "bo", "cy"]


def test_followed_accounts_are_told_and_are_no_members(tools):
    rows = [row for n in range(3) for row in [("zed", "link", f"o{n}", n * 9_000)]]
    rows += [(a, "link", f"o{n}", n * 9_000 + 5 + i) for n in range(3) for i, a in enumerate(GROUP)]
    traces, groups = tools.traces(rows), tools.groups(GROUP)
    followed = pl.DataFrame([(0, "zed", 0, 0), (0, "nobody", 0, 0)], schema=FOLLOWED.dtypes, orient="row")
    proofs, kinds = tools.proofs((0, 0.001, 1000.0, False)), tools.proof_traces((0, "link", 60.0, 0.001))
    (finding,), shares = tools.find(traces, groups, proofs=proofs, proof_traces=kinds, followed=followed)
    assert [(one.account_id, one.n_objects, one.n_members) for one in finding.followed] == [("zed", 3, len(GROUP))]
    assert "zed" not in finding.accounts
    assert "zed" not in shares["account_id"].to_list()
    assert "1 account more" in finding.statement["en"]
    assert "not counted" in finding.statement["en"]
    said = explain_finding(finding, lang="en")
    assert "Followed, not members" in said
    assert "zed" in said
