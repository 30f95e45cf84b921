"""What was planted in a sample beside what was found."""

from __future__ import annotations

from typing import Any

import polars as pl

from dideban.cli.console import language, printable
from dideban.cli.lines import line
from dideban.ingest import pseudonym
from dideban.messages import Message, has_text, say
from dideban.pipelines.scan import Scan

Named = tuple[Message | str, set[str]]
"""A finding as it is called, and its accounts."""


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
    named: list[Named] = [(f.id, set(f.accounts)) for f in result.findings if not f.lead]
    named += [(Message("planted.lead", id=f.id), set(f.accounts)) for f in result.findings if f.lead]
    group, kind, accounts, found = (line(f"planted.{head}") for head in ("group", "kind-head", "accounts", "found"))
    lines = [line("planted.title"), f"  {group:<18}{kind:<15}{accounts:>8}  {found}"]
    for name, (own, row) in members.items():
        if row["is_plant"]:
            said = say(_kind(row["kind"]), language())
            lines.append(f"  {name:<18}{said:<15}{line('summary.count', n=len(own)):>8}  {_where(own, named)}")
    lines += [f"  {say(one, language())}" for one in (_other(finding, members) for finding in named) if one]
    return printable("\n".join([*lines, ""]))


def _kind(slug: str) -> Message:
    code = f"planted.kind.{slug}"
    return Message(code) if has_text(code) else Message("sentence.english", text=slug)


def _other(finding: Named, members: dict[str, tuple[set[str], dict[str, Any]]]) -> Message | None:
    """Describe a finding that is not a planted campaign; None for one that is."""
    name, accounts = finding
    best = max(members, key=lambda group: len(members[group][0] & accounts), default=None)
    if best is None or len(members[best][0] & accounts) < len(accounts) / 2:
        return Message("planted.false", name=name)
    row = members[best][1]
    if row["is_plant"]:
        return None
    code = f"planted.trigger.{row['kind']}"
    return Message("planted.no-campaign", name=name, why=Message(code) if has_text(code) else _kind(row["kind"]))


def _where(accounts: set[str], findings: list[Named]) -> str:
    hits = [(len(found & accounts), len(found), str(name), name) for name, found in findings if found & accounts]
    hits = [hit for hit in hits if hit[0] >= hit[1] / 2]
    if not hits:
        return "-"
    n_common, size, _, name = max(hits, key=lambda hit: hit[:3])
    code = "planted.where-others" if size > n_common else "planted.where"
    return line(code, name=name, n=n_common, all=len(accounts), others=size - n_common)
