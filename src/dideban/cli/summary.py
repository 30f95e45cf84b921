"""The short readable summary that a scan prints."""

from __future__ import annotations

import textwrap
from typing import Any

from dideban.cli.console import printable
from dideban.watch import Scan

MAX_SHOWN = 10
WIDTH = 100
ASSUMPTIONS = ("dates", "times without")
"""How notes on files begin that nobody should miss."""


def summarise(result: Scan) -> str:
    """Return the summary of a scan as lines for the terminal."""
    run = result.run
    lines = ["", _read(run), _outcome(result), *_check(run)]
    for finding in [f for f in result.findings if not f.lead][:MAX_SHOWN]:
        lines += ["", *_finding(finding.id, finding.label, finding.statement["en"])]
    rest = sum(not f.lead for f in result.findings) - MAX_SHOWN
    if rest > 0:
        lines += ["", f"... and {rest:,} more in the report."]
    if leads := sum(f.lead for f in result.findings):
        lines += ["", f"{leads:,} leads, with weaker proof, stand apart in the report."]
    notes = [line for note in [*_assumed(run), *run["notes"]] for line in textwrap.wrap(f"note: {note}", WIDTH)]
    lines += ["", *notes] if notes else []
    lines += ["", f"report:   {result.report}", f"findings: {result.out / 'findings.json'}", ""]
    return printable("\n".join(lines))


def _read(run: dict[str, Any]) -> str:
    counts = run["counts"]
    period = f", {run['period'][0][:10]} to {run['period'][1][:10]}" if run["period"] else ""
    text = f"{counts['posts']:,} posts by {counts['accounts']:,} accounts{period}"
    if counts["duplicates"]:
        text += f"; {counts['duplicates']:,} duplicates"
    if counts["rejects"]:
        why = ", ".join(
            f"{n:,} {reason}" for reason, n in sorted(run["reject_reasons"].items(), key=lambda r: -r[1])[:3]
        )
        rows = "row" if counts["rejects"] == 1 else "rows"
        text += f"; {counts['rejects']:,} {rows} rejected ({why}; rejects.csv has all)"
    return text


def _assumed(run: dict[str, Any]) -> list[str]:
    """Say what was assumed of the times: read wrongly, they make every finding wrong."""
    said = {
        note: source["name"]
        for source in reversed(run["inputs"])
        for note in source["notes"]
        if note.startswith(ASSUMPTIONS)
    }
    return [f"{name}: {note}" for note, name in reversed(said.items())]


def _outcome(result: Scan) -> str:
    run, n = result.run, sum(not f.lead for f in result.findings)
    noun = "finding" if n == 1 else "findings"
    if run["selfcheck"] is None:
        return f"{n:,} {noun} by the rule '{run['method']}', which states no error rate"
    return f"{n:,} {noun}; of a list like this, at most {run['fdr']:.0%} are expected to be wrong"


def _check(run: dict[str, Any]) -> list[str]:
    check = run["selfcheck"]
    if check is None:
        return []
    copies = "a copy" if check["n_shuffles"] == 1 else f"{check['n_shuffles']} copies"
    lines = []
    if check["n_shuffles"]:
        lines.append(
            f"self-check: {check['n_found']:,} found here, {check['n_found_shuffled']:,} in {copies} of the same data "
            f"with accounts exchanged ({check['n_proposed']:,} groups tested)"
        )
    if check["reason"]:
        lines += textwrap.wrap(check["reason"], WIDTH)
    return lines


def _finding(finding_id: str, label: str, statement: str) -> list[str]:
    head = f"{finding_id}  [{label}]"
    return [head, *textwrap.wrap(statement, WIDTH, initial_indent="  ", subsequent_indent="  ")]
