"""The pages of narratives and of copies: escaped, offline, the same bytes, honest in three languages."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from dideban.findings.copying.attribution import Attribution
from dideban.findings.copying.model import Copies, Copy, Family, Flow, Item, Passage
from dideban.findings.narratives.model import ListedNarrative, NarrativeBurst, Narratives, Quote
from dideban.messages import Message
from dideban.report import render_copies, render_narratives

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x00&amp;"
NETWORK = re.compile(r"""(?:src|href)\s*=\s*["'](?!#|data:)|@import|url\((?!data:)|<base|fetch\(|XMLHttpRequest""")


def narratives(text: str = "A bridge is open", *, n: int = 2) -> Narratives:
    items = [
        ListedNarrative(
            id=f"n{number:016x}", joined=[], n_posts=30, n_texts=4, n_accounts=9, first_seen="2026-03-02T00:10:00Z",
            last_seen="2026-03-03T05:00:00Z", terms=[text, "پل"], languages={text: 20}, places={text: 3}, sources={text: 2},
            platforms={text: 30}, first_bin=1, counts=[5, 0, 25], n_proved_posts=6, proved={text: 6},
            bursts=[NarrativeBurst(start="2026-03-02T03:00:00Z", end="2026-03-02T04:00:00Z", n_posts=25, share=0.5,
                                   usual_share=0.2, weight=9.0)],
            quotes=[Quote(role="first", post_id="x/1", at="2026-03-02T00:10:00Z", text=text, lang='fa" onclick="x', n_posts=3)],
        )
        for number in range(n)
    ]  # fmt: skip
    return Narratives(
        items=items, start="2026-03-02T00:00:00Z", step_s=3600, totals=[10] * 12, n_posts=80, n_with_text=70,
        n_listed_posts=60, n_small=3, notes=[Message("sentence.english", text=text)], posts=pl.DataFrame(),
    )  # fmt: skip


def copies(text: str = "A bridge is open") -> Copies:
    line = Attribution(line=text, who=text, wire="", publisher="")
    first = Item(
        post_id="web/1", publisher=text, at="2026-03-02T00:00:00Z", url="javascript:alert(3)", title=text, lang="en",
        n_letters=300, attributions=[line],
    )  # fmt: skip
    later = replace(first, post_id="web/2", at="2026-03-02T01:00:00Z", publisher="other.example")
    copy = Copy(
        item=later, source=first, share=0.5, share_of_source=0.4, share_of_first=0.5, lag_s=3600.0, order_known=True,
        kind="no-line", passages=[Passage(part="same", text=text), Passage(part="gone", text=text), Passage(part="new", text=text)],
    )  # fmt: skip
    flow = Flow(
        source=text,
        publisher="other.example",
        n=1,
        n_no_line=1,
        n_wire=0,
        n_declared=0,
        median_lag_s=3600.0,
        mean_share=0.5,
    )
    return Copies(
        families=[Family(id="c1", first=first, first_known=True, copies=[copy])], flows=[flow], publishers={"other.example": text},
        n_texts=2, n_read=3, resolution_s=1.0, notes=[Message("sentence.english", text=text)],
    )  # fmt: skip


PAGES = [
    pytest.param(lambda text: render_narratives(narratives(text), title=text, version="1"), id="narratives"),
    pytest.param(lambda text: render_copies(copies(text), title=text, version="1"), id="copying"),
]


@pytest.mark.parametrize("render", PAGES)
def test_foreign_text_cannot_act(render) -> None:  # type: ignore[no-untyped-def]
    page = render(EVIL)
    assert page.count("<script") == 2  # the words and the one script of ours
    assert "<img" not in page
    assert "onerror" in page  # shown, not obeyed
    assert "\u202e" not in page
    assert "\x00" not in page
    assert 'onclick="x' not in page
    assert not re.search(r'href="javascript', page)


@pytest.mark.parametrize("render", PAGES)
def test_nothing_is_asked_of_a_network(render) -> None:  # type: ignore[no-untyped-def]
    page = render("A bridge is open")
    assert not NETWORK.search(page)
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert render("A bridge is open") == page


def test_figures_of_a_narrative_are_on_its_page() -> None:
    page = render_narratives(narratives())
    assert page.count('class="finding narrative"') == 2
    assert re.search(r'<span data-w="\d+">20%</span>', page)
    assert 'x="25.0%"' in page  # the burst begins in the fourth of twelve hours
    assert "M3.08 100V4.0h.84V100z" in page  # the tallest bar


def test_a_page_of_many_narratives_says_what_it_leaves_out() -> None:
    page = render_narratives(narratives(n=120))
    assert page.count('class="finding narrative"') == 100
    assert "100 of 120 are shown" in page
    assert "No narrative stands out" in render_narratives(replace(narratives(n=0), totals=[], start=""))


def test_a_copy_shows_what_was_changed_and_what_it_says() -> None:
    page = render_copies(copies())
    assert "<ins>A bridge is open</ins>" in page
    assert "<del>A bridge is open</del>" in page
    assert "no line of attribution found" in page
    empty = replace(copies(), families=[], flows=[])
    assert "No text holds a long passage" in render_copies(empty)
