"""What else could explain it? What would you check next? One of four for each of three situations.

Situations and answers stand in ``texts/``. Every answer is right as often as any other, whatever the case.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from dideban.exercises.forms.parts import FormContent, position_choices
from dideban.exercises.material import Material
from dideban.exercises.model import ExerciseItem
from dideban.exercises.words import Words

EXPLAIN, NEXT = "explain", "next"
N_ITEMS, N_CHOICES = 3, 4


def fits(material: Material) -> bool:
    """Every case fits."""
    return material.n_members > 0


def build(material: Material, *, words: Words, chance: random.Random, form: str) -> FormContent:
    """Return three situations, each with four answers in an order drawn by lot."""
    pool: Sequence[dict[str, str]] = words.part(f"{form}.pool")
    right = chance.sample(range(len(pool)), N_ITEMS)
    items = tuple(_item(pool, ix, n=n, words=words, form=form, chance=chance) for n, ix in enumerate(right, 1))
    return FormContent(items=items, values={"n": N_ITEMS, "accounts": material.n_members}, overlap=0.5)


def _item(
    pool: Sequence[dict[str, Any]], right: int, *, n: int, words: Words, form: str, chance: random.Random
) -> ExerciseItem:
    others = chance.sample([ix for ix in range(len(pool)) if ix != right], N_CHOICES - 1)
    shown = chance.sample([right, *others], N_CHOICES)
    options = [(pool[ix]["answer"], "" if ix == right else pool[ix]["otherwise"]) for ix in shown]
    return ExerciseItem(
        id=str(n), label=words(f"{form}.label", n=n), texts=(pool[right]["situation"],),
        choices=position_choices(options), key="abcdefgh"[shown.index(right)], reason=pool[right]["why"],
    )  # fmt: skip
