"""Text that was encoded twice: UTF-8 taken for Windows-1252 or Latin-1, and written as UTF-8 once more.

Tables that went through a program with the wrong setting look so, and the downloads that Facebook and Instagram make:
JSON in which each byte of a letter is an escape of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BYTES = range(0x80, 0x100)
_OF_WINDOWS = {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in _BYTES}
_TO_BYTE = {ord(char): byte for char, byte in _OF_WINDOWS.items()}
"""What a byte is taken for in Windows-1252; in Latin-1 it is the character of its own number."""
_MORE = "[\x80-\xbf" + "".join(char for char, byte in _OF_WINDOWS.items() if byte < 0xC0 and ord(char) > 0xFF) + "]"
_LETTERS = re.compile(f"(?:[\xc2-\xdf]{_MORE}|[\xe0-\xef]{_MORE}{{2}}|[\xf0-\xf4]{_MORE}{{3}})+")
_NEXT = r"\\u00[89abAB][0-9a-fA-F]"
_ESCAPES = re.compile(
    rf"(?<!\\)((?:\\\\)*)((?:\\u00[cdCD][0-9a-fA-F]{_NEXT}|\\u00[eE][0-9a-fA-F](?:{_NEXT}){{2}}|\\u00[fF][0-4](?:{_NEXT}){{3}})+)"
)
"""Behind backslashes that stand for themselves, which are pairs."""
_FOREIGN = re.compile(r"[^\x00-\x7f]|\\u(?!00[0-7])[0-9a-fA-F]{4}")
_HINT = re.compile(rb"\xc3[\x82-\xb4][\xc2\xc5\xc6\xcb\xe2]|\\u00[c-fC-F][0-9a-fA-F]\\u00[89abAB]")
_PARTS = bytes(_BYTES) + b"\\u0123456789abcdefABCDEF"
"""Bytes of which letters that were encoded twice are made: among them a block must not be cut."""
_MOST_KEPT = 4_096
"""Bytes at the end of a block that wait for the next one."""
LEAST = 3
"""Letters below which a sample does not say that it was encoded twice."""
MOSTLY = 0.75
"""Share of all that is not ASCII that must have been encoded twice."""


def is_twice_encoded(sample: bytes) -> bool:
    """Whether nearly all letters beyond ASCII in a sample of UTF-8 were encoded twice.

    Examples
    --------
    >>> is_twice_encoded("سلام".encode().decode("latin-1").encode())
    True
    >>> is_twice_encoded("سلام, déjà vu, IRMÃ".encode())
    False
    """
    if not _HINT.search(sample):
        return False
    text = sample.decode("utf-8", "replace")
    runs = [*_LETTERS.findall(text), *(run for _, run in _ESCAPES.findall(text))]
    twice = sum(len(mended) for run in runs if (mended := _mended(run)) != run)
    once = len(_FOREIGN.findall(_ESCAPES.sub("", _LETTERS.sub("", text))))
    return twice >= LEAST and twice > MOSTLY * (twice + once)


def mend(text: str) -> str:
    r"""Decode once more what was encoded twice; the rest stays as it is.

    Examples
    --------
    >>> mend("Ø³Ù„Ø§Ù…, JosÃ©, \\u00d8\\u00b3")
    'سلام, José, س'
    """
    letters = _LETTERS.sub(lambda found: _mended(found[0]), text)
    return _ESCAPES.sub(lambda found: found[1] + _mended(found[2]), letters)


def mend_blocks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Decode blocks of UTF-8 once more; bytes that are no UTF-8 come out as they went in."""
    rest = b""
    for block in blocks:
        data = rest + block
        tail = data[-_MOST_KEPT:]
        n = len(tail) - len(tail.rstrip(_PARTS))
        rest = data[len(data) - n :] if n < _MOST_KEPT else b""
        yield _mend_bytes(data[: len(data) - len(rest)])
    if rest:
        yield _mend_bytes(rest)


def _mend_bytes(data: bytes) -> bytes:
    return mend(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _mended(run: str) -> str:
    """Decode a run; one that only looks like UTF-8 (a surrogate, an overlong form) stays."""
    if run.startswith("\\"):
        data = bytes.fromhex(run.replace("\\u00", ""))
    else:
        data = run.translate(_TO_BYTE).encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return run
