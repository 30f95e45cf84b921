from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dideban.messages import Message, catalogues, describe, languages
from dideban.report import page as page_module
from dideban.report import render_report, words
from dideban.report.page import environment
from dideban.schema import EDGES, POSTS, SHARES

HOSTILE = (
    "</script></style><script>window.owned=1</script><img src=x onerror=window.owned=1>\u202e\u2028\x00'\"&{{7*7}}"
)


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and the text in each of a few."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "h1": []}
        self._said: list[str] = []
        self._open = ""
        self.feed(html)
        self.text = "".join(self._said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.inside:
            self._open = tag
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open][-1] += data
        if self._open not in {"script", "style"}:
            self._said.append(data)

    def having(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.elements if t == tag and wanted.items() <= a.items()]


def render(material: Any, *, title: str = "") -> str:
    return render_report(
        material.findings,
        run=material.run,
        posts=material.posts,
        shares=material.shares,
        edges=material.edges,
        title=title,
    )


@pytest.fixture(scope="module")
def html(make: Any) -> str:
    return render(make.make_material(), title="Bridge week")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def small(make: Any, **changes: Any) -> Any:
    material = make.make_material(findings=[make.make_finding("small", n_accounts=4, n_operations=5, others=3)])
    return dataclasses.replace(material, **changes)


def test_the_page_asks_nothing_of_a_network(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in {"iframe", "object", "embed", "form", "img", "video", "audio", "base"}
        assert not {"src", "srcset", "style", "ping", "action", "formaction"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        href = attributes.get("href")
        if href is not None and not href.startswith(("#", "data:,")):
            assert tag == "a"
            assert {"noreferrer", "noopener", "nofollow"} <= set((attributes["rel"] or "").split())
    style = page.inside["style"][0]
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_names_the_two_texts_by_hash_and_nothing_else(page: Page) -> None:
    (policy,) = page.having("meta", **{"http-equiv": "Content-Security-Policy"})
    content = policy["content"] or ""
    active = [text for text, (_, a) in zip(page.inside["script"], scripts(page), strict=True) if "type" not in a]
    for name, text in (("script-src", active[0]), ("style-src", page.inside["style"][0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}';" in content
    assert len(active) == 1
    assert content.startswith("default-src 'none';")
    assert "unsafe" not in content


def scripts(page: Page) -> list[tuple[str, dict[str, str | None]]]:
    return [(tag, attributes) for tag, attributes in page.elements if tag == "script"]


def test_ids_are_unique_and_every_inner_link_leads_somewhere(page: Page) -> None:
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for attributes in page.having("a"):
        if (attributes["href"] or "").startswith("#"):
            assert (attributes["href"] or "")[1:] in ids
    for _, attributes in page.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in ids


def test_every_finding_is_on_the_page_in_three_languages(page: Page, make: Any) -> None:
    for finding in make.make_material().findings:
        assert page.having("article", id=finding.id)
        for lang in ("en", "fa", "ar"):
            assert finding.statement[lang] in page.text


def test_leads_stand_behind_findings(html: str, make: Any) -> None:
    material = make.make_material()
    lead = next(f for f in material.findings if f.lead)
    claims = [f for f in material.findings if not f.lead]
    turned = dataclasses.replace(material, findings=[lead, *claims])
    places = [m.group(1) for m in re.finditer(r'<article class="[^"]*" id="(\w+)"', render(turned))]
    assert places == [*(f.id for f in claims), lead.id]


def test_the_same_bytes_whatever_the_order_of_rows(html: str, make: Any) -> None:
    material = make.make_material()
    shuffled = {
        name: getattr(material, name).sample(fraction=1, shuffle=True, seed=5) for name in ("posts", "shares", "edges")
    }
    assert render(dataclasses.replace(material, **shuffled), title="Bridge week") == html


def test_hostile_text_is_inert_in_every_field(make: Any) -> None:
    material = small(make)
    plain = Page(render(material))
    evil = Page(render(poison(make, material), title=HOSTILE))
    assert len(scripts(evil)) == len(scripts(plain)) == 2
    assert not evil.having("img")
    assert evil.inside["script"][1] == plain.inside["script"][1]
    assert "window.owned" not in evil.inside["script"][0]
    assert not [name for _, a in evil.elements for name in a if name.startswith("on")]
    assert "\u202e" not in evil.text
    assert "{{7*7}}" in evil.text
    assert evil.text.count("window.owned=1") > 20


def poison(make: Any, material: Any) -> Any:
    """Put hostile text into every text field that can hold one."""
    finding = material.findings[0]
    names = {account: f"{ix}{HOSTILE}" for ix, account in enumerate(finding.accounts)}
    rename = pl.col("account_id").replace(names)
    objects = [
        dataclasses.replace(o, label=HOSTILE, template=[{"text": HOSTILE}, {"slot": [HOSTILE] * 5}] if ix else None)
        for ix, o in enumerate(finding.objects)
    ]
    evil = dataclasses.replace(
        finding,
        accounts=sorted(names.values()),
        leaders=[dataclasses.replace(leader, account_id=names[leader.account_id]) for leader in finding.leaders],
        objects=objects,
        benign=[dataclasses.replace(check, detail=HOSTILE, check=HOSTILE) for check in finding.benign],
        techniques=[{"id": HOSTILE, "name": HOSTILE}],
        statement=dict.fromkeys(("en", "fa", "ar"), HOSTILE),
    )
    run = {
        **material.run,
        "version": HOSTILE, "config_digest": HOSTILE, "method_version": HOSTILE, "notes": [{"code": HOSTILE, "values": {}, "text": {"en": HOSTILE}}],
        "inputs": [{"name": HOSTILE, "sha256": HOSTILE, "shape": HOSTILE, "mapping": {HOSTILE: HOSTILE}}],
        "selfcheck": {**material.run["selfcheck"], "reason": {"code": HOSTILE, "values": {}, "text": {"en": HOSTILE}}},
        "counts": {"traces": {HOSTILE: 1}},
        "versions": {HOSTILE: HOSTILE},
    }  # fmt: skip
    bad = pl.lit(HOSTILE)
    posts = material.posts.with_columns(rename, text=bad, lang=bad, platform=pl.lit("x"), urls=pl.concat_list(bad))
    shares = material.shares.with_columns(rename, finding_id=pl.lit(evil.id))
    edges = material.edges.with_columns(pl.col("account_a", "account_b").replace(names))
    return dataclasses.replace(material, findings=[evil], run=run, posts=posts, shares=shares, edges=edges)


REASON = describe(Message("note.not-enough", n=41, most=912, least=3280))


@pytest.mark.parametrize(
    ("selfcheck", "sentence"),
    [
        ({"n_found": 0, "n_found_shuffled": 0, "enough_data": True}, "Nothing was found"),
        ({"n_found": 0, "enough_data": False, "reason": REASON}, "not enough data to decide"),
        ({}, "Nothing was found"),
    ],
)
def test_without_findings_the_page_says_why(make: Any, selfcheck: dict[str, Any], sentence: str) -> None:
    page = Page(render(make.make_material(findings=[], selfcheck=selfcheck)))
    assert sentence in page.inside["h1"][0]
    assert not selfcheck.get("reason") or REASON["text"]["fa"] in page.text
    assert not page.having("article")


def test_only_leads_is_not_a_finding(make: Any) -> None:
    page = Page(render(make.make_material(findings=[make.make_finding("weak", n_accounts=4, lead=True)])))
    assert page.inside["h1"][0].strip().startswith("No finding")
    assert "expected to be wrong" not in page.text.split("1 lead with")[0]


@pytest.mark.parametrize(("shuffled", "warned"), [(0, False), (1, True)])
def test_findings_in_shuffled_copies_are_pointed_out(make: Any, shuffled: int, warned: bool) -> None:
    check = {"n_found": 5, "n_found_shuffled": shuffled, "n_shuffles": 1, "enough_data": True}
    page = Page(render(make.make_material(selfcheck=check)))
    assert ("Read this list with caution" in page.text) == warned
    assert "found in a shuffled copy" in page.text


@pytest.mark.parametrize("method", ["threshold", "coortweet", "qut"])
def test_a_rule_states_no_error_rate(make: Any, method: str) -> None:
    made = [make.make_finding("rule", n_accounts=4, n_operations=4, method=method)]
    page = Page(render(make.make_material(findings=made, method=method)))
    assert "This rule states no error rate" in page.text
    assert "At most" not in page.text
    assert "pass" in page.inside["h1"][0]


def test_nothing_but_the_finding_is_needed(make: Any) -> None:
    material = small(make)
    html = render_report(
        material.findings, run={}, posts=POSTS.empty(), shares=SHARES.empty(), edges=EDGES.empty()
    )  # fmt: skip
    text = Page(html).text
    for sentence in ("no timeline to draw", "No ties between members", "No posts to show", "No self-check"):
        assert sentence in text


def test_empty_and_endless_text(make: Any) -> None:
    material = small(make)
    texts = pl.Series("text", [None, "", "   ", "x" * 5000, "پ" * 5000][: material.posts.height])
    rest = material.posts["text"][len(texts) :]
    page = Page(render(dataclasses.replace(material, posts=material.posts.with_columns(pl.concat([texts, rest])))))
    assert page.text.count("no text") >= 2
    assert "x" * 1000 + "…" in page.text
    assert "x" * 1001 not in page.text


def test_the_proof_comes_first_and_cuts_are_said(make: Any) -> None:
    made = make.make_finding("long", n_accounts=20, n_operations=30, others=0)
    material = make.make_material(findings=[made])
    page = Page(render(material))
    assert len(page.having("li", **{"class": "is-proof"})) == len(made[0].posts)
    total = material.shares.filter("is_joint")["post_id"].n_unique()
    assert f"200 of {total} are shown" in page.text


def test_account_ids_are_said_to_be_pseudonyms_or_not(make: Any) -> None:
    assert "under pseudonyms" in Page(render(small(make))).text
    material = small(make)
    material.run["keep_ids"] = True
    assert "as in the source" in Page(render(material)).text


@pytest.mark.slow
@pytest.mark.no_cover
def test_a_thousand_findings_stay_within_bounds(make: Any) -> None:
    one = make.make_finding("seed", n_accounts=6, n_operations=8, others=4)
    finding, _, shares = one
    many = [(dataclasses.replace(finding, n_objects=8 + ix), [], shares) for ix in range(1000)]
    material = make.make_material(findings=many)
    html = render(material)
    page = Page(html)
    assert len(html.encode()) < 15_000_000
    assert len(page.having("article")) == page_module.MAX_FULL
    assert len(page.having("li", **{"class": "card"})) == 1000
    assert "first 50 findings in full" in page.text


def test_large_findings_leave_room_for_the_rest(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "FULL_BYTES", 150_000)
    material = make.make_material()
    page = Page(render(material))
    assert 1 <= len(page.having("article")) < len(material.findings)
    assert len(page.having("li", **{"class": "card"})) + len(page.having("li", **{"class": "card is-lead"})) == 6


def test_the_words_travel_with_the_page(page: Page) -> None:
    (data,) = [t for t, (_, a) in zip(page.inside["script"], scripts(page), strict=True) if a.get("id") == "words"]
    words = json.loads(data)
    for _, attributes in page.elements:
        for name in ("data-w", "data-wl"):
            if attributes.get(name):
                said = [texts[int(attributes[name])] for texts in words["texts"].values()]
                assert all(said)
    assert set(words["texts"]) == set(words["languages"]) == set(languages())


def declared(owner: str = "Harbour Press", *, findings: tuple[str, ...] = ()) -> dict[str, Any]:
    kind = {
        "kind": "text", "n_objects": 40, "n_joint": 31, "n_later": 33, "n_minute": 2, "n_hour": 20, "n_day": 33,
        "median_lag_s": 1_500.0, "inside": 0.82, "outside": 0.55,
    }  # fmt: skip
    bare = {**kind, "kind": "link", "median_lag_s": None, "inside": None, "outside": None}
    return {
        "owner": owner, "owner_kind": "brand", "n_declared": 4, "accounts": ["a", "b", "c"], "kinds": [kind, bare],
        "findings": list(findings), "share": 0.82,
    }  # fmt: skip


def test_declared_networks_open_the_page(make: Any) -> None:
    material = small(make)
    finding = material.findings[0].id
    networks = [declared(findings=(finding, "f0000000000000000")), declared("Second House")]
    html = render(dataclasses.replace(material, run={**material.run, "declared_networks": networks}))
    seen = Page(html)
    places = [html.index(text) for text in ('id="declared"', "Harbour Press", "Second House", 'id="list-findings"')]
    assert places == sorted(places)
    assert "82%" in seen.text
    assert "55%" in seen.text
    assert {"href": f"#{finding}"}.items() <= seen.having("a", **{"class": "id"})[0].items()
    assert seen.having("a", href="#f0000000000000000") == []  # a finding that this page does not hold
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    assert len(ids) == len(set(ids))


def test_no_declared_networks_no_section(html: str, make: Any) -> None:
    assert 'id="declared"' not in html
    material = small(make)
    assert 'id="declared"' not in render(dataclasses.replace(material, run={**material.run, "declared_networks": []}))


def test_names_of_owners_are_escaped_and_cut_and_their_number_too(make: Any) -> None:
    material = small(make)
    networks = [declared(HOSTILE + "x" * 1_000), *(declared(f"House {i}") for i in range(150))]
    html = render(dataclasses.replace(material, run={**material.run, "declared_networks": networks}))
    assert "window.owned=1</script>" not in html
    assert "x" * 200 not in html
    assert html.count('<li class="declared">') == 100
    assert "of 151" in Page(html).text


def test_a_new_language_needs_its_catalogue_alone(make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in catalogues.FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    german = (tmp_path / "en.toml").read_text("utf-8").replace('name = "English"', 'name = "Deutsch"')
    (tmp_path / "de.toml").write_text(german.replace('"Skip to the content"', '"Zum Inhalt"'), "utf-8")
    caches = (catalogues.languages, catalogues.catalogue, words._texts, environment)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    try:
        for cache in caches:
            cache.cache_clear()
        page = Page(render(small(make)))
    finally:
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()
    table = json.loads(page.inside["script"][0])
    assert "Zum Inhalt" in table["texts"]["de"]
    assert [a["lang"] for a in page.having("button") if a.get("data-set-lang")] == ["en", "ar", "de", "fa"]
    assert "Deutsch" in page.text
