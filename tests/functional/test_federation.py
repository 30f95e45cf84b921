"""``dideban federation`` and ``dideban keyholder`` as a person runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from dideban.errors import ConfigError
from dideban.federation.demo_rooms import check_ports
from dideban.federation.keeping import read_record, record_bytes
from functional.program import dideban
from joint_federation import finished


@pytest.mark.slow
def test_the_demo_shows_what_no_room_finds_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    result = dideban("federation", "--demo", "--no-rooms", "--out", str(out))
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("finds by itself: 0") == 3
    assert "Named and innocent: 0." in result.stdout
    claims = orjson.loads((out / "claims.json").read_bytes())
    assert len(claims) == 1
    assert len(claims[0]["named"]) >= 3
    assert not list(out.glob("*/*.key"))
    (out / "mine.txt").write_text("mine", "utf-8")
    assert dideban("federation", "--demo", "--no-rooms", "--out", str(out)).returncode != 0
    assert (out / "mine.txt").exists()


def test_anybody_checks_a_record_and_notices_a_changed_byte(tmp_path: Path) -> None:
    path, good = tmp_path / "record.ndjson", record_bytes(finished().record)
    path.write_bytes(good)
    said = dideban("federation", "verify", str(path), "--json")
    assert said.returncode == 0, said.stderr
    found = orjson.loads(said.stdout)
    assert (found["phase"], found["messages"]) == ("done", len(finished().record.messages))
    assert [len(one["named"]) >= 3 for one in found["claims"]] == [True]
    at = good.index(b'"kind":"reply"') + len(good.splitlines()[3])
    path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
    assert dideban("federation", "verify", str(path)).returncode == 10
    lines = good.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:4], *lines[5:]]))
    assert dideban("federation", "verify", str(path)).returncode == 10


def test_a_key_holder_makes_and_deletes_its_key(tmp_path: Path) -> None:
    folder = str(tmp_path / "keys")
    made = dideban("keyholder", "begin", "test", "1", "--folder", folder)
    assert made.returncode == 0, made.stderr
    assert len(bytes.fromhex(made.stdout.strip())) == 32
    assert dideban("keyholder", "begin", "test", "1", "--folder", folder).stdout == made.stdout
    assert dideban("keyholder", "end", "test", "1", "--folder", folder).returncode == 0
    assert dideban("keyholder", "end", "test", "1", "--folder", folder).returncode == 10
    assert list(Path(folder).iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are signalled as on POSIX")
def test_whole_rooms_show_on_their_pages_what_none_of_them_finds_alone(tmp_path: Path) -> None:
    """A key holder is killed on the way: it is named, and the round goes on. Ctrl-C leaves no process behind."""
    out, port = tmp_path / "demo", free_ports()
    program = [sys.executable, "-u", "-c", "from dideban.cli import main; main()"]
    command = [*program, "federation", "--demo", "--out", str(out)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIDEBAN")}
    demo = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        wait_until(lambda: processes_of(out).get("keyholder"), seconds=300)
        os.kill(processes_of(out)["keyholder"][0], signal.SIGKILL)
        assert demo.stdout is not None
        lines = list[str]()
        for line in iter(demo.stdout.readline, ""):
            lines.append(line)
            if "Ctrl-C" in line:
                break
        said = "".join(lines)
        assert said.count("proves by itself: 0") == 3
        assert said.count("accounts are proved together") >= 3
        record = read_record(out / "record.ndjson")
        assert len(record.claims()) == 1
        assert not list(out.glob("*/*.key"))
        assert pages_of(port) == 3
    finally:
        demo.send_signal(signal.SIGINT)
        _, trouble = demo.communicate(timeout=90)
    assert demo.returncode == 0
    assert "signal 9" in trouble
    wait_until(lambda: not processes_of(out), seconds=30)


def processes_of(out: Path) -> dict[str, list[int]]:
    """Return the processes that work in a folder, by what they do."""
    found: dict[str, list[int]] = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0") if entry.name.isdigit() else []
            home = (entry / "environ").read_bytes().decode() if words else ""
        except (OSError, UnicodeDecodeError):
            continue
        if "--demo" not in words and (any(str(out) in word for word in words) or f"={out}/" in home):
            name = next((one for one in ("keyholder", "host", "room_serve") if one in words), "other")
            found.setdefault(name, []).append(int(entry.name))
    return found


def pages_of(port: int) -> int:
    """Return how many rooms answer at their addresses."""
    n = 0
    for number in range(3):
        with urllib.request.urlopen(f"http://127.0.0.1:{port + number}/account/login/", timeout=20) as answer:
            n += answer.status == 200
    return n


def free_ports() -> int:
    """Return the first of six ports that are free now."""
    for first in range(20_000 + os.getpid() % 10_000, 60_000, 6):
        try:
            check_ports(range(first, first + 6))
        except ConfigError:
            continue
        return first
    raise AssertionError("no six free ports")


def wait_until(is_so: Callable[[], object], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.2)
