"""A narrative in words and numbers: terms, languages, places, sources, bursts, quotes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import I8
from dideban.config import NarrativeConfig
from dideban.findings.narratives.model import ListedNarrative, NarrativeBurst, Quote
from dideban.findings.narratives.read import Messages
from dideban.findings.narratives.terms import find_terms
from dideban.stats.bursts import find_bursts
from dideban.text import detect_language, normal_form
from dideban.traces.link import hosts_of

MOST_COUNTED = 10
"""Places, domains, platforms and languages named per narrative."""
MAX_QUOTE = 1_000
"""Characters of a text quoted."""
MAX_DETECTED = 20
"""Texts per narrative whose language is computed where the source declares none."""
MAX_COMPARED = 500
"""Texts among which the typical one is sought, those with the most posts first."""


def describe(
    told: pl.DataFrame,
    messages: Messages,
    *,
    given: pl.DataFrame,
    totals: I8,
    start_us: int,
    step_s: int,
    config: NarrativeConfig,
    proved: Mapping[str, str] | None,
    background: pl.Series | None = None,
) -> list[ListedNarrative]:
    """Return the narratives of ``told``, largest first (ties by id).

    Parameters
    ----------
    told : DataFrame
        Posts of listed narratives: those of ``messages`` with ``narrative_id`` and ``bin``.
    messages : Messages
        Texts and links.
    given : DataFrame
        ``narrative_id`` and the ids its parts were given at first.
    totals : (n_bins,)
        All posts per bin.
    start_us : microseconds
        Start of the timeline.
    step_s : seconds
        Length of a bin.
    config : NarrativeConfig
        Settings.
    proved : mapping
        Account to finding; None = not known.
    background : String series, optional
        Texts that terms are told from, in order of time; None = those of ``messages``.
    """
    texts = _texts_of(told, messages)
    around = messages.texts["text"] if background is None else background
    terms = find_terms(texts.select("text", "n_posts", narrative="narrative_id"), background=around)
    facts: dict[str, Mapping[str, Any]] = {
        "terms": _lists(terms.select("narrative", "term"), "narrative"),
        "joined": _lists(given.join(told.select("narrative_id").unique(), on="narrative_id"), "narrative_id"),
        "languages": _tallies(_languages(told, texts), "lang"),
        "places": _tallies(told.drop_nulls("place"), "place"),
        "platforms": _tallies(told, "platform"),
        "sources": _tallies(_domains(told, messages), "domain"),
        "proved": _tallies(_proved(told, proved), "finding"),
        "quotes": _quotes(told, texts, terms),
    }
    sizes = (
        told.group_by("narrative_id")
        .agg(
            n=pl.len(), n_texts=pl.col("text_id").n_unique(), accounts=pl.col("account_id").n_unique(),
            first=pl.col("at_us").min(), last=pl.col("at_us").max(), bins="bin",
        )
        .sort(["n", "narrative_id"], descending=[True, False])
    )  # fmt: skip
    return [
        _narrative(
            row, facts, totals=totals, start_us=start_us, step_s=step_s, config=config, has_proved=proved is not None
        )
        for row in sizes.iter_rows(named=True)
    ]


def _narrative(
    row: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Any]],
    *,
    totals: I8,
    start_us: int,
    step_s: int,
    config: NarrativeConfig,
    has_proved: bool,
) -> ListedNarrative:
    name = str(row["narrative_id"])
    counts = np.bincount(np.asarray(row["bins"], np.int64), minlength=len(totals))
    filled = np.flatnonzero(counts)
    known = {what: found.get(name) for what, found in facts.items()}
    by_finding = dict(known["proved"] or {})
    return ListedNarrative(
        id=name,
        joined=list(known["joined"] or []),
        n_posts=int(row["n"]),
        n_texts=int(row["n_texts"]),
        n_accounts=int(row["accounts"]),
        first_seen=_instant(int(row["first"])),
        last_seen=_instant(int(row["last"])),
        terms=list(known["terms"] or []),
        languages=dict(known["languages"] or {}),
        places=dict(known["places"] or {}),
        sources=dict(known["sources"] or {}),
        platforms=dict(known["platforms"] or {}),
        first_bin=int(filled[0]),
        counts=counts[filled[0] : filled[-1] + 1].tolist(),
        bursts=_bursts(counts, totals, start_us=start_us, step_s=step_s, config=config),
        quotes=list(known["quotes"] or []),
        n_proved_posts=sum(by_finding.values()) if has_proved else None,
        proved=by_finding,
    )


def _instant(at_us: int) -> str:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bursts(counts: I8, totals: I8, *, start_us: int, step_s: int, config: NarrativeConfig) -> list[NarrativeBurst]:
    usual = counts.sum() / totals.sum()
    return [
        NarrativeBurst(
            start=_instant(start_us + burst.start * step_s * 1_000_000),
            end=_instant(start_us + burst.stop * step_s * 1_000_000),
            n_posts=int(counts[burst.start : burst.stop].sum()),
            share=round(float(counts[burst.start : burst.stop].sum() / totals[burst.start : burst.stop].sum()), 6),
            usual_share=round(float(usual), 6),
            weight=round(burst.weight, 3),
        )
        for burst in find_bursts(counts, totals, raise_by=config.burst_raise, gamma=config.burst_gamma)
    ]


def _texts_of(told: pl.DataFrame, messages: Messages) -> pl.DataFrame:
    """Return narrative_id, text_id, n_posts, text, lang, name of every message, in order of narrative and time."""
    counted = told.group_by("narrative_id", "text_id").agg(n_posts=pl.len(), at_us=pl.col("at_us").min())
    return counted.join(messages.texts, on="text_id").sort("narrative_id", "at_us", "text_id")


def _tallies(frame: pl.DataFrame, column: str) -> dict[str, dict[str, int]]:
    """Return, per narrative, how many posts have each value; most frequent first, ties by value, ten at most."""
    counted = (
        frame.group_by("narrative_id", column)
        .len()
        .sort(["narrative_id", "len", column], descending=[False, True, False])
    )
    kept = counted.filter(pl.int_range(pl.len()).over("narrative_id") < MOST_COUNTED)
    found: dict[str, dict[str, int]] = {}
    for name, value, n in kept.iter_rows():
        found.setdefault(name, {})[str(value)] = n
    return found


def _lists(frame: pl.DataFrame, key: str) -> dict[str, list[str]]:
    return {row[0]: row[1] for row in frame.group_by(key, maintain_order=True).all().iter_rows()}


def _languages(told: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return narrative_id, lang of posts: as declared, else computed for the first texts of each narrative."""
    declared = told.filter(pl.col("lang").is_not_null()).select("narrative_id", "lang")
    bare = told.filter(pl.col("lang").is_null()).select("narrative_id", "text_id")
    asked = texts.join(bare.unique(), on=["narrative_id", "text_id"], how="semi")
    asked = asked.filter(pl.int_range(pl.len()).over("narrative_id") < MAX_DETECTED)
    guessed = asked.select("narrative_id", "text_id").with_columns(detect_language(asked["text"])["lang"])
    return pl.concat([declared, bare.join(guessed, on=["narrative_id", "text_id"]).select("narrative_id", "lang")])


def _domains(told: pl.DataFrame, messages: Messages) -> pl.DataFrame:
    linked = told.select("narrative_id", "name").join(messages.links, on="name")
    domains = hosts_of(linked["page"]).select("page", "domain").drop_nulls()
    return linked.join(domains, on="page").select("narrative_id", "domain", "name").unique()


def _proved(told: pl.DataFrame, proved: Mapping[str, str] | None) -> pl.DataFrame:
    names = {"account_id": list(proved or {}), "finding": list((proved or {}).values())}
    known = pl.DataFrame(names, schema={"account_id": pl.String, "finding": pl.String})
    return told.join(known, on="account_id").select("narrative_id", "finding")


def _quotes(told: pl.DataFrame, texts: pl.DataFrame, terms: pl.DataFrame) -> dict[str, list[Quote]]:
    """Return the first text, the one most often copied and a typical one of each narrative, no text twice."""
    first = texts.unique("narrative_id", keep="first", maintain_order=True).with_columns(role=pl.lit("first"))
    ranked = texts.sort(["narrative_id", "n_posts", "at_us", "text_id"], descending=[False, True, False, False])
    copied = ranked.filter(pl.col("n_posts") > 1).unique("narrative_id", keep="first", maintain_order=True)
    typical = _typical(ranked, terms)
    chosen = pl.concat(
        [first, copied.with_columns(role=pl.lit("most-copied")), typical.with_columns(role=pl.lit("typical"))]
    ).unique(["narrative_id", "text_id"], keep="first", maintain_order=True)
    found: dict[str, list[Quote]] = {}
    for row in chosen.iter_rows(named=True):
        found.setdefault(row["narrative_id"], []).append(
            Quote(
                role=row["role"], post_id=row["name"], at=_instant(row["at_us"]), text=_cut(row["text"]),
                lang=row["lang"] or "", n_posts=row["n_posts"],
            )
        )  # fmt: skip
    return found


def _typical(ranked: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Return the text of each narrative that holds most of its terms, the shortest of equals."""
    some = ranked.filter(pl.int_range(pl.len()).over("narrative_id") < MAX_COMPARED)
    forms = normal_form(some["text"]).str.slice(0, 4_000).str.split(" ")
    held = (
        some.select("narrative_id", "text_id").with_columns(form=forms).explode("form").unique()
        .join(terms.select("form", "score", narrative_id="narrative"), on=["narrative_id", "form"])
        .sort("narrative_id", "text_id", "form")
        .group_by("narrative_id", "text_id", maintain_order=True).agg(pl.col("score").sum().round(6))
    )  # fmt: skip
    scored = some.join(held, on=["narrative_id", "text_id"]).with_columns(size=pl.col("text").str.len_chars())
    ordered = scored.sort(["narrative_id", "score", "size", "text_id"], descending=[False, True, False, False])
    return ordered.unique("narrative_id", keep="first", maintain_order=True).select(ranked.columns)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_QUOTE else text[:MAX_QUOTE].rstrip() + "…"
