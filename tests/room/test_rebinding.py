"""DNS rebinding, live: the system's own resolver, a name server that answers twice differently, and redirects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OPEN, REFUSED = "open", "room.fetch-private"


def test_a_name_server_that_changes_its_mind_leads_nowhere(tmp_path: Path) -> None:
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("a network of its own needs root, unshare and ip")
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    child = Path(__file__).with_name("rebinding.py")
    steps = [
        "ip link set lo up", "ip address add 93.184.215.14/32 dev lo",
        f"mount --bind {tmp_path}/resolv.conf /etc/resolv.conf", f"mount --bind {tmp_path}/hosts /etc/hosts",
        f"exec {sys.executable} {child}",
    ]  # fmt: skip
    command = ["unshare", "--net", "--mount", "sh", "-c", " && ".join(steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if "Operation not permitted" in done.stderr:
        pytest.skip("this machine gives no network of its own")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["found"] == {
        "steady": OPEN,
        "rebind": [OPEN, REFUSED, REFUSED],
        "redirected to itself": REFUSED,
        "redirected to another": [OPEN, REFUSED],
        "redirected to a mapped address": REFUSED,
        **dict.fromkeys(("mapped.example", "mixed.example", "six.example", "localhost", "late.example"), REFUSED),
    }
    assert set(seen["reached"]) == {"93.184.215.14"}
    assert seen["asked"] >= 10
