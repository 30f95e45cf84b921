"""Templates: what the texts of a cluster share, word for word, and what was put into the gaps."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.arrays import B1, I4
from dideban.kernels.text_align import align_words
from dideban.text.normalise import normal_form

MAX_TEXTS = 200
"""Distinct texts that a template is made from; the first ones given."""
MAX_WORDS = 400
"""Words of a text that are aligned."""
MAX_CHARS = 20_000
MAX_VARIANTS = 12
"""Variants kept per slot, the most frequent first."""
MAX_VARIANT_CHARS = 160
MAX_GLUED = 4
"""Words that may stand as one elsewhere."""
SUPPORT = 0.85
"""A word belongs to the skeleton when this share of the texts that reach so far has it in its place."""

# Scripts without spaces: a token per character, with its marks.
_NO_SPACE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\s*(?:[{_NO_SPACE}][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*|[^\s{_NO_SPACE}]+)")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class _Words:
    """One text cut into tokens."""

    shown: list[str]
    """As displayed; a space before a token belongs to it."""
    forms: list[str]
    """What each token says, however it is typed; empty for punctuation."""
    codes: I4
    """Tokens of one form have one code."""


def template(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the skeleton that texts of one cluster share, with the variants in its slots.

    Parameters
    ----------
    texts : sequence of str
        Display texts, the representative first.

    Returns
    -------
    list of dict
        ``{"text": "..."}`` and ``{"slot": ["variant", ...]}`` in reading order. Texts keep the spaces at their edges,
        so a line is the plain concatenation. Variants are listed most frequent first; an empty one means "left out". Letters of
        another alphabet or case, digits, joiners, lost, glued and split words, and punctuation make no variant.

    Notes
    -----
    Bounded: the first 200 distinct texts, 400 words of each. Directional controls are taken out, since a skeleton
    cuts through the runs they open; show each part in an element of its own direction (``<bdi>``).

    Examples
    --------
    >>> template(["Vote for the park today", "Vote for the pool today"])
    [{'text': 'Vote for the '}, {'slot': ['park', 'pool']}, {'text': ' today'}]
    """
    return next(templates([texts]))


def templates(clusters: Sequence[Sequence[str]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the :func:`template` of each cluster; many at once cost far less than one by one."""
    cleaned = [[_clean(text) for text in texts] for texts in clusters]
    distinct = [list(dict.fromkeys(texts))[:MAX_TEXTS] for texts in cleaned]
    words, known = _cut([text for texts in distinct for text in texts])
    left = iter(words)
    for every, once in zip(cleaned, distinct, strict=True):
        yield _skeleton(_glue([next(left) for _ in once], known), every, once)


def _skeleton(words: list[_Words], cleaned: list[str], distinct: list[str]) -> list[dict[str, Any]]:
    if not words or not words[0].shown:
        return []
    base = words[0]
    places = [align_words(base.codes, other.codes) for other in words]
    reach = np.sum([_reach(own, place) for own, place in zip(words, places, strict=True)], axis=0)
    fixed = np.flatnonzero(np.sum([place >= 0 for place in places], axis=0) >= SUPPORT * reach)
    counts = Counter(cleaned)
    weights = [counts[text] for text in distinct]
    return _assemble(base, words, places, fixed, weights)


def variant_of(text: str, skeleton: Sequence[dict[str, Any]]) -> list[int]:
    """Return, for each slot of a template, which variant a text has in it; -1 where none of those kept.

    Examples
    --------
    >>> variant_of("Vote for the pool today", template(["Vote for the park today", "Vote for the pool today"]))
    [1]
    """
    return variants_of([text], skeleton)[0]


def variants_of(texts: Sequence[str], skeleton: Sequence[dict[str, Any]]) -> list[list[int]]:
    """Return the :func:`variant_of` of each text; many at once cost far less than one by one."""
    parts = [part.get("text", "") for part in skeleton]
    variants = [part["slot"] for part in skeleton if "slot" in part]
    words, known = _cut([*parts, *(one for slot in variants for one in slot), *map(_clean, texts)])
    left = iter(words)
    fixed = [next(left) for _ in parts]
    forms = [[_key(next(left).forms) for _ in slot] for slot in variants]
    return [_variants_in(_glue([*fixed, own], known), skeleton, forms) for own in left]


def _variants_in(cut: list[_Words], skeleton: Sequence[dict[str, Any]], forms: list[list[str]]) -> list[int]:
    own = cut[-1]
    spine = np.concatenate([part.codes for part in cut[:-1]]) if len(cut) > 1 else np.zeros(0, np.int32)
    places = align_words(spine, own.codes)
    ends = np.cumsum([0, *(len(part.codes) for part in cut[:-1])])
    found: list[int] = []
    for i, part in enumerate(skeleton):
        if "slot" not in part:
            continue
        before = int(places[ends[i] - 1]) if ends[i] > 0 else -1
        after = int(places[ends[i]]) if ends[i] < len(places) else len(own.shown)
        is_open = (ends[i] > 0 and before < 0) or after < 0
        value = None if is_open else _key(own.forms[before + 1 : after])
        known = forms[len(found)]
        found.append(known.index(value) if value in known else -1)
    return found


def _clean(text: str) -> str:
    """Return text that can be shown anywhere: bounded, without controls, lone surrogates replaced."""
    return _CONTROLS.sub(" ", text[:MAX_CHARS]).encode("utf-8", "replace").decode()


def _reach(own: _Words, place: I4) -> B1:
    """Return which words of the base lie within a text: a cut-off copy has no say on what comes after its end."""
    covered = np.zeros(len(place), np.bool_)
    hits = np.flatnonzero(place >= 0)
    if not len(hits):
        return ~covered
    first = 0 if place[hits[0]] > 0 else hits[0]
    last = len(place) if place[hits[-1]] < len(own.shown) - 1 else hits[-1] + 1
    covered[first:last] = True
    return covered


def _cut(texts: Sequence[str]) -> tuple[list[_Words], dict[str, int]]:
    """Cut texts into words, and return the code of each form."""
    shown = [_TOKEN.findall(text)[:MAX_WORDS] for text in texts]
    distinct = list(dict.fromkeys(token for tokens in shown for token in tokens))
    normal = normal_form(pl.Series(distinct, dtype=pl.String)).to_list()
    form = {token: one.replace(" ", "") or _sign(token) for one, token in zip(normal, distinct, strict=True)}
    known: dict[str, int] = {}
    for one in form.values():
        known.setdefault(one, len(known))
    return [_words(tokens, [form[token] for token in tokens], known) for tokens in shown], known


def _words(shown: list[str], forms: list[str], known: dict[str, int]) -> _Words:
    return _Words(shown, forms, np.array([known[form] for form in forms], np.int32))


def _sign(token: str) -> str:
    """Return what a token without letters says: emoji and links are themselves, punctuation is nothing."""
    bare = token.strip()
    return "" if all(unicodedata.category(char)[0] in "PZC" for char in bare) else bare


def _glue(words: list[_Words], known: dict[str, int]) -> list[_Words]:
    """Make one word of words that stand as one elsewhere in the cluster: lost, glued and split words are one spelling."""
    whole = {form for one in words for form in one.forms}
    longer = {form[:n] for form in whole for n in range(2, len(form) + 1)}
    return [_joined(one, whole, longer, known) for one in words]


def _joined(words: _Words, whole: set[str], longer: set[str], known: dict[str, int]) -> _Words:
    sizes = [1] * len(words.forms)
    for at, (form, after) in enumerate(itertools.pairwise(words.forms)):
        if after and form + after in longer:
            parts = (words.forms[at : at + n] for n in range(MAX_GLUED, 1, -1))
            sizes[at] = next((len(some) for some in parts if all(some) and _key(some) in whole), 1)
    if max(sizes, default=1) == 1:
        return words
    shown: list[str] = []
    forms: list[str] = []
    at = 0
    while at < len(sizes):
        shown.append("".join(words.shown[at : at + sizes[at]]))
        forms.append("".join(words.forms[at : at + sizes[at]]))
        at += sizes[at]
    return _words(shown, forms, known)


def _key(forms: Sequence[str]) -> str:
    """Return what words say together; a gap between digits stays: 1 23 and 12 3 are different numbers."""
    said = [form for form in forms if form]
    if len(said) < 2:
        return "".join(said)
    gaps = [" " if a[-1].isdigit() and b[0].isdigit() else "" for a, b in itertools.pairwise(said)]
    return "".join(form + gap for form, gap in zip(said, [*gaps, ""], strict=True))


def _assemble(
    base: _Words,
    words: list[_Words],
    places: list[I4],
    fixed: NDArray[np.intp],
    weights: list[int],
) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for at in range(len(fixed) + 1):
        slot, has_space = _slot(words, places, fixed, at, weights)
        if len(slot) == 1:  # all that reach so far say the same
            gap = " " if has_space and parts else ""
            parts = _add(parts, gap + slot[0])
        elif slot:
            if parts and has_space:
                parts[-1]["text"] += " "
            parts.append({"slot": slot})
        if at < len(fixed):
            parts = _add(parts, base.shown[fixed[at]])
    return _spaced(parts)


def _add(parts: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    if parts and "text" in parts[-1]:
        return [*parts[:-1], {"text": parts[-1]["text"] + text}]
    return [*parts, {"text": text}]


def _slot(
    words: list[_Words], places: list[I4], fixed: NDArray[np.intp], at: int, weights: list[int]
) -> tuple[list[str], bool]:
    """Return what stands between the fixed words ``at - 1`` and ``at``, most frequent first, and if a space goes before.

    Empty if nothing ever stands there. Spellings of one variant are one: the most frequent is shown.
    """
    seen: Counter[str] = Counter()
    spelled: dict[str, Counter[str]] = {}
    n_spaced = 0
    for own, place, weight in zip(words, places, weights, strict=True):
        before = int(place[fixed[at - 1]]) if at > 0 else -1
        after = int(place[fixed[at]]) if at < len(fixed) else len(own.shown)
        if (at > 0 and before < 0) or after < 0:
            continue
        between = own.shown[before + 1 : after]
        form = _key(own.forms[before + 1 : after]) if between else ""
        seen[form] += weight
        if form:
            spelled.setdefault(form, Counter())[_join(between)] += weight
        n_spaced += weight if between and between[0][0].isspace() else 0
    if not any(seen):
        return [], False
    shown = {form: min(some, key=lambda one: (-some[one], one)) for form, some in spelled.items()} | {"": ""}
    ordered = sorted(seen, key=lambda form: (-seen[form], shown[form]))
    return [shown[form][:MAX_VARIANT_CHARS] for form in ordered[:MAX_VARIANTS]], n_spaced > 0


def _join(tokens: list[str]) -> str:
    return " ".join("".join(tokens).split())


def _spaced(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One space where white space was; none at the start of the line."""
    for i, part in enumerate(parts):
        if "text" in part:
            text = re.sub(r"\s+", " ", part["text"])
            part["text"] = text.lstrip() if i == 0 else text
    return parts
