"""Exercises and the form of comments in a real browser: by keyboard, without a network, in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dideban.comments.pages import render
from dideban.comments.proof_of_work import is_done
from dideban.comments.site_pages import About
from dideban.exercises import make_set, score_of
from dideban.exercises.outputs import files_of
from functional.test_report_browser import browser  # noqa: F401 - one browser for the module
from unit.exercises.cases import make_case

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[1] / "room" / "board" / "vendor" / "axe.min.js"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = {lang: make_set([make_case(1), make_case(2)], lang=lang, seed=1, n=5) for lang in ("en", "ar", "fa")}
    home = tmp_path_factory.mktemp("exercises")
    for name, data in files_of(made).items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(data)
    form, _ = render(
        "form.html", lang="fa", script="form.js", page="/fa/bulletins/x/", token="1.ab.cd", bits=12, problem="", wait=60,
        name="", body="", about=About(title="پل", address="https://watch.example.org/fa/bulletins/x/"),
    )  # fmt: skip
    (home / "form.html").write_bytes(form)
    return home


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:  # noqa: F811
    context = browser.new_context(viewport={"width": 390, "height": 800}, offline=True, color_scheme="dark")
    made = context.new_page()
    made.problems = []
    made.on("console", lambda message: made.problems.append(message.text) if message.type == "error" else None)
    made.on("pageerror", lambda error: made.problems.append(str(error)))
    yield made
    assert made.problems == []
    context.close()


def test_an_exercise_is_done_by_keyboard_with_the_network_off(page: Any, folder: Path) -> None:
    page.goto((folder / "fa" / "exercise-01.html").as_uri())
    n = page.locator("form#questions > fieldset").count() - 1  # the last asks how they know
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#questions input").first.focus()
    for _ in range(n):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    for _ in range(20):
        if page.evaluate("document.activeElement.type") == "submit":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "result"
    said = page.locator(".said:visible")
    assert said.count() == n
    result = page.inner_text("#result")
    assert "درست" in result
    assert re.search("[۰-۹]", result)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_item_checked_rightly_is_right(page: Any, folder: Path) -> None:
    for number in range(1, 6):
        page.goto((folder / "en" / f"exercise-{number:02d}.html").as_uri())
        page.evaluate(
            "data.items.forEach((i) => { form.querySelector(`input[name='i${i.id}'][value='${i.key}']`).checked = true })"
        )
        page.click("button[type=submit]")
        n, m = re.findall(r"(\d+) of (\d+) right", page.inner_text("#result"))[0]
        assert n == m
        assert page.locator(".said.bad:visible").count() == 0


def test_the_score_page_says_what_the_program_says(page: Any, folder: Path) -> None:
    page.goto((folder / "en" / "score.html").as_uri())
    for name, value in (("sheets", 120), ("signals", 480), ("hits", 330), ("noises", 480), ("false", 120)):
        page.fill(f"input[name=before-{name}]", str(value))
    page.fill("input[name=after-sheets]", "12")
    page.click("button[type=submit]")
    text = page.inner_text("#result")
    score = score_of(n_signal=480, n_hits=330, n_noise=480, n_false=120)
    assert f"d' = {score.d_prime:.2f} (95% interval {score.interval[0]:.2f} to {score.interval[1]:.2f})" in text
    assert f"Criterion = {score.criterion:.2f}" in text
    assert "Fewer than 20 sheets" in text


def test_a_sheet_prints_on_two_sides_with_the_answers_apart(page: Any, folder: Path) -> None:
    page.goto((folder / "ar" / "exercise-01.html").as_uri())
    page.emulate_media(media="print")
    assert page.locator(".sheet").is_visible()
    assert not page.locator("button[type=submit]").is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.sheet')).breakBefore") == "page"


@pytest.mark.parametrize("lang", ["en", "fa", "ar"])
def test_every_form_prints_on_one_page_and_its_answers_on_another(page: Any, folder: Path, lang: str) -> None:
    """On both papers that schools have: A4 is higher, Letter is wider."""
    titles = set()
    for number in range(1, 6):
        page.goto((folder / lang / f"exercise-{number:02d}.html").as_uri())
        titles.add(page.inner_text("h1"))
        for paper in ("A4", "Letter"):
            assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))) == 2, (number, paper)
    assert len(titles) == 5


def test_the_script_of_the_form_does_the_work_that_the_process_checks(page: Any, folder: Path) -> None:
    page.goto((folder / "form.html").as_uri())
    page.fill("textarea", "نظر")  # the work begins when somebody begins to write
    page.wait_for_function("document.querySelector('[name=answer]').value !== ''")
    assert is_done("1.ab.cd", page.input_value("input[name=answer]"), bits=12)


@pytest.mark.parametrize(
    "name",
    [
        "en/exercise-01.html",
        "fa/exercise-02.html",
        "ar/exercise-04.html",
        "fa/course.html",
        "ar/guide.html",
        "en/score.html",
        "form.html",
    ],
)
def test_axe_finds_nothing(page: Any, folder: Path, name: str) -> None:
    if not AXE.exists():
        pytest.skip("axe is not here")
    page.goto((folder / name).as_uri())
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], [node["html"][:80] for node in one["nodes"]]) for one in found] == []
