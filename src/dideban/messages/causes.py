"""Why something outside the program failed: what the system says, as a message."""

from __future__ import annotations

import errno
import re
import sys

from dideban.messages.message import Message

_BY_NUMBER = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ENOENT: "missing",
    errno.EISDIR: "is-folder",
    errno.ENOTDIR: "not-folder",
    errno.EROFS: "read-only",
    errno.EEXIST: "exists",
    errno.ENAMETOOLONG: "name-too-long",
    errno.EMFILE: "too-many-open",
    errno.ENFILE: "too-many-open",
    errno.EIO: "disk-error",
}
_SQLITE_FULL = 13
_POSTGRES_FULL = "53100"
_WINDOWS_FULL = 112
_RUST_CODE = re.compile(r"\(os error (\d{1,5})\)")
MAX_TEXT = 2_000
MAX_DETAIL = 300


def cause_of(error: BaseException) -> Message:
    """Return why ``error`` came about: known causes in words, others as the library says them.

    Examples
    --------
    >>> str(cause_of(OSError(28, "No space left on device"))), str(cause_of(ValueError("odd")))
    ('the disk is full', 'odd')
    """
    if isinstance(error, UnicodeDecodeError):
        return Message("cause.not-utf8")
    if (code := system_code(error)) in _BY_NUMBER:
        return Message(f"cause.{_BY_NUMBER[code]}")
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Message("cause.other", detail=" ".join(str(said).split())[:MAX_DETAIL])


def system_code(error: BaseException) -> int | None:
    """Return the number of the system's error that an error of any library stands for; None where there is none.

    SQLite and PostgreSQL have numbers of their own for a full disk. Libraries written in Rust (Polars, Delta Lake)
    carry the number nowhere but in their text, where Rust writes it the same way on every system and in every language.

    Examples
    --------
    >>> [system_code(one) for one in (OSError(28, "x"), ValueError("x (os error 28)"), ValueError("x"))]
    [28, 28, None]
    """
    if isinstance(number := getattr(error, "errno", None), int):
        return number
    lite = getattr(error, "sqlite_errorcode", None)
    if lite is not None or getattr(error, "sqlstate", None):
        full = (lite or 0) & 0xFF == _SQLITE_FULL or getattr(error, "sqlstate", None) == _POSTGRES_FULL
        return errno.ENOSPC if full else None
    found = _RUST_CODE.search(str(error)[:MAX_TEXT])
    number = int(found[1]) if found else None
    return errno.ENOSPC if number == _WINDOWS_FULL and sys.platform == "win32" else number
