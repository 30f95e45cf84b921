"""Article pages about invented events, with known copies among them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from dideban.simulate import texts
from dideban.simulate.draws import generator

SITES = ("alder-herald.example", "osk-courier.example", "mill-lane-post.example", "north-echo.example")
NAMES = {"alder-herald.example": "Alder Herald", "osk-courier.example": "Osk Courier"}
LINES = {
    "en": ("As reported by Alder Herald, the matter is not closed.", "MARROWBY (Reuters) - The matter is not closed."),
    "fa": ("به گزارش Alder Herald، این ماجرا بسته نشده است.", "به گزارش خبرگزاری رویترز، این ماجرا بسته نشده است."),
    "ar": ("نقلاً عن Alder Herald، لم تنته القضية بعد.", "نقلاً عن وكالة رويترز، لم تنته القضية بعد."),
}
KINDS = ("no-line", "declared", "wire", "half", "unrelated")
BODY = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{url}"><meta property="og:site_name" content="{name}">
<meta property="article:published_time" content="{at}"></head>
<body><nav><a href="/">Home</a></nav><article><h1>{title}</h1>{paragraphs}</article><footer>All rights</footer></body></html>
"""


@dataclass(frozen=True)
class Page:
    name: str
    markup: str
    site: str
    at: datetime
    kind: str
    story: int


def make_pages(*, seed: int = 1, n_stories: int = 6) -> Iterator[Page]:
    """Per story and language an original, then one page of each kind, an hour apart, each by another site."""
    rng = generator(seed, "articles")
    for story in range(n_stories):
        lang = ("en", "fa", "ar")[story % 3]
        paragraphs = _paragraphs(rng, lang)
        at = datetime(2026, 3, 2, 7, 10, tzinfo=UTC) + timedelta(days=story)
        declared, wire = LINES[lang]
        # whoever copies a wire story copies one that says so
        yield _page("original", SITES[0], at, lang, story, paragraphs)
        for number, kind in enumerate(KINDS, start=1):
            own = _paragraphs(rng, lang)
            body = {
                "no-line": [*_edited(paragraphs)],
                "declared": [declared, *paragraphs],
                "half": [*paragraphs[:3], *own[:3]],
                "unrelated": own,
                "wire": [wire, *own],
            }[kind]
            site = SITES[1 + number % 3]
            yield _page(kind, site, at + timedelta(hours=number), lang, story, body)
            if kind == "wire":
                yield _page("wire-copy", SITES[1 + (number + 1) % 3], at + timedelta(hours=9), lang, story, body)


def write_pages(folder: Path, **how: int) -> list[Page]:
    pages = list(make_pages(**how))
    for page in pages:
        (folder / page.name).write_text(page.markup, "utf-8")
    return pages


def _paragraphs(rng: np.random.Generator, lang: str) -> list[str]:
    sentences = texts.message(rng, lang, rng.integers(0, texts.n_topics(lang), 18)).to_list()
    return [" ".join(sentences[i : i + 3]) for i in range(0, 18, 3)]


def _edited(paragraphs: list[str]) -> list[str]:
    """Leave out a paragraph and put other words at two places."""
    return [paragraphs[0] + " Nobody was hurt.", *paragraphs[1:4], "And so on. " + paragraphs[5]]


def _page(kind: str, site: str, at: datetime, lang: str, story: int, paragraphs: list[str]) -> Page:
    title = paragraphs[-1][:60]
    url = f"https://{site}/{lang}/{story}-{kind}"
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    markup = BODY.format(
        lang=lang, title=html.escape(title), url=url, name=NAMES.get(site, ""), at=at.isoformat(), paragraphs=body
    )
    return Page(f"{story}-{kind}-{site}.html", markup, site, at, kind, story)
