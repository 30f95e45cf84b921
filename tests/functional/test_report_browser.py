"""The report opened in a real browser, from a file, as a reader does."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from browser import launched

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def load(name: str) -> ModuleType:
    """Import a module of the unit tests of the report by its path."""
    key = f"dideban_report_{name}"
    if key not in sys.modules:
        path = Path(__file__).parents[1] / "unit" / "report" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(key, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[key] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[key])
    return sys.modules[key]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as made:
        yield made


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page as usual, one with hostile text in every field, and one without findings."""
    folder = tmp_path_factory.mktemp("reports")
    make, page = load("fixtures"), load("test_page")
    usual = make.make_material()
    long = usual.findings[0].objects[0]
    object.__setattr__(long, "label", "https://example.org/" + "a" * 280)
    evil = page.poison(make, make.make_material(findings=[make.make_finding("small", n_accounts=4, n_operations=5)]))
    pages = {
        "usual": page.render(usual, title="Bridge week"),
        "evil": page.render(evil, title=page.HOSTILE),
        "empty": page.render(make.make_material(findings=[])),
    }
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, "utf-8")
    return {name: folder / f"{name}.html" for name in pages}


@pytest.fixture
def open_page(browser: Any, reports: dict[str, Path]) -> Iterator[Open]:
    """Open a report; on leaving, nothing may have been fetched and nothing may have been complained about."""
    pages, requests, complaints = [], [], []

    def open_(name: str = "usual", *, query: str = "", width: int = 1280, **options: Any) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 800}, **options)
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(reports[name].as_uri() + query)
        pages.append(page)
        return page

    yield open_
    for page in pages:
        page.close()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert len(set(requests)) <= 2 * len(pages)
    assert complaints == []


@pytest.mark.parametrize(
    ("name", "lang"),
    [("usual", "en"), ("usual", "fa"), ("usual", "ar"), ("evil", "en"), ("evil", "fa"), ("empty", "ar")],
)
def test_opens_quietly_and_fits_a_phone(open_page: Open, name: str, lang: str) -> None:
    page = open_page(name, query=f"?lang={lang}", width=360)
    assert page.locator("h1").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for button in page.locator("[data-view]").all():
        button.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_hostile_text_does_nothing(open_page: Open) -> None:
    page = open_page("evil")
    for control in page.locator("summary, [data-view], .unfold").all():
        control.click()
    field = page.locator("[data-field=operations]").first
    page.locator("[data-view=operations]").first.click()
    field.focus()
    page.keyboard.press("ArrowRight")
    page.locator("[data-set-lang=fa]").click()
    assert page.evaluate("window.owned") is None
    assert page.locator("img").count() == 0
    assert "window.owned=1" in page.locator("[data-readout]").nth(1).inner_text()


def test_injected_code_is_stopped_even_if_markup_came_through(browser: Any, reports: dict[str, Path]) -> None:
    html = reports["usual"].read_text("utf-8")
    holed = reports["usual"].with_name("holed.html")
    holed.write_text(
        html.replace("</main>", "<script>window.owned=1</script><img src=x onerror=window.owned=1></main>")
    )
    page = browser.new_page()
    page.goto(holed.as_uri())
    assert page.evaluate("window.owned") is None
    page.close()


@pytest.mark.parametrize(("lang", "direction"), [("fa", "rtl"), ("ar", "rtl"), ("en", "ltr")])
def test_language_switch(open_page: Open, lang: str, direction: str) -> None:
    page = open_page()
    page.locator("[data-set-lang=fa]").click()
    page.locator(f"[data-set-lang={lang}]").click()
    assert page.evaluate("[document.documentElement.dir, document.documentElement.lang]") == [direction, lang]
    assert page.locator(f"article [data-say={lang}]").first.is_visible()
    others = {"en", "fa", "ar"} - {lang}
    assert not any(page.locator(f"article [data-say={other}]").first.is_visible() for other in others)
    for patience_ms in (0, 1_000, 5_000):  # a busy browser stores the choice some time after the click
        page.locator(f"[data-set-lang={lang}]").click()
        page.wait_for_timeout(patience_ms)
        page.reload()
        if page.evaluate("document.documentElement.lang") == lang:
            break
    assert page.evaluate("document.documentElement.lang") == lang
    left = page.evaluate("""[...document.querySelectorAll('[data-w]')].map((e) => e.textContent)
        .filter((t) => /\\{\\w+\\}|undefined|NaN/.test(t))""")
    assert left == []


def test_english_comes_back_word_for_word(open_page: Open) -> None:
    page = open_page()
    before = page.locator("body").inner_text()
    page.locator("[data-set-lang=ar]").click()
    assert page.locator("body").inner_text() != before
    page.locator("[data-set-lang=en]").click()
    assert page.locator("body").inner_text() == before


def test_digits_follow_the_language(open_page: Open) -> None:
    page = open_page(query="?lang=fa")
    assert "۵ گروه" in page.locator("h1").inner_text()
    page.locator("[data-set-lang=ar]").click()
    assert "٥ مجموعات" in page.locator("h1").inner_text()


CONTRAST = """(limits) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data); };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, ix) => sum + v * [0.2126, 0.7152, 0.0722][ix], 0);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255, 255]; };
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || e.closest("noscript, script, style")) continue;
    const inside = e instanceof SVGElement;
    if (inside ? e.tagName !== "text" : ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(inside ? style.fill : style.color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < limits) bad.push([e.tagName, e.className.baseVal ?? e.className, e.textContent.slice(0, 30), ratio]);
  }
  return bad;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(open_page: Open, theme: str) -> None:
    page = open_page(query=f"?theme={theme}")
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate(CONTRAST, 4.5) == []


def test_theme_follows_the_system_and_the_switch(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("[data-set-theme=light]").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.locator("[data-set-theme=auto]").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_keyboard_reaches_everything(open_page: Open) -> None:
    page = open_page()
    wanted = page.evaluate("""[...document.querySelectorAll('a[href], button, summary, [tabindex="0"]')]
        .filter((e) => e.checkVisibility() && !e.hidden).map((e, ix) => { e.dataset.ix = ix; return ix; })""")
    reached = []
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.dataset.ix")
        if at is None:
            break
        reached.append(int(at))
    assert reached == wanted
    assert page.locator(".skip").get_attribute("href") == "#main"


def test_figures_are_read_with_arrow_keys(open_page: Open) -> None:
    page = open_page()
    section = page.locator("[data-timeline]").first
    field = section.locator("[data-field=calendar]")
    readout = section.locator("figure").first.locator("[data-readout]")
    field.focus()
    page.keyboard.press("End")
    rows = section.locator("[data-operations] tbody tr")
    last = rows.last.locator("td").first.text_content()
    assert f"Operation {last}" in readout.inner_text()
    page.keyboard.press("ArrowLeft")
    assert f"Operation {int(last) - 1}" in readout.inner_text()
    page.keyboard.press("Home")
    assert "Operation 1\n" in readout.inner_text() + "\n"


def test_figures_are_read_with_the_pointer(open_page: Open) -> None:
    page = open_page()
    section = page.locator("[data-timeline]").first
    section.locator("[data-view=operations]").click()
    canvas = section.locator("[data-field=operations] .canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    n = section.locator("[data-operations] tbody tr").count()
    page.mouse.move(box["x"] + box["width"] * 6.5 / n, box["y"] + 40)
    section.locator("figure").nth(1).locator("[data-readout]").filter(has_text="Operation 7").wait_for()


def test_joint_shares_stand_in_vertical_lines(open_page: Open) -> None:
    """The dots of one operation are within a few pixels of one line while other shares are spread out."""
    page = open_page()
    xs = page.evaluate("""[...document.querySelector('.ink .joint').getAttribute('d').matchAll(/M(\\d+) /g)]
        .map((m) => Number(m[1]))""")
    assert len(set(xs)) <= 2 * 31 < len(xs)


def test_long_tables_unfold(open_page: Open) -> None:
    page = open_page()
    table = page.locator("[data-fold]").first
    folded = table.locator("tr.folded").count()
    assert folded > 0
    table.locator("xpath=..").locator("xpath=following-sibling::button").click()
    assert table.locator("tr.folded").count() == 0


def test_everything_is_there_without_scripts(browser: Any, reports: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(reports["usual"].as_uri())
    assert page.locator("article [data-say=en]").first.is_visible()
    assert page.locator("figure[data-is=operations]").first.is_visible()
    assert page.locator("figure[data-is=delays]").first.is_visible()
    assert not page.locator(".controls").is_visible()
    context.close()


@pytest.mark.slow
def test_print_shows_every_view(open_page: Open) -> None:
    page = open_page()
    page.emulate_media(media="print")
    for view in ("calendar", "operations", "delays"):
        assert page.locator(f"figure[data-is={view}]").first.is_visible()
    assert not page.locator(".controls").is_visible()
