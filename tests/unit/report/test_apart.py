"""What is ordinary stands apart, pairs explain a finding, and what a run says of itself is said in every language."""

from __future__ import annotations

import dataclasses
import re

import pytest

from dideban.findings.model import BenignCheck, Finding, PairEvidence
from dideban.messages import Message, describe, translations
from dideban.messages.catalogues import catalogue
from dideban.report import render_report, words

FEED = BenignCheck(
    check="feed-cross-posting", outcome="explains", detail="seen", details={"en": "seen", "fa": "دیده", "ar": "رُصد"}
)


def beginning(key: str) -> str:
    """Return how the page begins to say ``key`` in English, up to the first value."""
    forms = catalogue("en").texts[words.message(key).code]
    text = forms if isinstance(forms, str) else forms["other"]
    return max(re.split(r"\{\w+\}", text), key=len)


def render(material, findings: list[Finding], **run: object) -> str:
    return render_report(
        findings, run={**material.run, **run}, posts=material.posts, shares=material.shares, edges=material.edges
    )


def with_lead(finding: Finding, number: int, *, ordinary: bool) -> Finding:
    return dataclasses.replace(
        finding, lead=True, n_objects=finding.n_objects + number, benign=[FEED] if ordinary else [], error_rate=None
    )


@pytest.fixture(scope="module")
def material(make):
    return make.make_material(findings=[make.make_finding("small", n_accounts=5, n_operations=6, others=3)])


@pytest.fixture(scope="module")
def plain(material) -> Finding:
    return dataclasses.replace(next(f for f in material.findings if not f.lead), benign=[])


def test_leads_that_look_ordinary_are_folded_behind_the_others(material, plain: Finding) -> None:
    leads = [with_lead(plain, n, ordinary=n != 3) for n in range(1, 5)]
    page = render(material, [*leads, plain])
    order = [page.index(name) for name in (plain.id, leads[2].id)]
    cut = page.index('<details class="more-leads">')
    assert order[0] < cut
    assert f'href="#{leads[2].id}"' in page
    assert all(page.index(f'id="{lead.id}"') > cut for lead in leads if lead.ordinary)
    assert "and 3 more leads that an ordinary explanation would produce" in page
    assert page.count("<details") == page.count("</details>")
    assert f'<article class="finding is-lead" id="{leads[0].id}"' not in page, "not shown in full"


def test_where_every_lead_looks_ordinary_none_is_folded(material, plain: Finding) -> None:
    leads = [with_lead(plain, n, ordinary=True) for n in range(1, 3)]
    page = render(material, leads)
    assert 'more-leads"' not in page.partition("</style>")[2]
    assert all(f'id="{lead.id}"' in page for lead in leads)


def test_findings_are_counted_apart(material, plain: Finding) -> None:
    feeds = [dataclasses.replace(plain, n_objects=900 + n, benign=[FEED]) for n in range(2)]
    page = render(material, [*feeds, plain])
    assert "1 has no ordinary explanation; 2 look like" in page
    body = page[page.index('aria-labelledby="list-findings"') :]
    assert body.index(plain.id) < body.index(feeds[0].id)
    assert beginning("apart") not in render(material, [plain])


def test_pairs_and_members_by_little_evidence(material, plain: Finding) -> None:
    a, b, c = plain.accounts[:3]
    pairs = [
        PairEvidence(
            account_a=a,
            account_b=b,
            kind="link",
            scale_s=60.0,
            n_blocks=16,
            n_near=12,
            expected=3.25,
            p_value=1e-6,
            e_value=900.0,
        ),
        PairEvidence(
            account_a=a,
            account_b=c,
            kind="link",
            scale_s=60.0,
            n_blocks=0,
            n_near=0,
            expected=0.0,
            p_value=1.0,
            e_value=1.0,
        ),
    ]
    page = render(material, [dataclasses.replace(plain, pairs=pairs, n_pairs=91, weak_members=[c])])
    section = page[page.index('<table class="pairs"') :]
    section = section[: section.index("</section>")]
    assert "3.25" in section
    assert 'width="75.0%"' in section
    assert 'x1="20.31%"' in section
    assert beginning("weak_members") in section
    assert "The first 2 of 91 pairs are listed." in page
    assert '<table class="pairs"' not in render(material, [plain])


def test_notes_and_reasons_are_said_in_every_language(material, plain: Finding) -> None:
    note = Message("note.blocks-crowded", n=1200)
    reason = Message("note.nobody-close", n=41)
    check = {
        "n_found": 0,
        "n_found_shuffled": 0,
        "n_shuffles": 1,
        "enough_data": True,
        "reason": describe(reason),
    }
    page = render(material, [plain], notes=[describe(note)], selfcheck=check)
    for said in (translations(note), translations(reason)):
        for lang, text in said.items():
            assert re.search(rf'<p data-say="{lang}"[^>]*>{re.escape(text)}</p>', page), (lang, text)


def test_what_became_of_groups_is_told(material, plain: Finding) -> None:
    events = [
        {"event": "grew", "group_id": "g0000000000000001", "other_ids": [], "n_before": 5, "n_after": 6, "n_stayed": 5},
        {"event": "merged", "group_id": "g0000000000000002", "other_ids": ["g0000000000000001"], "n_before": 4, "n_after": 0, "n_stayed": 3},
    ]  # fmt: skip
    page = render(
        material,
        [dataclasses.replace(plain, group_id="g0000000000000001")],
        groups={"followed": True, "events": events},
    )
    assert beginning("event_grew") in page
    assert "→ g0000000000000001" in page
    assert "5 accounts before, 6 now, 5 of them the same" in page
    assert beginning("groups_since") not in render(material, [plain], groups={"followed": False, "events": events})


def test_leads_stand_beside_what_exchanged_pace_gives(material, plain: Finding) -> None:
    check = {"n_found": 1, "n_found_shuffled": 0, "n_shuffles": 1, "n_leads_shuffled": 7}
    lead = with_lead(plain, 1, ordinary=False)
    assert "so that none is true: 7." in render(material, [plain, lead], selfcheck=check)
    assert beginning("leads_checked") not in render(material, [plain], selfcheck=check)
