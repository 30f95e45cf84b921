"""FINDINGS to one self-contained page: no network request, no inline code but what its policy names by hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from dideban.findings.headline import Headline, headline
from dideban.findings.model import Finding
from dideban.findings.sureness import sureness_of
from dideban.findings.techniques import name_of, reason_of
from dideban.kinds import slugs
from dideban.messages import Message, languages, locale
from dideban.messages.clean import direction_of
from dideban.report import views, words
from dideban.report.network import draw_overview
from dideban.report.pictures import Thumbnail
from dideban.report.raster import row_height, spark
from dideban.report.safe import csp_hash, own_words, short_id, visible, web_link
from dideban.report.templates import templates_of
from dideban.schema import post_key
from dideban.traces import mask_text

MAX_FULL = 50
"""Findings shown in full; the rest get a short card."""
MAX_CARDS = 1_000
"""Findings shown at all."""
MAX_DECLARED = 100
"""Declared networks shown."""
FULL_BYTES = 10_000_000
"""Findings in full past this size of the page get a short card too."""
MAX_STATEMENT = 1_500


def render_report(
    findings: Sequence[Finding],
    *,
    run: Mapping[str, Any],
    posts: pl.DataFrame,
    shares: pl.DataFrame,
    edges: pl.DataFrame,
    title: str = "",
    limits: views.ShownAmounts | None = None,
    pictures: Mapping[str, Thumbnail] = views.NO_PICTURES,
) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    findings : sequence of Finding
        In the order to be shown; leads come after the findings, in a section of their own.
    run : mapping
        Where the findings come from: version, method, settings, inputs, counts, self-check. Every entry is optional.
    posts : POSTS
        Posts to quote; more than those of the findings may be given.
    shares : SHARES
        Every share by a member of each finding.
    edges : EDGES
        Ties between accounts; more than those inside groups may be given.
    title : str
        Name of the material, shown in the head of the page.
    limits : Limits
        How much of each finding is shown; None = as much as suits their number.
    pictures : mapping
        Object to a small picture of it; they are part of the page, blurred until a reader asks.

    Returns
    -------
    str
        HTML that opens from a file, makes no network request, and states where it was cut.

    Raises
    ------
    SchemaError
        POSTS, SHARES or EDGES lack a column.

    Notes
    -----
    Deterministic: the same input gives the same bytes, for any order of rows.
    """
    once = {finding.id: finding for finding in findings}.values()
    ordered = sorted(once, key=lambda finding: (finding.lead, bool(finding.ordinary)))
    cards, parts = _cards(ordered[:MAX_CARDS], shares)
    declared = list(run.get("declared_networks") or [])
    limits = limits or views.ShownAmounts.of(min(len(cards), MAX_FULL))
    seed = int(run.get("seed") or 1)
    return fill_page(
        "page.html",
        lambda: {
            "title": title,
            "run": run,
            "version": run.get("version") or "",
            "declared": declared[:MAX_DECLARED],
            "n_declared": len(declared),
            "on_page": {card.id for card in cards},
            "cards": cards,
            "n_all": len(ordered),
            "n_claims": sum(not finding.lead for finding in ordered),
            "n_leads": sum(finding.lead for finding in ordered),
            "apart": [_apart(ordered, lead=lead) for lead in (False, True)],
            "notes": [note["text"] for note in run.get("notes") or []],
            "full": _full(
                _foremost(cards), posts=posts, parts=parts, edges=edges, limits=limits, seed=seed, pictures=pictures
            ),
            "overview": draw_overview({card.id: card.finding for card in cards[:MAX_FULL]}, edges, seed=seed),
        },
    )


def _apart(findings: Sequence[Finding], *, lead: bool) -> tuple[int, int]:
    """Count findings (or leads) that no ordinary explanation would produce, and those that one would."""
    some = [bool(finding.ordinary) for finding in findings if finding.lead == lead]
    return some.count(False), some.count(True)


def _foremost(cards: Sequence[views.Card]) -> list[views.Card]:
    """Return what is shown in full: leads that look ordinary only where there is nothing else."""
    telling = [card for card in cards if not (card.finding.lead and card.finding.ordinary)]
    return list(telling or cards)[:MAX_FULL]


def _cards(findings: Sequence[Finding], shares: pl.DataFrame) -> tuple[list[views.Card], dict[str, pl.DataFrame]]:
    """Return the findings with their numbers and ids, and the shares of each by id."""
    ids = [finding.id for finding in findings]
    wanted = shares.filter(pl.col("finding_id").is_in(ids))
    found = {str(key[0]): part for key, part in wanted.partition_by("finding_id", as_dict=True).items()}
    parts = {name: found.get(name, shares.clear()) for name in ids}
    cards = [
        views.Card(number=number, id=name, finding=finding, spark=spark(parts[name]))
        for number, (name, finding) in enumerate(zip(ids, findings, strict=True), start=1)
    ]
    return cards, parts


def _full(
    cards: Sequence[views.Card],
    *,
    posts: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame],
    edges: pl.DataFrame,
    limits: views.ShownAmounts,
    seed: int,
    pictures: Mapping[str, Thumbnail],
) -> dict[str, Markup]:
    """Return the sections of the findings shown in full, as many as the page can carry."""
    keys = {card.id: views.proof_first(card.finding, parts[card.id])[: limits.posts] for card in cards}
    rows = _quote(posts, sorted({key for some in keys.values() for key in some}))
    members = sorted({account for card in cards for account in card.finding.accounts})
    ties = edges.filter(pl.col("account_a").is_in(members) & pl.col("account_b").is_in(members))
    template = environment().get_template("finding.html")
    sections: dict[str, Markup] = {}
    size = 0
    for card in cards:
        view = views.view_finding(
            card, shares=parts[card.id], posts=rows, edges=ties, limits=limits, seed=seed, pictures=pictures
        )
        section = template.render(v=view, f=card.finding)
        size += len(section.encode())
        if size > FULL_BYTES and sections:
            break
        sections[card.id] = Markup(section)  # noqa: S704 - rendered with escaping just above
    return sections


def _quote(posts: pl.DataFrame, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of POSTS that ``platform/post_id`` keys name."""
    wanted = pl.DataFrame({"key": list(keys)}, schema={"key": pl.String})
    found = (
        posts.lazy()
        .filter(pl.col("post_id").is_in([key.partition("/")[2] for key in keys]))
        .with_columns(key=post_key())
        .join(wanted.lazy(), on="key", how="semi")
        .select("key", "account_id", "platform", "created_at", "text", "lang", "urls")
        .unique("key", keep="first", maintain_order=True)
        .collect()
    )
    return {row["key"]: row for row in found.iter_rows(named=True)}


@cache
def fill_page(template: str, values: Callable[[], Mapping[str, Any]]) -> str:
    """Return a page with its look, its script and its words in every language.

    Parameters
    ----------
    template : str
        A file in ``report/assets``.
    values : callable
        Returns what the template is given; called while the words that a page shows are collected.
    """
    style, script = words.asset("report.css"), words.asset("report.js")
    with words.collecting():
        return (
            environment()
            .get_template(template)
            .render(
                style=Markup(style),  # noqa: S704 - our own file
                script=Markup(script),  # noqa: S704 - our own file
                policy=policy_of(style, script),
                table_of_texts=words.table_of_texts,
                languages=words.language_names(),
                **values(),
            )
        )


def policy_of(style: str, script: str) -> str:
    """Return the Content-Security-Policy: nothing may be fetched, only these two inline texts may act."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {csp_hash(script)}",
            f"style-src {csp_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _pushed_by(finding: Finding) -> Headline:
    return headline(finding.objects)


def _sure_of(finding: Finding) -> Message:
    return sureness_of(finding).message()


@cache
def environment() -> jinja2.Environment:
    """Return the templates of the page, with what they may call; everything from outside is escaped."""
    made = templates_of(
        words.asset,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    made.globals.update(
        w=words.w, said=words.said, label=words.label, known=words.known, span_attribute=words.span_attribute,
        range_attribute=words.range_attribute,
        reason_of=reason_of, name_of=name_of, first_language=languages()[0], link_of=views.link_of,
        row_height=row_height,
        directions={lang: locale(lang).direction for lang in languages()},
    )  # fmt: skip
    made.globals.update(pushed_by=_pushed_by, sure_of=_sure_of, folds=False)
    made.globals["addresses"] = slugs(lambda kind: kind.is_address)
    made.filters.update(
        n=words.number,
        lang_tag=views.language_tag,
        direction=views.direction,
        clock=words.clock,
        duration=words.duration,
        cut=visible,
        text_direction=direction_of,
        own=own_words,
        mask=mask_text,
        short=short_id,
        web=web_link,
    )
    return made
