"""Which of these belong together? Posts of one thing: half by the group, half by outsiders of the same hour."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from dideban.exercises.difficulty import jaccard, mean
from dideban.exercises.draw import DAY_S, clock
from dideban.exercises.forms.parts import NO, YES, FormContent, letters, sentence, yes_or_no
from dideban.exercises.made_up import RESPUN, closest, copy_draft, text_of, write_drafts
from dideban.exercises.material import Material, Thing
from dideban.exercises.model import ExerciseItem
from dideban.exercises.words import Words
from dideban.simulate.text_pairs import TextDraft

FORM = "together"
MOST, FEWEST = 4, 3
LEAST_SPACE_S = 60
"""Outsiders come at least so long after one another, and twice as long as members do."""
MADE_UP_S = (90, 600)


def fits(material: Material) -> bool:
    """Say whether the case has something that three members shared."""
    return material.is_concert and bool(_things(material))


def _things(material: Material) -> list[Thing]:
    found = [one for one in material.things if len(one.members) >= FEWEST]
    return [one for one in found if len(one.members) >= MOST] or found


def build(material: Material, *, words: Words, chance: random.Random) -> FormContent:
    """Return the posts with their key.

    Whether outsiders come before the group or after it is drawn by lot, so that a post's place in the order of time
    says nothing; posts are shown in an order drawn by lot too.
    """
    thing = chance.choice(_things(material))
    inside = _members(thing, chance)
    outside = _outsiders(thing, inside, chance)
    times = [*inside, *outside]
    base = chance.randrange(DAY_S - (max(times) - min(times)) % DAY_S) - min(times)
    texts, overlap = _texts(thing, words.lang, len(inside), chance)
    rows = [(base + at, text, ix < len(inside)) for ix, (at, text) in enumerate(zip(times, texts, strict=True))]
    chance.shuffle(rows)
    shown = [text for _, text, _ in rows]
    names = letters(words, len(rows))
    is_text = thing.kind == "text"
    items = tuple(
        ExerciseItem(
            id=str(ix + 1), label=names[ix], texts=(text,), at=words.clock(clock(at)), choices=yes_or_no(words, FORM),
            key=YES if is_in else NO, is_signal=is_in,
            reason=_reason(rows, shown, ix, names=names, is_text=is_text, words=words),
        )
        for ix, (at, text, is_in) in enumerate(rows)
    )  # fmt: skip
    kind = thing.kind if thing.kind in words.part("things") else "other"
    return FormContent(items=items, values={"n": len(rows), "thing": words(f"things.{kind}")}, overlap=overlap)


def _members(thing: Thing, chance: random.Random) -> list[int]:
    """Return the moments of neighbours in time: four of them, or three."""
    times = [at for _, at in thing.members]
    n = min(MOST, len(times))
    start = chance.randrange(len(times) - n + 1)
    return times[start : start + n]


def _outsiders(thing: Thing, inside: Sequence[int], chance: random.Random) -> list[int]:
    """Return as many moments of outsiders, all before the members or all after them."""
    first, last = inside[0], inside[-1]
    gap = max(b - a for a, b in pairwise(inside))
    space = max(LEAST_SPACE_S, 2 * gap)
    far = sorted({at - last if at > last else first - at for at in thing.others if not first <= at <= last})
    kept: list[int] = []
    for delay in far:
        if delay >= (kept[-1] if kept else 0) + space and len(kept) < len(inside):
            kept.append(delay)
    while len(kept) < len(inside):
        kept.append((kept[-1] if kept else 0) + space + chance.randint(*MADE_UP_S))
    return [last + delay for delay in kept] if chance.random() < 0.5 else [first - delay for delay in kept]


def _texts(thing: Thing, lang: str, n: int, chance: random.Random) -> tuple[list[str], float]:
    """Return the texts of the group, then those of outsiders; and how much copies have in common."""
    if thing.kind != "text":
        return [text_of(draft, lang) for draft in _mixed(write_drafts(chance, n=2 * n), chance)], 0.0
    drafts = _mixed(write_drafts(chance, n=n + 1), chance)
    share = max(RESPUN, min(2 * thing.slot_share, 0.7))
    copies = [text_of(copy_draft(drafts[0], chance=chance, share=share), lang) for _ in range(n)]
    overlap = mean([jaccard(copies[0], one) for one in copies[1:]])
    return [*copies, *(text_of(draft, lang) for draft in drafts[1:])], overlap


def _mixed(rows: list[TextDraft], chance: random.Random) -> list[TextDraft]:
    return chance.sample(rows, len(rows))


def _reason(
    rows: Sequence[tuple[int, str, bool]], texts: Sequence[str], ix: int, *, names: Sequence[str], is_text: bool,
    words: Words,
) -> str:  # fmt: skip
    """Say what is seen of one post: the nearest in time, and the nearest in words."""
    at, _, is_in = rows[ix]
    peers = [j for j in range(len(rows)) if j != ix and (rows[j][2] or not is_in)]
    near = min(peers, key=lambda j: (abs(rows[j][0] - at), j))
    gap = words.duration(abs(rows[near][0] - at))
    moment = words(f"{FORM}.moment-{'in' if is_in else 'out'}", other=names[near], gap=gap)
    if not is_text:
        return moment
    same = closest(texts, ix, among=[j for j in range(len(rows)) if rows[j][2]])
    wording = words(f"{FORM}.words-{'in' if is_in else 'out'}", other=names[same[0]], same=same[1], n=same[2])
    return sentence(moment, wording)
