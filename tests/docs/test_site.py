"""The documentation site: every link holds, nothing is fetched, search finds words of the three languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from browser import launched

ROOT = Path(__file__).resolve().parents[2]
FETCHED = re.compile(r"<(?:script|img|source|iframe|link)\b[^>]*\b(?:src|srcset|href)=\"?(?:https?:)?//[^\s\">]+")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built in strict mode: a broken link or anchor fails the build."""
    out = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return out


def test_every_page_is_on_the_site(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in ROOT.glob("docs/**/*.md")}
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert sorted(pages - built) == []
    assert {"readme.html", "fa/index.html", "ar/index.html", "glossary.html", "changelog.html"} <= built


def test_every_page_is_in_the_menu(site: Path) -> None:
    menu = (site / "index.html").read_text("utf-8").split('data-md-component="sidebar"')[1]
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    linked = set(re.findall(r'href="?([^"#\s>]+\.html)', menu))
    assert sorted(built - linked) == []


def test_no_page_fetches_anything(site: Path) -> None:
    found = {
        match
        for path in site.rglob("*.html")
        for match in FETCHED.findall(path.read_text("utf-8"))
        if 'rel="canonical"' not in match
    }
    assert found == set()
    assert not any('class="mermaid"' in path.read_text("utf-8") for path in site.rglob("*.html"))


@pytest.mark.parametrize(("page", "language"), [("fa/index.html", "fa"), ("ar/index.html", "ar")])
def test_persian_and_arabic_pages_run_from_right_to_left(site: Path, page: str, language: str) -> None:
    text = (site / page).read_text("utf-8")
    assert re.search(rf'<html lang="{language}"', text)
    assert re.search(r'<body dir="rtl"', text)
    assert "```" not in text, "code in a right-to-left page is left as it was written"
    assert not re.search(r">\s*(Search|Table of contents|Take part)\s*<", text)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("یافته", "fa/index.html"),
        ("پیوند", "fa/index.html"),
        ("سردية", "glossary.html"),
        ("المنشورات", "ar/index.html"),
        ("synchrony", "methods/synchrony.html"),
    ],
)
def test_search_works_from_the_disk(site: Path, query: str, page: str) -> None:
    with launched() as browser:
        tab = browser.new_context(offline=True).new_page()
        fetched: list[str] = []
        tab.on("request", lambda request: fetched.append(request.url))
        tab.goto((site / "index.html").as_uri())
        tab.click(".md-search__input")
        tab.keyboard.insert_text(query)
        tab.keyboard.press("Shift")  # search answers to keys; text put in by a program presses none
        tab.wait_for_selector(".md-search-result__link")
        found = [link.get_attribute("href") or "" for link in tab.query_selector_all(".md-search-result__link")]
    assert any(page in link for link in found), found
    assert [url for url in fetched if not url.startswith(("file:", "data:", "about:"))] == []
