"""Exercises as files: a page each, the course, the teacher's guide, and a QTI package, in a folder per language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from dideban.atomic import write_folder
from dideban.errors import StoreError
from dideban.exercises.course import render_course, render_guide, render_score
from dideban.exercises.make import make_set
from dideban.exercises.material import Material
from dideban.exercises.model import Exercise
from dideban.exercises.page import render_exercise
from dideban.exercises.qti import qti_package
from dideban.exercises.words import spoken

OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def write_exercises(out: Path, *, materials: Sequence[Material], seed: int, n: int = 20) -> dict[str, int]:
    """Write exercises in every language.

    Parameters
    ----------
    out : path
        A folder of its own; replaced when complete.
    materials : sequence of Material
        The cases, in the order in which they take turns.
    seed : int
        Keep it to yourself: with it and the id of a finding, the times could be moved back.
    n : count
        Exercises.

    Returns
    -------
    dict
        Language to the number of exercises.

    Raises
    ------
    StoreError
        The folder holds something else, or cannot be written.
    """
    _keep_other_folders(out)
    made = {lang: make_set(materials, lang=lang, seed=seed, n=n) for lang in spoken()}
    write_folder(out, files_of(made), survives="kill")
    return {lang: len(some) for lang, some in made.items()}


def _keep_other_folders(out: Path) -> None:
    if out.exists() and not (out / "en" / "exercises.json").is_file() and not (out.is_dir() and not any(out.iterdir())):
        raise StoreError("cli.not-ours", hint="hint.another-file", path=str(out))


def files_of(made: Mapping[str, Sequence[Exercise]]) -> dict[str, bytes]:
    """Return the files of a set of exercises by their path."""
    files: dict[str, bytes] = {}
    for lang, exercises in made.items():
        names = [page_name(number) for number in range(1, len(exercises) + 1)]
        for name, exercise in zip(names, exercises, strict=True):
            others = [(other, f"../{other}/{name}") for other in made if other != lang]
            page = render_exercise(exercise, others=others, course_href="course.html")
            files[f"{lang}/{name}"] = page.encode()
        listed = list(zip(names, exercises, strict=True))
        files[f"{lang}/course.html"] = render_course(
            listed, lang=lang, others=_others(made, lang, "course.html")
        ).encode()
        files[f"{lang}/guide.html"] = render_guide(lang=lang, others=_others(made, lang, "guide.html")).encode()
        files[f"{lang}/score.html"] = render_score(lang=lang, others=_others(made, lang, "score.html")).encode()
        files[f"{lang}/exercises.json"] = orjson.dumps([one.to_dict() for one in exercises], option=OPTIONS)
        files[f"{lang}/exercises-qti.zip"] = qti_package(exercises)
    return files


def page_name(number: int) -> str:
    """Return the file name of an exercise."""
    return f"exercise-{number:02d}.html"


def _others(made: Mapping[str, object], lang: str, name: str) -> list[tuple[str, str]]:
    return [(other, f"../{other}/{name}") for other in made if other != lang]
