"""Export files that are either complete or not there, and text that is inert wherever it is opened."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from dideban.errors import StoreError
from dideban.messages import cause_of

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that XML 1.0 forbids or discourages; tab, line feed and carriage return may stay."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Bidi embeddings, overrides and isolates: they can make a cell read other than it is."""
_STARTS_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "＝", "＋", "－", "＠")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the place of ``path`` when the block ends well.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise StoreError("file.not-written", hint="hint.disk", path=str(path), reason=cause_of(error)) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def clean(text: str) -> str:
    """Return ``text`` without characters that break XML or reorder what a reader sees (shown as U+FFFD)."""
    if text.isprintable():  # no control, format character or surrogate is; nor is a noncharacter
        return text
    return _BIDI.sub("�", _NOT_XML.sub("�", text))


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would take ``text`` for a formula or a command."""
    return text.lstrip(" \n\u00a0\u200e\u200f\ufeff").startswith(_STARTS_FORMULA)


def is_right_to_left(text: str) -> bool:
    """Say whether most letters of ``text`` are written from right to left."""
    if text.isascii():
        return False
    letters = [c for c in text[:2000] if c.isalpha()]
    right = sum("\u0590" <= c <= "\u08ff" or "\ufb1d" <= c <= "\ufefc" for c in letters)
    return right * 2 > len(letters)
