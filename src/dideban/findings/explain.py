"""One finding as readable text, with its evidence: what ``dideban explain`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dideban.findings.model import Finding, PairEvidence
from dideban.findings.techniques import name_of, reason_of
from dideban.kinds import kind_of
from dideban.messages import Locale, Message, locale, say

MAX_LINES = 20
"""Accounts, objects and posts shown each; the finding holds all."""
MAX_PAIRS = 10
"""Pairs shown."""


def explain_finding(finding: Finding, *, lang: str = "en") -> str:
    """Explain a finding in a language.

    Ids, links and texts stay as they are.

    Examples
    --------
    >>> print(explain_finding(finding).splitlines()[0])  # doctest: +SKIP
    Finding f2feb6a10f5e73a17 (unexplained)
    """
    return "\n".join(_lines(finding, locale(lang))) + "\n"


def _lines(finding: Finding, lang: Locale) -> Iterator[str]:
    def head(name: str) -> str:
        return say(Message(f"explain.{name}"), lang)

    def section(name: str, lines: list[str], *, total: int | None = -1) -> Iterator[str]:
        return _section(head(name), lines, lang, total=total)

    label = say(Message(f"label.{finding.label}"), lang)
    yield f"{head('lead' if finding.lead else 'finding')} {finding.id} ({label})"
    if finding.group_id:
        yield say(Message("explain.group", id=finding.group_id), lang)
    yield from ("", finding.statement.get(lang.lang) or finding.statement.get("en", ""), "")
    yield say(Message("explain.period", first=finding.period[0], last=finding.period[1]), lang)
    yield from section("evidence", [say(one, lang) for one in _evidence(finding)])
    yield from section("accounts", [say(one, lang) for one in _accounts(finding)])
    yield from section("followed", [say(one, lang) for one in _followed(finding)])
    yield from _pairs(finding, lang)
    yield from section("objects", _objects(finding, lang), total=finding.n_objects)
    burst = Message("explain.burst", **{name: round(n, 1) for name, n in finding.burst.items()})
    yield from section("bursts", [say(burst, lang)], total=None)
    yield from section("benign", _explanations(finding, lang), total=None)
    yield from section("next", [say(Message.from_dict(one), lang) for one in finding.next_steps], total=None)
    yield from section("techniques", [_technique(one, lang) for one in finding.techniques], total=None)
    yield from section("posts", finding.posts)
    yield ""
    method = {"method": finding.method, "version": finding.method_version, "digest": finding.config_digest}
    yield say(Message("explain.method", **method), lang)


def _explanations(finding: Finding, lang: Locale) -> list[str]:
    return [
        f"{say(Message(f'explanation.{one.check}'), lang)}: {say(Message(f'outcome.{one.outcome}'), lang)}. "
        f"{one.text(lang.lang)}"
        for one in finding.benign
    ]


def _technique(technique: dict[str, Any], lang: Locale) -> str:
    why = say(reason_of(technique), lang)
    name = say(name_of(technique), lang) or technique["name"]
    return f"{technique['id']} {name}" + (f" ({why})" if why else "")


def _section(title: str, lines: list[str], lang: Locale, *, total: int | None = -1) -> Iterator[str]:
    if not lines:
        return
    count = len(lines) if total == -1 else total
    yield ""
    yield title if count is None else f"{title} ({lang.number(count)})"
    yield from (f"  {' '.join(line.split())}" for line in lines[:MAX_LINES])
    if count is not None and count > MAX_LINES:
        yield f"  … +{lang.number(count - min(len(lines), MAX_LINES))}"


def _evidence(finding: Finding) -> Iterator[Message]:
    for one in finding.traces:
        parts = [
            Message(
                "explain.trace", kind=_kind(one.kind), objects=one.n_objects, posts=one.n_posts, pairs=one.n_pairs,
                window_s=one.scale_s,
            )
        ]  # fmt: skip
        if one.expected_pairs is not None:
            parts.append(Message("explain.expected", n=round(one.expected_pairs, 1)))
        if one.p_value is not None and one.e_value is not None:
            parts.append(_figures(one.p_value, one.e_value))
        yield Message("explain.line", parts=parts)


def _figures(p_value: float, e_value: float) -> Message:
    return Message("explain.figures", p=f"{p_value:.2g}", e=f"{e_value:.3g}")


def _kind(kind: str) -> Message:
    return Message(f"kind.{kind_of(kind).says}.names")


def _accounts(finding: Finding) -> Iterator[Message]:
    for one in finding.leaders:
        lag_s = round(one.median_lag_s, 1)
        about = Message("explain.leader", objects=one.n_objects, first=one.n_first, lag_s=lag_s)
        yield Message("explain.about", name=one.account_id, about=about)


def _followed(finding: Finding) -> Iterator[Message]:
    for one in finding.followed:
        about = Message("explain.followed-by", objects=one.n_objects, members=one.n_members)
        yield Message("explain.about", name=one.account_id, about=about)


def _pairs(finding: Finding, lang: Locale) -> Iterator[str]:
    """Yield the pairs that carry the finding and the members by little evidence."""
    if not finding.n_pairs:
        return
    lines = [say(_pair(one), lang) for one in finding.pairs[:MAX_PAIRS]]
    how = say(Message("explain.pairs-how"), lang)
    yield from _section(say(Message("explain.pairs"), lang), [how, *lines], lang, total=None)
    if finding.n_pairs > len(lines):
        yield f"  … +{lang.number(finding.n_pairs - len(lines))}"
    yield from _section(say(Message("explain.weak"), lang), finding.weak_members, lang)


def _pair(one: PairEvidence) -> Message:
    about = Message(
        "explain.pair", near=one.n_near, blocks=one.n_blocks, expected=round(one.expected, 1), kind=_kind(one.kind),
        window_s=one.scale_s,
    )  # fmt: skip
    parts = [about, _figures(one.p_value, one.e_value)]
    return Message(
        "explain.about", name=f"{one.account_a} – {one.account_b}", about=Message("explain.line", parts=parts)
    )


def _objects(finding: Finding, lang: Locale) -> list[str]:
    return [
        say(
            Message(
                "explain.object", kind=_kind(one.kind), accounts=one.n_accounts, posts=one.n_posts, first=one.first_at
            ),
            lang,
        )
        + f" {one.label[:300]}"
        for one in finding.objects
    ]
