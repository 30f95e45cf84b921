"""Why something outside the program failed: what the system says, as a message."""

from __future__ import annotations

import errno

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
_FULL = ("No space left on device", "database or disk is full", "Disk quota exceeded")
"""What libraries say that keep no number of the error."""
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
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return Message(f"cause.{_BY_NUMBER[error.errno]}")
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if any(mark in str(said) for mark in _FULL):
        return Message("cause.disk-full")
    return Message("cause.other", detail=" ".join(str(said).split())[:MAX_DETAIL])
