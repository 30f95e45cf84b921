"""Processes that belong together end together; disks come to an end."""

from __future__ import annotations

import errno
import os
import threading
import time

WITH_PARENT = "DIDEBAN_ROOM_WITH_PARENT"
"""Set for processes that end when the one that started them does, however it ends."""


def leave_with_parent(*, always: bool = False) -> None:
    """End this process soon after its parent has ended: nobody is left to stop it otherwise."""
    if not always and not os.environ.get(WITH_PARENT):
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def is_full(error: BaseException) -> bool:
    """Say whether an error, of whatever library, means that the disk is full."""
    code = getattr(error, "errno", None)
    return code in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error) or "disk is full" in str(error)
