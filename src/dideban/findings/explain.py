"""One finding as readable text, with its evidence: what ``dideban explain`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.findings import words_ar, words_en, words_fa
from dideban.findings.explain_words import HEADINGS
from dideban.findings.model import Finding
from dideban.findings.techniques import reason_values
from dideban.findings.words_en import Words
from dideban.kinds import kind_of

MAX_LINES = 20
"""Accounts, objects and posts shown each; the finding holds all."""
MAX_PAIRS = 10
"""Pairs shown."""

_WORDS: dict[str, Words] = {"en": words_en, "fa": words_fa, "ar": words_ar}


def explain_finding(finding: Finding, *, lang: str = "en") -> str:
    """Explain a finding in ``en``, ``fa`` or ``ar``.

    Ids, links, texts and technique names stay as they are.

    Raises
    ------
    KeyError
        An unknown language.

    Examples
    --------
    >>> print(explain_finding(finding).splitlines()[0])  # doctest: +SKIP
    Finding f2feb6a10f5e73a17 (unexplained)
    """
    return "\n".join(_lines(finding, HEADINGS[lang], _WORDS[lang], lang=lang)) + "\n"


def _lines(finding: Finding, say: dict[str, str], words: Words, *, lang: str) -> Iterator[str]:
    kind = say["lead"] if finding.lead else say["finding"]
    yield f"{kind} {finding.id} ({say[finding.label]})"
    if finding.group_id:
        yield say["group"].format(id=finding.group_id)
    yield ""
    yield finding.statement[lang]
    yield ""
    yield say["period"].format(first=finding.period[0], last=finding.period[1])
    yield from _section(say["evidence"], _evidence(finding, say, words), words)
    yield from _section(say["accounts"], _accounts(finding, say, words), words)
    yield from _pairs(finding, say, words)
    yield from _section(say["objects"], _objects(finding, say, words), words, total=finding.n_objects)
    bursts = {name: words.number(round(n, 1)) for name, n in finding.burst.items()}
    yield from _section(say["bursts"], [say["burst"].format(**bursts)], words, total=None)
    checks = [f"{say[c.check]}: {say[c.outcome]}. {c.details.get(lang, c.detail)}" for c in finding.benign]
    yield from _section(say["benign"], checks, words, total=None)
    yield from _section(say["techniques"], [_technique(t, say, words) for t in finding.techniques], words, total=None)
    yield from _section(say["posts"], finding.posts, words)
    yield ""
    yield say["method"].format(method=finding.method, version=finding.method_version, digest=finding.config_digest)


def _kind(slug: str, say: dict[str, str]) -> str:
    """Name objects of a kind; those of a kind without words of its own are objects."""
    return say[{"object": "things"}.get(kind_of(slug).says, kind_of(slug).says)]


def _technique(technique: dict[str, str], say: dict[str, str], words: Words) -> str:
    why, values = technique.get("why", ""), reason_values(technique)
    if values is not None:
        said = {name: words.number(value) if isinstance(value, int) else value for name, value in values.items()}
        why = say[technique["id"]].format(**said)
    return f"{technique['id']} {technique['name']}" + (f" ({why})" if why else "")


def _section(title: str, lines: list[str], words: Words, *, total: int | None = -1) -> Iterator[str]:
    if not lines:
        return
    count = len(lines) if total == -1 else total
    yield ""
    yield title if count is None else f"{title} ({words.number(count)})"
    yield from (f"  {' '.join(line.split())}" for line in lines[:MAX_LINES])
    if count is not None and count > MAX_LINES:
        yield f"  … +{words.number(count - min(len(lines), MAX_LINES))}"


def _evidence(finding: Finding, say: dict[str, str], words: Words) -> list[str]:
    lines = []
    for trace in finding.traces:
        line = say["trace"].format(
            kind=_kind(trace.kind, say), objects=words.number(trace.n_objects), posts=words.number(trace.n_posts),
            pairs=words.number(trace.n_pairs), window=words.duration(trace.scale_s),
        )  # fmt: skip
        if trace.expected_pairs is not None:
            line += say["expected"].format(n=words.number(round(trace.expected_pairs, 1)))
        if trace.p_value is not None and trace.e_value is not None:
            line += f" (p = {trace.p_value:.2g}, e = {trace.e_value:.3g})"
        lines.append(line)
    return lines


def _accounts(finding: Finding, say: dict[str, str], words: Words) -> list[str]:
    return [
        f"{leader.account_id}: "
        + say["leader"].format(
            objects=words.number(leader.n_objects), first=words.number(leader.n_first),
            lag=words.duration(round(leader.median_lag_s, 1)),
        )
        for leader in finding.leaders
    ]  # fmt: skip


def _pairs(finding: Finding, say: dict[str, str], words: Words) -> Iterator[str]:
    """Yield the pairs that carry the finding and the members by little evidence."""
    if not finding.n_pairs:
        return
    lines = [
        f"{pair.account_a} – {pair.account_b}: "
        + say["pair"].format(
            near=words.number(pair.n_near), blocks=words.number(pair.n_blocks),
            expected=words.number(round(pair.expected, 1)), kind=_kind(pair.kind, say),
            window=words.duration(pair.scale_s),
        )
        + f" (p = {pair.p_value:.2g}, e = {pair.e_value:.3g})"
        for pair in finding.pairs[:MAX_PAIRS]
    ]  # fmt: skip
    yield from _section(say["pairs"], [say["pairs-how"], *lines], words, total=None)
    if finding.n_pairs > len(lines):
        yield f"  … +{words.number(finding.n_pairs - len(lines))}"
    yield from _section(say["weak"], finding.weak_members, words)


def _objects(finding: Finding, say: dict[str, str], words: Words) -> list[str]:
    return [
        say["object"].format(
            kind=_kind(o.kind, say),
            accounts=words.number(o.n_accounts),
            posts=words.number(o.n_posts),
            first=o.first_at,
        )
        + f" {o.label[:300]}"
        for o in finding.objects
    ]
