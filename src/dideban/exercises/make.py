"""Material, a form and a seed become an exercise: the same in every language, the same every time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from dideban.errors import InputError
from dideban.exercises.difficulty import prior_difficulty
from dideban.exercises.draw import chance_of
from dideban.exercises.forms import choosing, same_text, timeline, together
from dideban.exercises.forms.parts import FormContent
from dideban.exercises.material import Material
from dideban.exercises.model import Choice, Exercise
from dideban.exercises.words import Words, words_of

NEAR_S = 60.0
HOW = ("words", "moment", "pattern", "guess")
_FORMS: dict[str, tuple[Callable[[Material], bool], Callable[..., FormContent]]] = {
    together.FORM: (together.fits, together.build),
    timeline.FORM: (timeline.fits, timeline.build),
    same_text.FORM: (same_text.fits, same_text.build),
    choosing.EXPLAIN: (choosing.fits, partial(choosing.build, form=choosing.EXPLAIN)),
    choosing.NEXT: (choosing.fits, partial(choosing.build, form=choosing.NEXT)),
}
FORMS = tuple(_FORMS)
"""Which belong together; chance or concert; the same text; what else could explain it; what to check next."""


def forms_for(material: Material) -> list[str]:
    """Return the forms that a case can become."""
    return [form for form, (fits, _) in _FORMS.items() if fits(material)]


def make_exercise(material: Material, *, form: str, lang: str, seed: int, number: int = 0) -> Exercise:
    """Return an exercise.

    Parameters
    ----------
    material : Material
    form : str
        One of FORMS that the material can become.
    lang : str
        A language that exercises are made in.
    seed, number : int
        The same seed and number give the same exercise; another number another one of the same case.

    Raises
    ------
    InputError
        The case cannot become this form.
    """
    if form not in _FORMS or not _FORMS[form][0](material):
        raise InputError("exercises.no-form", hint="exercises.no-form-hint", form=form)
    words = words_of(lang)
    named = (material.name, form, seed, number)
    draft = _FORMS[form][1](material, words=words, chance=chance_of("exercise", *named))
    return Exercise(
        id="x" + hashlib.sha256("\x1f".join(map(str, named)).encode()).hexdigest()[:12],
        form=form, lang=lang, title=words(f"{form}.title"), intro=words(f"{form}.intro", **draft.values),
        question=words(f"{form}.question", **draft.values), items=draft.items,
        how=tuple(Choice(id=name, text=words(f"how.{name}")) for name in HOW),
        story=_story(material, words), difficulty=_difficulty(material, draft),
    )  # fmt: skip


def make_set(materials: Sequence[Material], *, lang: str, seed: int, n: int = 20) -> list[Exercise]:
    """Return ``n`` exercises of several cases: the forms take turns, and for each form the cases that can become it."""
    can = {form: [one for one in materials if form in forms_for(one)] for form in FORMS}
    forms = [form for form in FORMS if can[form]]
    made: list[Exercise] = []
    for ix in range(n if forms else 0):
        turn, form = ix // len(forms), forms[ix % len(forms)]
        material = can[form][turn % len(can[form])]
        made.append(make_exercise(material, form=form, lang=lang, seed=seed, number=turn))
    return made


def _difficulty(material: Material, draft: FormContent) -> float:
    near = sum(gap <= NEAR_S for gap in material.gaps_s) / max(len(material.gaps_s), 1)
    return prior_difficulty(
        log_e_per_block=material.log_e_per_block, gap_s=material.gap_s, near_slots=near, overlap=draft.overlap
    )


def _story(material: Material, words: Words) -> str:
    known: dict[str, Any] = words.part("explanations")
    names = [known[slug] for slug in material.ordinary if slug in known]
    ending = words("story.seen", names=words.locale.join(names, style="and")) if names else ""
    told = words(f"story.{material.verdict}", n=material.n_members)
    return " ".join(part for part in (told, ending, words("story.made-up")) if part)
