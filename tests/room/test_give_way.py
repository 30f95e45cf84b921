"""What no alert waits for gives way to pages and ticks."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from dideban.room.processes import worker
from dideban.room.processes.worker import give_way, start_command, start_tick


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system has no priorities of processes")
def test_a_process_that_gives_way_has_a_lower_priority() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        give_way(process.pid, less=3)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 3)
        process.communicate(b"\n")
    give_way(process.pid, less=3)  # it has ended: nothing happens


def test_what_no_alert_waits_for_gives_way_and_ticks_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    pids = iter((11, 12))
    monkeypatch.setattr(worker, "give_way", lambda pid, *, less: given.append((pid, less)))
    monkeypatch.setattr(worker.subprocess, "Popen", lambda *_, **__: SimpleNamespace(pid=next(pids)))
    start_tick("watch")
    start_command("room_past", "watch")
    (tick, less), (past, least) = given
    assert (tick, past) == (11, 12)
    assert (less, least) == (0, worker.LESS)
