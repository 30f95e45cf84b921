"""The same text? Pairs: copies with other words in some places, and texts of two people about the same news."""

from __future__ import annotations

import random

from dideban.exercises.difficulty import jaccard, mean
from dideban.exercises.forms.parts import NO, YES, FormContent, yes_or_no
from dideban.exercises.made_up import RESPUN, alike_in_length, copy_draft, same_words, say_more, text_of, write_drafts
from dideban.exercises.material import Material
from dideban.exercises.model import ExerciseItem
from dideban.exercises.words import Words

FORM = "same-text"
N_PAIRS, N_DRAFTS = 6, 8


def fits(material: Material) -> bool:
    """Say whether the group shared texts."""
    return material.is_concert and any(thing.kind == "text" for thing in material.things)


def build(material: Material, *, words: Words, chance: random.Random) -> FormContent:
    """Return pairs, half of them copies, in an order drawn by lot."""
    texts = [thing for thing in material.things if thing.kind == "text"]
    share = max(RESPUN, min(2 * chance.choice(texts).slot_share, 0.7))
    keys = chance.sample([True, False] * (N_PAIRS // 2), N_PAIRS)
    pairs = [_pair(is_copy, words.lang, share, chance) for is_copy in keys]
    items = tuple(
        ExerciseItem(
            id=str(ix + 1), label=words(f"{FORM}.label", n=ix + 1), texts=pair, choices=yes_or_no(words, FORM),
            key=YES if is_copy else NO, is_signal=is_copy, reason=_reason(pair, is_copy=is_copy, words=words),
        )
        for ix, (pair, is_copy) in enumerate(zip(pairs, keys, strict=True))
    )  # fmt: skip
    overlap = mean([jaccard(*pair) for pair, is_copy in zip(pairs, keys, strict=True) if is_copy])
    return FormContent(items=items, values={"n": N_PAIRS}, overlap=overlap)


def _pair(is_copy: bool, lang: str, share: float, chance: random.Random) -> tuple[str, str]:
    """Return two texts; what is drawn by lot for one kind of pair is drawn for the other too.

    Two people write about as much, and one of the two texts says something more: copies alone would be of one length,
    and who counts letters would know.
    """
    one, other = alike_in_length(write_drafts(chance, n=N_DRAFTS), chance=chance)
    other.slots = dict(one.slots)
    drafts = [one, copy_draft(one if is_copy else other, chance=chance, share=share)]
    longer = chance.randrange(2)
    drafts[longer] = say_more(drafts[longer], chance=chance, unlike=(one, other))
    return text_of(drafts[0], lang), text_of(drafts[1], lang)


def _reason(pair: tuple[str, str], *, is_copy: bool, words: Words) -> str:
    same, n = same_words(*pair)
    return words(f"{FORM}.reason-{'yes' if is_copy else 'no'}", same=same, n=n)
