"""The short readable summary that a scan prints, in the language of the person."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from dideban.cli.console import language
from dideban.cli.follow import event_message
from dideban.cli.lines import WIDTH, joined, line, notes_of, wrapped
from dideban.findings import Finding
from dideban.findings.headline import headline
from dideban.messages import Message, has_text, say
from dideban.messages.message import Value
from dideban.pipelines.scan import Scan
from dideban.schema import GROUP_EVENTS_NAMES, LEAD_KINDS

MAX_SHOWN = 10
ORDER = (
    "same-owner", "official-pages", "own-domain", "feed-cross-posting", "wire-and-subscribers",
    "follower-of-one-account", "call-to-act", "platform-batch-timestamps",
)  # fmt: skip
"""Of several explanations a finding is counted under the first of these."""
MAX_OWNER = 60
"""Characters shown of the name of an owner."""
ASSUMPTIONS = frozenset(
    f"ingest.{name}"
    for name in (
        "day-first", "local-digits", "both-orders", "jalali", "hijri", "no-zone", "day-first-set", "month-first",
    )
)  # fmt: skip
"""Notes on the times of files that no one should miss."""


def summarise(result: Scan) -> str:
    """Return the summary of a scan as lines for the terminal."""
    run = result.run
    found, leads = [f for f in result.findings if not f.lead], [f for f in result.findings if f.lead]
    lines = ["", say(_read(run), language()), say(_outcome(run, found), language())]
    lines += [*_check(run), *_followed(run), *_declared(run)]
    for finding in found[:MAX_SHOWN]:
        lines += ["", *_finding(finding)]
    if len(found) > MAX_SHOWN:
        lines += ["", line("summary.more-in-report", n=len(found) - MAX_SHOWN)]
    lines += ["", *wrapped(_leads(run, leads))] if leads else []
    lines += notes_of(_notes(run))
    files = (("summary.report", result.report), ("summary.findings-file", result.out / "findings.json"))
    return "\n".join([*lines, "", *(line(code, path=path) for code, path in files), ""])


def _read(run: dict[str, Any]) -> Message:
    counts, period = run["counts"], run["period"]
    parts = [Message("summary.read", posts=counts["posts"], accounts=counts["accounts"])]
    if period:
        parts.append(Message("summary.period", first=period[0][:10], last=period[1][:10]))
    if counts["duplicates"]:
        parts.append(Message("summary.duplicates", n=counts["duplicates"]))
    if counts["rejects"]:
        most = sorted(run["reject_reasons"].items(), key=lambda entry: -entry[1])[:3]
        why = [Message("summary.reject-reason", n=n, reason=reason) for reason, n in most]
        parts.append(Message("summary.rejects", n=counts["rejects"], why=why))
    if passed := run.get("passed"):
        kinds = [Message("summary.passed-kind", n=n, kind=Message(f"passed.{kind}")) for kind, n in passed.items()]
        parts.append(Message("summary.passed", n=sum(passed.values()), kinds=kinds))
    return joined(*parts)


def _notes(run: dict[str, Any]) -> list[Value]:
    return [*_assumed(run), *(Message.from_dict(note) for note in run["notes"])]


def _assumed(run: dict[str, Any]) -> list[Message]:
    """Describe what was assumed of the times: read wrongly, they make every finding wrong."""
    said = {
        Message.from_dict(note): source["name"]
        for source in reversed(run["inputs"])
        for note in source["notes"]
        if note["code"] in ASSUMPTIONS
    }
    return [Message("summary.about-file", name=name, note=note) for note, name in reversed(said.items())]


def _outcome(run: dict[str, Any], found: list[Finding]) -> Message:
    n = len(found)
    if run["selfcheck"] is None:
        return Message("summary.findings-rule", n=n, rule=run["method"])
    apart = Message("summary.in-brackets", parts=_apart(found)) if n else ""
    return Message("summary.findings", n=n, apart=apart, share=round(run["fdr"], 2))


def _apart(findings: Sequence[Finding]) -> list[Message]:
    """Count those that no ordinary explanation would produce apart from those that one would, the foremost named."""
    plain = sum(not f.ordinary for f in findings)
    by_check = Counter(next((c for c in ORDER if c in f.ordinary), f.ordinary[0]) for f in findings if f.ordinary)
    ranked = sorted(by_check.items(), key=lambda entry: (-entry[1], entry[0]))
    named = [
        Message("summary.like" if i else "summary.look-like", n=n, looks=_looks(check))
        for i, (check, n) in enumerate(ranked)
    ]
    return [Message("summary.unexplained", n=plain), *named]


def _looks(check: str) -> Message:
    """Name what findings look like that an ordinary explanation would produce."""
    code = f"looks.{check}"
    return Message(code if has_text(code) else f"explanation.{check}")


def _leads(run: dict[str, Any], leads: list[Finding]) -> Message:
    sentences = [Message("summary.leads", n=len(leads), parts=_apart(leads))]
    counts = Counter(lead.kind for lead in leads if lead.kind)
    why = [
        Message("summary.lead-kind", n=counts[kind], kind=Message(f"proof-kind.{kind}"))
        for kind in LEAD_KINDS
        if counts[kind]
    ]
    sentences += [Message("summary.leads-kinds", parts=why)] if why else []
    shuffled = (run["selfcheck"] or {}).get("n_leads_shuffled")
    if shuffled is not None:
        sentences.append(Message("summary.leads-shuffled", n=shuffled))
    return Message("statement.whole", sentences=sentences)


def _followed(run: dict[str, Any]) -> list[str]:
    """Describe what became of the groups of an earlier result."""
    told = run["groups"]
    if not told["followed"]:
        return []
    counts = Counter(event["event"] for event in told["events"])
    total = [Message(f"summary.event.{name}", n=counts[name]) for name in GROUP_EVENTS_NAMES if counts[name]]
    changed = [event for event in told["events"] if event["event"] != "born"]
    lines = [f"  {say(event_message(event), language())}" for event in changed[:MAX_SHOWN]]
    more = len(changed) - MAX_SHOWN
    lines += [f"  {line('summary.more-in-json', n=more)}"] if more > 0 else []
    return [line("summary.groups", parts=total or Message("summary.no-groups")), *lines]


def _declared(run: dict[str, Any]) -> list[str]:
    """Name declared networks before anything is claimed of anybody, those with most in common first."""
    networks = run.get("declared_networks") or []
    if not networks:
        return []
    lines = ["", line("summary.declared", n=len(networks))]
    for one in networks[:MAX_SHOWN]:
        lines += wrapped(_network(one), indent="  ", hang="    ")
    rest = len(networks) - MAX_SHOWN
    return lines + ([f"  {line('summary.more-in-report', n=rest)}"] if rest > 0 else [])


def _network(one: dict[str, Any]) -> Message:
    facts = {"owner": one["owner"][:MAX_OWNER], "label": Message("label.declared"), "n": len(one["accounts"])}
    parts = [Message("summary.network", **facts)]
    kind = next((kind for kind in one["kinds"] if kind["inside"] is not None), None)
    if kind is None:
        return joined(*parts, Message("summary.network-little"))
    code = f"kind.{kind['kind']}.names"
    named = Message(code if has_text(code) else "kind.object.names")
    parts.append(Message("summary.network-near", inside=kind["inside"], kind=named))
    if kind["outside"] is not None:
        parts.append(Message("summary.network-outside", outside=kind["outside"]))
    if kind["n_later"]:
        parts.append(Message("summary.network-later", n=kind["n_hour"], all=kind["n_later"]))
    return joined(*parts)


def _check(run: dict[str, Any]) -> list[str]:
    check = run["selfcheck"]
    if check is None:
        return []
    lines = []
    if check["n_shuffles"]:
        found = {"found": check["n_found"], "shuffled": check["n_found_shuffled"], "proposed": check["n_proposed"]}
        lines.append(line("summary.selfcheck", copies=Message("summary.copies", n=check["n_shuffles"]), **found))
    if check["reason"]:
        lines += wrapped(Message.from_dict(check["reason"]))
    return lines


def _finding(finding: Finding) -> list[str]:
    parts = [Message("summary.finding", id=finding.id, label=Message(f"label.{finding.label}"))]
    if finding.ordinary:
        parts.append(Message("summary.looks-like", looks=[_looks(check) for check in finding.ordinary]))
    text = finding.statement.get(language()) or finding.statement["en"]
    lines = [say(joined(*parts), language())]
    lines += wrapped(headline(finding.objects).message(), indent="  ", hang="    ")
    lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
    if finding.followed:
        names = [one.account_id for one in finding.followed[:MAX_SHOWN]]
        more = ["…"] if len(finding.followed) > MAX_SHOWN else []
        lines += wrapped(Message("summary.followed", names=[*names, *more]), indent="  ", hang="    ")
    return lines
