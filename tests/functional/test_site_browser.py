"""The built site in a real browser, from its own small server: light and dark, phone and print, without a script."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dideban.comments.limits import REASONS
from dideban.comments.pages import render
from dideban.comments.person_hints import KINDS, Hint
from dideban.comments.service import QueueGroup
from dideban.comments.site_pages import About
from dideban.site import export_site
from dideban.store import zip_package
from functional.program import dideban
from functional.site_sample import LANGUAGES, make_site
from functional.test_report_browser import browser
from functional.test_verify import made

__all__ = ["browser", "made"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(__file__).parents[1] / "room" / "board" / "vendor" / "axe.min.js"
PAGES = (
    "", "bulletins/water-rumour/", "lessons/chance-or-concert/", "stories/library/", "exercises/exercise-1/",
    "transparency/", "corrections/", "about/", "search/", "check/",
)  # fmt: skip
KIB = 1024


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def queue(lang: str) -> bytes:
    """Return the queue of moderators with a campaign that names somebody and links to letters of another script."""
    group = QueueGroup(
        cluster="x1", n=6, last_id=9, first={"name": "Reader", "body": "Words.\nMore words."}, flags="word",
        pages=("/fa/bulletins/water-rumour/",), is_together=True, hosts=("www.xn--pypal-4ve.com",),
        hints=tuple(Hint(kind=kind, text="سمير العبدلي and others") for kind in KINDS),
    )  # fmt: skip
    page, _ = render(
        "queue.html", lang=lang, title="Queue", script="queue.js", groups=[group, group], total=12, done=3,
        others=[(one, one) for one in LANGUAGES if one != lang], reasons=REASONS,
    )  # fmt: skip
    return page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Path:
    """The site, built; its newest bulletin rests on the package of a real finding."""
    home = tmp_path_factory.mktemp("site")
    site = make_site(zip_package(made, to=home / f"{made.name}.zip"))
    export_site(site, out=home / "built")
    about = About(title="آب", address="https://watch.example.org/fa/bulletins/water-rumour/")
    values = {"page": "/fa/x/", "token": "1.ab.cd", "bits": 12, "problem": "", "wait": 60, "about": about}
    for lang in LANGUAGES:
        form, _ = render("form.html", lang=lang, script="form.js", name="", body="", **values)
        (home / "built" / lang / "form.html").write_bytes(form)
        (home / "built" / lang / "queue.html").write_bytes(queue(lang))
    return home / "built"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


def opened(browser: Any, **options: Any) -> Any:
    return browser.new_context(bypass_csp=True, **options).new_page()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_is_open_to_everybody_and_fits_a_small_phone(
    browser: Any, address: str, lang: str, scheme: str
) -> None:
    """WCAG 2.2 AA by axe, and nothing wider than 360 pixels."""
    page = opened(browser, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    for path in (*PAGES, "form.html", "queue.html"):
        page.goto(f"{address}{lang}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        page.add_script_tag(path=str(AXE))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = page.evaluate("tags => axe.run({runOnly: tags})", tags)["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == [], path
    page.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_script_everything_is_there_to_read_and_no_page_weighs_much(
    browser: Any, folder: Path, address: str, lang: str
) -> None:
    page = opened(browser, java_script_enabled=False)
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(answer.body())))
    totals = []
    for path in PAGES:
        weights.clear()
        page.goto(f"{address}{lang}/{path}")
        totals.append(sum(weights))
        assert page.locator("h1").first.inner_text().strip(), path
    assert "water-rumour" in page.content() or page.locator("main").inner_text().strip()
    assert max(totals) < 100 * KIB, dict(zip(PAGES, totals, strict=True))
    assert sorted(totals)[len(totals) // 2] < 60 * KIB
    page.context.close()


def test_print_leaves_the_text_and_says_where_it_is_from(browser: Any, address: str) -> None:
    page = opened(browser)
    page.goto(f"{address}en/bulletins/water-rumour/")
    page.emulate_media(media="print")
    assert not page.locator("nav.sections").is_visible()
    assert page.locator(".only-print").is_visible()
    assert page.locator(".prose").is_visible()
    page.context.close()


def test_a_published_claim_is_checked_from_the_site_alone(
    browser: Any, folder: Path, address: str, tmp_path: Path
) -> None:
    """Follow the link of the claim, as a reader does; the package holds, and one changed byte does not."""
    page = opened(browser)
    page.goto(f"{address}en/bulletins/water-rumour/")
    with page.expect_download() as waiting:
        page.locator(".claim a[download]").click()
    waiting.value.save_as(tmp_path / "finding.zip")
    assert f"dideban verify {waiting.value.suggested_filename}" in page.locator(".claim .cmd").inner_text()
    held = dideban("verify", tmp_path / "finding.zip")
    assert held.returncode == 0, held.stderr
    page.goto(f"{address}en/check/")
    page.locator("#file").set_input_files(tmp_path / "finding.zip")
    page.locator("#out").filter(has_text="finding.zip").wait_for()
    page.locator("#start").click()
    page.locator("#out").filter(has_text="(").wait_for()
    assert page.locator("#out").inner_text().startswith(page.locator("#checker").get_attribute("data-check-good"))
    data = bytearray((tmp_path / "finding.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "finding.zip").write_bytes(data)
    page.locator("#file").set_input_files([])
    page.locator("#file").set_input_files(tmp_path / "finding.zip")
    unknown = page.locator("#checker").get_attribute("data-check-unknown-file")
    page.locator("#out").filter(has_text=unknown).wait_for()
    assert dideban("verify", tmp_path / "finding.zip").returncode != 0
    page.context.close()


def test_a_mirror_with_one_changed_byte_is_told_in_the_browser_too(browser: Any, folder: Path, address: str) -> None:
    page = opened(browser)
    path = folder / "robots.txt"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"Allow", b"Allox"))
    try:
        page.goto(f"{address}fa/check/")
        page.locator("#start").click()
        page.locator("#out").filter(has_text="robots.txt").wait_for()
    finally:
        path.write_bytes(before)
        page.context.close()
