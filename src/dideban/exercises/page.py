"""An exercise as one page: it opens from a file, asks the network for nothing, and prints with its answer sheet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from dideban.exercises.model import Exercise
from dideban.exercises.words import Words, words_of
from dideban.messages import locale
from dideban.report.safe import csp_hash, script_json
from dideban.report.templates import templates_of

EASY, HARD = -0.7, 0.7
"""Logits between which an exercise is of medium difficulty."""
PAGE_WORDS = ("right", "wrong", "open", "why-not", "result", "counts", "story")


def render_exercise(exercise: Exercise, *, others: Sequence[tuple[str, str]] = (), course_href: str = "") -> str:
    """Return the page of an exercise.

    Parameters
    ----------
    exercise : Exercise
    others : sequence of (language, address)
        The same exercise in other languages.
    course_href : str
        Address of the course, where there is one.

    Notes
    -----
    Deterministic. The key is part of the page, which works offline; whoever looks for it finds it.
    """
    words = words_of(exercise.lang)
    key = {
        "digits": list(locale(exercise.lang).digits),
        "items": [
            {"id": item.id, "key": item.key, "signal": item.is_signal, "reason": item.reason,
             "why": {choice.id: choice.reason for choice in item.choices}}
            for item in exercise.items
        ],
        "story": exercise.story,
        "words": {name: words(f"page.{name}") for name in PAGE_WORDS},
    }  # fmt: skip
    links = [{"lang": lang, "href": href, "name": locale(lang).name} for lang, href in others]
    return fill(
        "exercise.html", words=words, title=exercise.title, script=asset("exercise.js"), key=script_json(key),
        e=exercise, others=links, course_href=course_href, level=level_of(exercise.difficulty, words=words),
    )  # fmt: skip


def level_of(difficulty: float, *, words: Words) -> str:
    """Return how hard something is, in words."""
    easy, medium, hard = words.part("page.levels")
    return str(easy if difficulty < EASY else hard if difficulty > HARD else medium)


def fill(template: str, *, words: Words, title: str, script: str = "", key: str = "", **values: Any) -> str:
    """Return a page made from a template, with the policy that lets nothing but its own style and script act."""
    style = asset("exercise.css")
    rendered = _environment().get_template(template).render(
        lang=words.lang, direction=words.locale.direction, w=words, title=title, style=Markup(style),  # noqa: S704
        script=Markup(script), key=Markup(key), policy=policy(style, script), **values,  # noqa: S704
    )  # fmt: skip
    return rendered.rstrip() + "\n"


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy of a page."""
    scripts = csp_hash(script) if script else "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src {csp_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def asset(name: str) -> str:
    """Return a file of ``assets``."""
    return (files("dideban.exercises") / "assets" / name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    return templates_of(asset)
