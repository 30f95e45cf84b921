"""Fifty kills: posts are sent without a pause while web, worker or both die at random, in compaction and backup too.

Run ``python benchmarks/room/kills.py --kills 50``. It prints one line per kill and, in the end, what was acknowledged,
what the table holds, and whether the audit trail is whole. Ends with 1 where anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from dideban.store.delta import PostTable
from room.running import Running

VICTIMS = (("work",), ("web",), ("web", "work"), ("work", "tick"), ("serve", "web", "work", "tick"))
BATCH = 50
WORDS = ["harvest", "festival", "wheat", "barley", "river", "station", "report", "field", "market", "winter"]


def made_up(n: int) -> dict[str, object]:
    at = time.time() - 3600 + (n % 3000)
    text = " ".join(WORDS[(n * 7 + k) % len(WORDS)] for k in range(9)) + f" {n}"
    return {"post_id": f"k{n}", "account_id": f"a{n % 97}", "platform": "x", "created_at": at, "text": text}


class Sender(threading.Thread):
    """Sends without a pause and remembers what the room said it has; what it did not say is sent again."""

    def __init__(self, running: Running, token: str) -> None:
        super().__init__(daemon=True)
        self.running, self.token, self.stopping = running, token, threading.Event()
        self.acknowledged: list[str] = []
        self.tries = 0

    def run(self) -> None:
        for n in itertools.count():
            posts = [made_up(n * BATCH + k) for k in range(BATCH)]
            while not self.stopping.is_set():
                self.tries += 1
                if self.running.send(self.token, posts) is not None:
                    self.acknowledged += [str(post["post_id"]) for post in posts]
                    break
                time.sleep(0.1)
            if self.stopping.is_set():
                return
            time.sleep(0.02)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    chance, home = random.Random(chosen.seed), Path(tempfile.mkdtemp(prefix="dideban-kills-"))
    running = Running(home / "room", DIDEBAN_ROOM_COMPACT_S="3")
    token = running.make()
    running.start()
    running.wait_up()
    sender = Sender(running, token)
    sender.start()
    downs: list[float] = []
    for number in range(1, chosen.kills + 1):
        time.sleep(chance.uniform(0.3, 3.0))
        backup = None
        if number % 7 == 0:
            command = [sys.executable, "-m", "django", "room_backup", "--to", str(home / "backup.tar.gz")]
            backup = subprocess.Popen(
                command, env=running.environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            time.sleep(chance.uniform(0.5, 3.0))
        victims = chance.choice(VICTIMS)
        n = running.kill(*victims)
        if backup is not None:
            backup.kill()
            backup.wait()
        if "serve" in victims:
            running.stop()
            running.start()
        downs.append(running.wait_up(300))
        print(
            f"{number:3d} killed {'+'.join(victims):24} ({n} processes), pages again after {downs[-1]:.1f} s",
            flush=True,
        )
    sender.stopping.set()
    sender.join(60)
    running.wait_merged(300)
    running.stop()
    table = PostTable(home / "room" / "rooms" / "watch" / "posts")
    stored = table.scan(columns=["post_id"]).collect()["post_id"].to_list()
    lost, doubled = set(sender.acknowledged) - set(stored), len(stored) - len(set(stored))
    audit = json.loads(running.django("room_audit"))
    result = {
        "kills": chosen.kills, "acknowledged": len(sender.acknowledged), "tries": sender.tries, "stored": len(stored),
        "lost": len(lost), "doubled": doubled, "audit_whole": audit["whole"], "audit_events": audit["events"],
        "longest_down_s": round(max(downs), 1), "median_down_s": round(sorted(downs)[len(downs) // 2], 1),
    }  # fmt: skip
    print(json.dumps(result))
    shutil.rmtree(home, ignore_errors=True)
    return 0 if not lost and not doubled and audit["whole"] else 1


if __name__ == "__main__":
    sys.exit(main())
