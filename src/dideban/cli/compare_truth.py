"""What was planted in a sample beside what was found."""

from __future__ import annotations

import polars as pl

from dideban.cli.console import printable
from dideban.ingest import pseudonym
from dideban.pipelines.scan import Scan

ORDINARY = {"feed": "follow one feed", "wire": "copy one news wire", "announced": "act at an announced minute"}


def compare(result: Scan, truth: pl.DataFrame, *, key: bytes, keep_ids: bool) -> str:
    """Return a table of planted campaigns and where they went, then the findings that are none of them.

    Parameters
    ----------
    truth : (group, account_id, kind, language, is_plant)
        As written beside a sample; account ids as in the sample.
    """
    if not keep_ids:
        truth = truth.with_columns(account_id=pseudonym(truth["account_id"], key=key))
    members = {
        str(group): (set(part["account_id"]), part.row(0, named=True))
        for (group,), part in truth.partition_by("group", as_dict=True, maintain_order=True).items()
    }
    findings = [(f.id, set(f.accounts)) for f in result.findings if not f.lead]
    leads = [(f"lead {f.id}", set(f.accounts)) for f in result.findings if f.lead]
    lines = ["planted in this sample:", f"  {'group':<18}{'kind':<15}{'accounts':>8}  found"]
    for group, (accounts, row) in members.items():
        if row["is_plant"]:
            lines.append(f"  {group:<18}{row['kind']:<15}{len(accounts):>8}  {_where(accounts, [*findings, *leads])}")
    for finding_id, accounts in [*findings, *leads]:
        best = max(members, key=lambda g: len(members[g][0] & accounts), default=None)
        shared = len(members[best][0] & accounts) if best else 0
        if best is None or shared < len(accounts) / 2:
            lines.append(f"  {finding_id} is none of the planted groups: false")
        elif not members[best][1]["is_plant"]:
            why = ORDINARY.get(members[best][1]["kind"], members[best][1]["kind"])
            lines.append(f"  {finding_id} is not a campaign: its accounts {why}")
    return printable("\n".join([*lines, ""]))


def _where(accounts: set[str], findings: list[tuple[str, set[str]]]) -> str:
    hits = [(len(found & accounts), len(found), name) for name, found in findings if found & accounts]
    hits = [hit for hit in hits if hit[0] >= hit[1] / 2]
    if not hits:
        return "-"
    n_common, size, name = max(hits)
    extra = f", {size - n_common} others" if size > n_common else ""
    return f"{name} ({n_common} of {len(accounts)}{extra})"
