"""The course of ten lessons, the teacher's guide, and the page that turns totals of sheets into d' and criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dideban.exercises.model import Exercise
from dideban.exercises.page import asset, fill, level_of
from dideban.exercises.score import FEWEST_SHEETS, FEWEST_TO_COMPARE
from dideban.exercises.words import Words, words_of
from dideban.messages import locale
from dideban.report.safe import script_json

Others = Sequence[tuple[str, str]]
PER_LESSON = 2
SCORE_WORDS = (
    "few",
    "impossible",
    "d",
    "c",
    "c-yes",
    "c-no",
    "c-none",
    "difference",
    "compare-few",
    "unclear",
    "clear",
)


@dataclass(frozen=True, kw_only=True)
class CourseLinks:
    """Where the parts of the course lie, as seen from each of them."""

    course: str = "course.html"
    guide: str = "guide.html"
    score: str = "score.html"
    qti: str = "exercises-qti.zip"


IN_A_FOLDER = CourseLinks()


def render_course(
    exercises: Sequence[tuple[str, Exercise]], *, lang: str, others: Others = (), links: CourseLinks = IN_A_FOLDER
) -> str:
    """Return the course: ten lessons, each with the exercises of its form.

    Parameters
    ----------
    exercises : sequence of (address, Exercise)
    lang : str
    others : sequence of (language, address)
    links : CourseLinks
    """
    words = words_of(lang)
    lessons = words.part("lessons")
    shares = _dealt(exercises, [lesson["forms"] for lesson in lessons])
    rows = [
        {**lesson, "exercises": [
            {"href": href, "title": one.title, "level": level_of(one.difficulty, words=words), "n": number}
            for number, (href, one) in some
        ]}
        for lesson, some in zip(lessons, shares, strict=True)
    ]  # fmt: skip
    return _page("course.html", words, title=words("course.title"), others=others, links=links, lessons=rows)


def _dealt(
    exercises: Sequence[tuple[str, Exercise]], forms: Sequence[Sequence[str]]
) -> list[list[tuple[int, tuple[str, Exercise]]]]:
    """Deal exercises out to lessons: the easiest of the forms of each lesson that no lesson before it has."""
    left = sorted(enumerate(exercises, 1), key=lambda one: (one[1][1].difficulty, one[0]))
    dealt = []
    for wanted in forms:
        mine = [one for one in left if one[1][1].form in wanted][:PER_LESSON]
        left = [one for one in left if one not in mine]
        dealt.append(mine)
    return dealt


def render_guide(*, lang: str, others: Others = (), links: CourseLinks = IN_A_FOLDER) -> str:
    """Return the teacher's guide."""
    words = words_of(lang)
    return _page(
        "guide.html",
        words,
        title=words("guide.title"),
        others=others,
        links=links,
        sections=words.part("guide.sections"),
    )


def render_score(*, lang: str, others: Others = (), links: CourseLinks = IN_A_FOLDER) -> str:
    """Return the page on which a teacher types in the totals of sheets; it works out d' and keeps nothing."""
    words = words_of(lang)
    key = {
        "digits": list(locale(lang).digits), "decimal": locale(lang).decimal, "minus": locale(lang).minus,
        "few": FEWEST_SHEETS, "compare": FEWEST_TO_COMPARE,
        "words": {name: words(f"score.{name}") for name in SCORE_WORDS},
    }  # fmt: skip
    return fill(
        "score.html", words=words, title=words("score.title"), script=asset("score.js"), key=script_json(key),
        others=_links(others), links=links,
    )  # fmt: skip


def _page(template: str, words: Words, *, title: str, others: Others, **values: Any) -> str:
    return fill(template, words=words, title=title, others=_links(others), **values)


def _links(others: Others) -> list[dict[str, str]]:
    return [{"lang": lang, "href": href, "name": locale(lang).name} for lang, href in others]
