"""What a disk reports when it cannot write or read, and which files it holds while others write."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from dideban.errors import DidebanError
from dideban.messages import Message
from dideban.messages.causes import system_code

REASONS = {
    errno.ENOSPC: "room.disk-full", errno.EDQUOT: "room.disk-full", errno.EACCES: "room.os-permission",
    errno.EPERM: "room.os-permission", errno.EROFS: "room.os-read-only", errno.ENOENT: "room.os-missing",
    errno.EIO: "room.os-io", errno.EFBIG: "room.os-too-large",
}  # fmt: skip


FULL = {errno.ENOSPC, errno.EDQUOT}
MAX_CAUSES = 8


def is_full(error: BaseException) -> bool:
    """Return whether an error, of whatever library, means that the disk is full.

    Numbers say it, see :func:`~dideban.messages.causes.system_code`.
    """
    if isinstance(error, DidebanError):
        return error.message.holds("room.disk-full", "cause.disk-full")
    return any(system_code(one) in FULL for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, and those that it was raised from: Django wraps what the driver of the database raises."""
    one: BaseException | None = error
    for _ in range(MAX_CAUSES):
        if one is None:
            return
        yield one
        one = one.__cause__


def os_reason(error: BaseException) -> Message:
    """Return why the system refused."""
    if is_full(error):
        return Message("room.disk-full")
    code = REASONS.get(system_code(error) or 0)
    return (
        Message(code) if code else Message("room.os-other", detail=str(getattr(error, "strerror", "") or error)[:200])
    )


def files_below(folder: Path) -> list[Path]:
    """Return the files below a folder, in order; what is removed while we look is passed over.

    Raises
    ------
    OSError
        A folder that is there cannot be read.
    """

    def refused(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    found = (Path(at) / name for at, _, names in os.walk(folder, onerror=refused) for name in names)
    return sorted(path for path in found if path.is_file())
