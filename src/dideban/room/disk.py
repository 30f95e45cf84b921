"""What a disk reports when it cannot write or read."""

from __future__ import annotations

import errno

from dideban.errors import DidebanError
from dideban.messages import Message

REASONS = {
    errno.ENOSPC: "room.disk-full", errno.EDQUOT: "room.disk-full", errno.EACCES: "room.os-permission",
    errno.EPERM: "room.os-permission", errno.EROFS: "room.os-read-only", errno.ENOENT: "room.os-missing",
    errno.EIO: "room.os-io", errno.EFBIG: "room.os-too-large",
}  # fmt: skip


def is_full(error: BaseException) -> bool:
    """Say whether an error, of whatever library, means that the disk is full."""
    if isinstance(error, DidebanError):
        return error.message.holds("room.disk-full", "cause.disk-full")
    code = getattr(error, "errno", None)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return True
    said = str(error)  # libraries in Rust and databases give the text of the system alone
    return "No space left" in said or "disk is full" in said


def os_reason(error: BaseException) -> Message:
    """Return why the system refused."""
    if is_full(error):
        return Message("room.disk-full")
    code = REASONS.get(getattr(error, "errno", None) or 0)
    return (
        Message(code) if code else Message("room.os-other", detail=str(getattr(error, "strerror", "") or error)[:200])
    )
