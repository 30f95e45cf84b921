"""The short readable summary that a scan prints."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

from dideban.cli.console import printable
from dideban.cli.follow import event_lines
from dideban.findings import Finding
from dideban.messages import Message, say
from dideban.pipelines.scan import Scan
from dideban.schema import GROUP_EVENTS_NAMES

MAX_SHOWN = 10
WIDTH = 100
LOOKS = {
    "feed-cross-posting": "feeds",
    "wire-and-subscribers": "wires",
    "follower-of-one-account": "followers of one account",
    "own-domain": "their own sites",
    "same-owner": "one owner",
    "official-pages": "official pages",
    "call-to-act": "calls to act",
    "platform-batch-timestamps": "batches of the platform",
}
"""What findings look like that an ordinary explanation would produce."""
ORDER = ("same-owner", "official-pages", "own-domain", *LOOKS)
"""Of several explanations a finding is counted under the first of these."""
PLURAL = {"text": "texts", "link": "links", "repost": "reposts", "media": "pictures"}
MAX_OWNER = 60
"""Characters shown of the name of an owner."""
ASSUMPTIONS = ("dates", "times without")
"""How notes on files begin that nobody should miss."""


def summarise(result: Scan) -> str:
    """Return the summary of a scan as lines for the terminal."""
    run = result.run
    lines = ["", _read(run), _outcome(result), *_check(run), *_followed(run), *_declared(run)]
    for finding in [f for f in result.findings if not f.lead][:MAX_SHOWN]:
        lines += ["", *_finding(finding)]
    rest = sum(not f.lead for f in result.findings) - MAX_SHOWN
    if rest > 0:
        lines += ["", f"... and {rest:,} more in the report."]
    if leads := [f for f in result.findings if f.lead]:
        lines += ["", *textwrap.wrap(f"{_leads(len(leads))}: {_apart(leads)}.{_check_leads(run)}", WIDTH)]
    noted = [*_assumed(run), *(say(Message.from_dict(note)) for note in run["notes"])]
    notes = [line for note in noted for line in textwrap.wrap(f"note: {note}", WIDTH)]
    lines += ["", *notes] if notes else []
    lines += ["", f"report:   {result.report}", f"findings: {result.out / 'findings.json'}", ""]
    return printable("\n".join(lines))


def _read(run: dict[str, Any]) -> str:
    counts = run["counts"]
    period = f", {run['period'][0][:10]} to {run['period'][1][:10]}" if run["period"] else ""
    text = f"{_count(counts['posts'], 'post')} by {_count(counts['accounts'], 'account')}{period}"
    if counts["duplicates"]:
        text += f"; {_count(counts['duplicates'], 'duplicate')}"
    if counts["rejects"]:
        why = ", ".join(
            f"{n:,} {reason}" for reason, n in sorted(run["reject_reasons"].items(), key=lambda r: -r[1])[:3]
        )
        text += f"; {_count(counts['rejects'], 'row')} rejected ({why}; rejects.csv has all)"
    return text


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


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
    apart = f" ({_apart([f for f in result.findings if not f.lead])})" if n else ""
    return f"{n:,} {noun}{apart}; of a list like this, at most {run['fdr']:.0%} are expected to be wrong"


def _apart(findings: list[Finding]) -> str:
    """Count those that no ordinary explanation would produce apart from those that one would, the foremost named."""
    plain = sum(not f.ordinary for f in findings)
    by_check = Counter(next(c for c in ORDER if c in f.ordinary) for f in findings if f.ordinary)
    ranked = sorted(by_check.items(), key=lambda entry: (-entry[1], entry[0]))
    named = [f"{n:,} {'' if i else 'look '}like {LOOKS[check]}" for i, (check, n) in enumerate(ranked)]
    return ", ".join([f"{plain:,} unexplained", *named])


def _leads(n: int) -> str:
    return f"{n:,} lead with weaker proof stands apart" if n == 1 else f"{n:,} leads with weaker proof stand apart"


def _check_leads(run: dict[str, Any]) -> str:
    shuffled = (run["selfcheck"] or {}).get("n_leads_shuffled")
    return "" if shuffled is None else f" Where the pace of comparable objects is exchanged, {shuffled:,} are found."


def _followed(run: dict[str, Any]) -> list[str]:
    """Say what became of the groups of an earlier result."""
    told = run["groups"]
    if not told["followed"]:
        return []
    counts = Counter(event["event"] for event in told["events"])
    total = ", ".join(f"{counts[name]:,} {name}" for name in GROUP_EVENTS_NAMES if counts[name])
    changed = [event for event in told["events"] if event["event"] != "born"]
    lines = [f"  {line}" for line in event_lines(changed)[:MAX_SHOWN]]
    more = [f"  ... and {len(changed) - MAX_SHOWN:,} more in findings.json"] if len(changed) > MAX_SHOWN else []
    return [f"groups since the earlier result: {total or 'none then, none now'}", *lines, *more]


def _declared(run: dict[str, Any]) -> list[str]:
    """Name declared networks before anything is claimed of anybody, those with most in common first."""
    networks = run.get("declared_networks") or []
    if not networks:
        return []
    lines = ["", f"{_count(len(networks), 'declared network')} (known and open; no claim)"]
    for one in networks[:MAX_SHOWN]:
        lines += textwrap.wrap(_network(one), WIDTH, initial_indent="  ", subsequent_indent="    ")
    rest = len(networks) - MAX_SHOWN
    return lines + ([f"  ... and {rest:,} more in the report."] if rest > 0 else [])


def _network(one: dict[str, Any]) -> str:
    facts = f"{one['owner'][:MAX_OWNER]}  [declared]  {_count(len(one['accounts']), 'account')}"
    kind = next((kind for kind in one["kinds"] if kind["inside"] is not None), None)
    if kind is None:
        return f"{facts}: too little content to compare"
    near = (
        f": the closest two share {kind['inside']:.1%} of the {PLURAL.get(kind['kind'], 'objects')} of the smaller one"
    )
    if kind["outside"] is not None:
        near += f", the closest account outside {kind['outside']:.1%}"
    later = (
        f"; {kind['n_hour']:,} of {kind['n_later']:,} later posts of the same within an hour" if kind["n_later"] else ""
    )
    return facts + near + later


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
        lines += textwrap.wrap(say(Message.from_dict(check["reason"])), WIDTH)
    return lines


def _finding(finding: Finding) -> list[str]:
    looks = f"  looks like: {', '.join(LOOKS[check] for check in finding.ordinary)}" if finding.ordinary else ""
    head = f"{finding.id}  [{finding.label}]{looks}"
    return [head, *textwrap.wrap(finding.statement["en"], WIDTH, initial_indent="  ", subsequent_indent="  ")]
