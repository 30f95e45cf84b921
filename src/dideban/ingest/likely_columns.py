"""Columns that no list of names knows: what parts of their names and what they hold make likely."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from dideban.ingest.column_evidence import ADDRESS, FirstRows
from dideban.ingest.columns import PARTS, SYNONYMS, plain

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_AN_ACCOUNT = (
    "descri", "follow", "friend", "creat", "verif", "url", "link", "image", "avatar", "photo", "count", "date", "time",
    "number", "lang", "location", "country", "gender", "age", "type", "original", "retweet", "quoted", "repl",
    "mention", "forward", "domain", "تعداد", "عدد", "تاریخ", "تاريخ",
)  # fmt: skip
"""Parts of names of columns that say something of an account and do not name it."""
_TEXTS = (
    "text", "message", "content", "caption", "body", "inhalt", "nachricht", "contenu", "contenido", "mensaje", "metin",
    "icerik", "текст", "сообщ", "متن", "محتوا", "نص", "محتوى", "正文", "内容",
)  # fmt: skip
_IDS = ("id", "شناسه", "معرف", "nummer", "número", "номер")
_POSTS = ("perma", "post", "message", "mention", "status", "tweet", "video", "article", "story", "منشور", "پست", "پیام")
_PICTURES = ("image", "photo", "picture", "avatar", "thumb", "media", "attach")
_NUMBERS = r"^[\d٠-٩۰-۹.,:\s/+-]*$"
MIN_LETTERS = 12
"""Mean length of what people write, characters."""


def spelled(name: str) -> str:
    """Return a name with its words apart: ``SenderUserId`` is ``sender_user_id``.

    Examples
    --------
    >>> spelled("SenderUserId"), spelled("_source.author.handle")
    ('sender_user_id', 'source.author.handle')
    """
    return plain(_CAMEL.sub("_", name))


def endings(name: str) -> list[str]:
    """Return what a name of a nested field ends in, longest first, without the whole."""
    steps = spelled(name).split(".")
    return [".".join(steps[i:]) for i in range(1, len(steps))]


def by_ending(target: str, names: Iterable[str]) -> list[str]:
    """Columns whose words apart, or whose last words inside nested fields, are a name of the field."""
    words = {plain(word): place for place, word in enumerate(SYNONYMS[target])}
    found = []
    for place, name in enumerate(names):
        ranks = [words[end] for end in (spelled(name), *endings(name)) if end in words]
        if ranks:
            found.append((min(ranks), place, name))
    return [name for _, _, name in sorted(found)]


def accounts(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may name the account: ids first."""
    likely = [
        name
        for name in names
        if any(part in spelled(name) for part in PARTS["account_id"])
        and not any(part in spelled(name) for part in _NOT_AN_ACCOUNT)
        and not evidence.is_empty(name)
        and not evidence.is_damaged(name)
        and not evidence.is_mostly(name, ADDRESS)
    ]
    return sorted(likely, key=lambda name: not _is_id(name))


def texts(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may hold the text: named so, else the one with the longest words of people."""
    told = [name for name in names if _is_written(name, evidence)]
    named = [name for name in told if any(part in spelled(name) for part in _TEXTS)]
    long = [name for name in told if _length(name, evidence) >= MIN_LETTERS]
    return named or sorted(long, key=lambda name: -_length(name, evidence))[:1]


def ids(names: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns that may hold the id of the post: called an id, and another one in each row."""
    return [
        name
        for name in names
        if _is_id(name)
        and not any(part in spelled(name) for part in (*PARTS["account_id"], "parent", "object", "query", "collection"))
        and len(evidence.filled(name)) == evidence.sample.height > 0
        and evidence.filled(name).n_unique() == evidence.sample.height
    ]


def own_addresses(names: Sequence[str], ids_of_rows: Sequence[str], evidence: FirstRows) -> list[str]:
    """Columns with the address of the post itself, whatever they are called."""
    return [
        name
        for name in names
        if evidence.is_known
        and any(part in spelled(name) for part in _POSTS)
        and not any(part in spelled(name) for part in (*PARTS["account_id"], *_PICTURES))
        and evidence.is_permalink(name, ids_of_rows)
    ]


def _is_id(name: str) -> bool:
    words = re.split(r"[_.\s]+", spelled(name))
    return words[-1] in _IDS or words[0] in _IDS[1:]


def _is_written(name: str, evidence: FirstRows) -> bool:
    if evidence.is_empty(name) or evidence.share(name, ADDRESS) > 0.5 or evidence.share(name, _NUMBERS) > 0.5:
        return False
    return evidence.share(name, r"\S\s+\S") > 0.5


def _length(name: str, evidence: FirstRows) -> float:
    return float(evidence.filled(name).to_frame().select(pl.col(name).str.len_chars().mean()).item() or 0.0)
