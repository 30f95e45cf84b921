"""Made-up texts in three languages: everyday news of an invented town, with no names, links or pictures.

A text is one sentence about a topic and one remark. Copies of a text have other words at some places; texts of
different people are about the same topic. Nothing of a text depends on whether it is a copy.
"""

from __future__ import annotations

import difflib
import random
from collections.abc import Sequence
from itertools import combinations

from dideban.simulate.text_pairs import COMMENTS, LANGUAGES, SLOTS, TOPICS, TextDraft, lines_of

RESPUN = 0.35
"""Share of the choices that a copy makes otherwise, where the case says nothing."""


def topic_of(chance: random.Random) -> list[str]:
    """Return the sentences of a topic, in an order drawn by lot; those that name a person are left out."""
    lines = [line for line in lines_of(TOPICS[chance.choice(sorted(TOPICS))]) if "<name>" not in line]
    return chance.sample(lines, len(lines))


def write_drafts(chance: random.Random, *, n: int) -> list[TextDraft]:
    """Return texts of different people about one topic: no two have both their sentence and their remark in common."""
    sentences, remarks = topic_of(chance), chance.sample(lines_of(COMMENTS), len(lines_of(COMMENTS)))
    drafts = []
    for ix in range(n):
        parts = [sentences[ix % len(sentences)], remarks[(ix + ix // len(remarks)) % len(remarks)]]
        slots = {name: chance.choice(values.split("; ")) for name, values in SLOTS.items()}
        drafts.append(TextDraft(parts, slots).spin(chance, share=0.5))
    return drafts


def copy_draft(draft: TextDraft, *, chance: random.Random, share: float = RESPUN) -> TextDraft:
    """Return a copy of a text with other words at a share of its choices, and now and then another number or day."""
    slots = dict(draft.slots)
    for name in sorted(slots):
        if chance.random() < share / 2:
            slots[name] = chance.choice(SLOTS[name].split("; "))
    return TextDraft(list(draft.sentences), slots, dict(draft.choices)).spin(chance, share=share)


def alike_in_length(drafts: Sequence[TextDraft], *, chance: random.Random) -> tuple[TextDraft, TextDraft]:
    """Return the two of some texts, in an order drawn by lot, that are closest in length in all languages together.

    Texts that have a sentence in common are left out where others are there.
    """
    sizes = [[len(text_of(one, lang)) for lang in LANGUAGES] for one in drafts]

    def apart(pair: tuple[int, int]) -> tuple[bool, int]:
        i, j = pair
        is_shared = not set(drafts[i].sentences).isdisjoint(drafts[j].sentences)
        return is_shared, sum(abs(a - b) for a, b in zip(sizes[i], sizes[j], strict=True))

    best = min(combinations(range(len(drafts)), 2), key=apart)
    i, j = chance.sample(best, 2)
    return drafts[i], drafts[j]


def say_more(draft: TextDraft, *, chance: random.Random, unlike: Sequence[TextDraft]) -> TextDraft:
    """Return a text with one more remark, which none of the others has."""
    said = {line for one in unlike for line in one.sentences}
    more = chance.choice([line for line in lines_of(COMMENTS) if line not in said])
    return TextDraft([*draft.sentences, more], dict(draft.slots), dict(draft.choices)).spin(chance, share=0.5)


def text_of(draft: TextDraft, lang: str) -> str:
    """Return a text in a language."""
    return " ".join(draft.render(lang))


def same_words(a: str, b: str) -> tuple[int, int]:
    """Return how many words two texts have in common in the same order, and the words of the shorter.

    Examples
    --------
    >>> same_words("the bus leaves at nine", "the bus departs at ten")
    (3, 5)
    """
    left, right = a.split(), b.split()
    match = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return sum(block.size for block in match.get_matching_blocks()), min(len(left), len(right))


def closest(texts: Sequence[str], ix: int, *, among: Sequence[int]) -> tuple[int, int, int]:
    """Return the text that has most words in common with one, how many, and of how many."""
    best = max((j for j in among if j != ix), key=lambda j: (same_words(texts[ix], texts[j])[0], -j))
    return (best, *same_words(texts[ix], texts[best]))
