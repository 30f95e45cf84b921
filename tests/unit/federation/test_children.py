"""Processes of a demonstration: kept alive, named when they die, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dideban.errors import SourceError
from dideban.federation import children
from dideban.federation.children import Children, KeptProcess
from dideban.messages import Message, say

SLEEPS = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)")
ENDS = (sys.executable, "-I", "-S", "-c", "raise SystemExit(3)")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(child: KeptProcess) -> None:
    assert child.process is not None
    child.process.wait(timeout=20)


def test_a_killed_process_is_named_and_started_again_and_none_outlives_the_rest(tmp_path: Path) -> None:
    told: list[Message] = []
    with Children(told.append) as kept:
        for name in ("North", "host"):
            kept.add(KeptProcess(name=name, command=SLEEPS, log=tmp_path / f"{name}.log"))
        first = kept.pids()
        kept.look()
        assert told == []
        os.kill(first["North"], signal.SIGKILL)
        wait_for(kept._kept[0])
        kept.look()
        again = kept.pids()
        assert again["host"] == first["host"]
        assert again["North"] != first["North"]
        assert [say(one, "en") for one in told] == ["North was killed (signal 9) and is started again"]
        kept.dismiss("host")
        assert set(kept.pids()) == {"North"}
        assert not is_alive(first["host"])
    assert not is_alive(again["North"])


def test_a_process_that_ends_again_and_again_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "MOST_STARTS", 2)
    told: list[Message] = []
    with Children(told.append) as kept:
        child = KeptProcess(name="holder", command=ENDS, log=tmp_path / "log")
        kept.add(child)
        wait_for(child)
        kept.look()
        assert "code 3" in say(told[0], "en")
        wait_for(child)
        with pytest.raises(SourceError):
            kept.look()


@pytest.mark.skipif(os.name != "posix", reason="processes are killed as on POSIX")
def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """They watch their parent: nothing is left running after a crash."""
    inner = "from dideban.parent_watch import exit_with_parent; import time; exit_with_parent(); time.sleep(600)"
    outer = (
        "import sys, time; from pathlib import Path; from dideban.federation.children import KeptProcess, Children\n"
        "kept = Children(print)\n"
        f"kept.add(KeptProcess(name='x', command=(sys.executable, '-c', {inner!r}), log=Path({str(tmp_path / 'log')!r})))\n"
        "print(kept.pids()['x'], flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 30
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.1)
    assert not is_alive(child)
