"""Exit when the parent process exits."""

from __future__ import annotations

import os
import threading
import time

WITH_PARENT = "DIDEBAN_ROOM_WITH_PARENT"
"""Set for processes that end when the one that started them does, however it ends: its process id, or 1 = whichever."""


def exit_with_parent(*, always: bool = False) -> None:
    """End this process soon after its parent has ended: no one is left to stop it otherwise."""
    given = os.environ.get(WITH_PARENT, "")
    if not always and not given:
        return
    parent = int(given) if given.isdecimal() and int(given) > 1 else os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
