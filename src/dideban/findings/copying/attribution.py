"""Lines in which a text credits its source: "as reported by ...", in four languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from dideban.text import normal_form

MAX_LINES = 6
"""Lines kept per text."""
MAX_CHARS = 20_000
"""Characters of a text that are searched."""

_WHO = r"(?P<who>[^\n.,;:!?()\[\]«»\"“”|—–،؛؟…]{2,60})"
_PATTERNS: dict[str, tuple[str, ...]] = {
    "en": (
        r"\b(?:as\s+)?(?:first\s+)?reported\s+(?:earlier\s+)?by\s+" + _WHO,
        r"\baccording\s+to\s+(?:a\s+report\s+(?:by|in|from)\s+)?" + _WHO,
        r"\b(?:citing|quoting|via)\s+" + _WHO,
        r"\b(?:source|originally\s+published\s+(?:by|in|on|at)|reprinted\s+from|with\s+material\s+from)\s*:?\s+" + _WHO,
        r"(?P<who>\b[A-Z][\w&.\- ]{1,40}?)\s+(?:reported|reports)\b(?!\s+(?:earlier\s+)?by)",
        r"^[^\n]{0,60}\((?P<who>[A-Z][\w&. ]{1,30})\)\s*[-—–]",
    ),
    "fa": (
        r"به\s+گزارش\s+" + _WHO,
        r"به\s+نقل\s+از\s+" + _WHO,
        r"به\s+نوشت[هۀ]\u200c?[یٔ]?\s+" + _WHO,
        r"(?:منبع|برگرفته\s+از|بازنشر\s+از)\s*[:：]?\s+" + _WHO,
        r"(?P<who>خبرگزاری\s+\S{2,25})(?=[^\n.]{0,60}(?:گزارش\s+داد|نوشت|اعلام\s+کرد))",
    ),
    "ar": (
        r"نقل[اًا]+\s+عن\s+" + _WHO,
        r"(?:وفق[اًا]*|بحسب|حسب)\s+(?:ما\s+(?:ذكر|نشر|أورد|افاد|أفاد)ت?\s+(?:به\s+)?|ل)?" + _WHO,
        r"(?:ذكرت|أوردت|اوردت|أفادت|افادت|نقلت)\s+" + _WHO,
        r"(?:المصدر|منقول\s+(?:عن|من))\s*[:：]?\s+" + _WHO,
    ),
    "ru": (
        r"(?:сообща(?:ет|ют)|сообщил[аио]?|переда[её]т|передают|пишет|пишут)\s+" + _WHO,
        r"со\s+ссылкой\s+на\s+" + _WHO,
        r"по\s+(?:данным|информации|сообщению)\s+" + _WHO,
        r"(?:источник|по\s+материалам)\s*:?\s+" + _WHO,
    ),
}  # fmt: skip
"""Phrases by language. What stands after or before them is who is named."""

_WIRES = """
reuters رویترز رويترز рейтер рейтерс | associated_press آسوشیتدپرس اسوشيتدبرس
| afp فرانس‌پرس فرانس_برس agence_france-presse
| dpa | xinhua شینهوا شينخوا синьхуа | tass тасс تاس | риа_новости ria_novosti риа | интерфакс interfax
| irna ایرنا | isna ایسنا | خبرگزاری_فارس fars_news | خبرگزاری_مهر mehr_news | tasnim تسنیم | ilna ایلنا
| anadolu آناتولی الأناضول анадолу | واس وكالة_الأنباء_السعودية | وام وكالة_أنباء_الإمارات | قنا وكالة_الأنباء_القطرية
| سانا | كونا | بترا | united_press_international upi | efe | ansa | kyodo كيودو киодо
| yonhap يونهاب یونهاپ рёнхап ренхап | pti | bloomberg بلومبرگ بلومبرغ
"""
"""News agencies whose words others take by contract, in the spellings of four languages; one agency between bars."""


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """One line of a text that names where its words come from."""

    line: str
    """The phrase as written, at most 160 characters."""
    who: str
    """Who is named."""
    wire: str
    """The news agency it names, empty if none that is known."""
    publisher: str
    """The publisher among the texts read that it names, empty if none."""


def find_attributions(text: str, *, publishers: Mapping[str, str], lang: str = "") -> list[Attribution]:
    """Return the lines of ``text`` that state where its words come from, in order.

    Parameters
    ----------
    text : str
        As displayed.
    publishers : mapping
        Names in folded form (:func:`fold_name`) to publisher.
    lang : str
        Language of the text; phrases of other languages are not looked for. Empty = look for all.

    Examples
    --------
    >>> [a.who for a in find_attributions("The bridge is open, according to Mill Lane Post.", publishers={})]
    ['Mill Lane Post']
    """
    text = text[:MAX_CHARS]
    hits = [(match.start(), match) for pattern in _compiled(lang) for match in pattern.finditer(text)]
    found: list[Attribution] = []
    for _, match in sorted(hits, key=lambda hit: (hit[0], hit[1].end())):
        who = " ".join(match["who"].split())
        if len(found) == MAX_LINES:
            break
        if any(known.who == who for known in found) or not who:
            continue
        line = " ".join(match[0].split())[:160]
        folded = f" {fold_name(who)} "
        wire = next((name for name, spellings in _wires() if any(f" {s} " in folded for s in spellings)), "")
        named = [publisher for name, publisher in publishers.items() if len(name) >= 3 and f" {name} " in folded]
        found.append(Attribution(line=line, who=who, wire=wire, publisher=min(named, default="")))
    return found


def fold_name(name: str) -> str:
    """Return a name in normal form, as it is compared."""
    return str(normal_form(pl.Series([name])).item() or "")


@lru_cache(maxsize=8)
def _compiled(lang: str) -> list[re.Pattern[str]]:
    wanted = _PATTERNS.keys() & {lang} or _PATTERNS.keys()
    return [
        re.compile(pattern, re.MULTILINE if language == "en" else re.MULTILINE | re.IGNORECASE)
        for language, patterns in _PATTERNS.items()
        if language in wanted
        for pattern in patterns
    ]


@lru_cache(maxsize=1)
def _wires() -> list[tuple[str, list[str]]]:
    found = []
    for entry in " ".join(_WIRES.split()).split("|"):
        names = [name.replace("_", " ") for name in entry.split()]
        found.append((names[0], [fold_name(name) for name in names]))
    return found
