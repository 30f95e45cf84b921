"""Recognise a full disk."""

from __future__ import annotations

import errno


def is_full(error: BaseException) -> bool:
    """Say whether an error, of whatever library, means that the disk is full."""
    code = getattr(error, "errno", None)
    return code in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error) or "disk is full" in str(error)
