"""Sixty kills at random moments, of six kinds, while posts are sent without a pause.

Processes of the running room (web, intake, worker, ticks, all), a backup, a restore, a migration, a compaction and an
erasure are killed in turn. ``python benchmarks/room/crash_recovery.py --kills 60`` prints one line per kill and, in the
end, what was acknowledged, what the table holds, whether the audit trails are whole, and how long pages were away. Ends
with 1 where anything was lost or doubled, came back, or took longer than ``--most-s``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from dideban.store.delta import PostTable
from room.running import Running

VICTIMS = (
    ("intake",),
    ("work",),
    ("web",),
    ("web", "intake", "work"),
    ("work", "tick"),
    ("serve", "web", "intake", "work", "tick"),
)
BATCH, N_ACCOUNTS = 50, 97
WORDS = ["harvest", "festival", "wheat", "barley", "river", "station", "report", "field", "market", "winter"]
BACK = (("audit", "0001"), ("posts", "0001"), ("sources", "0001"))
"""Steps of the tables that are taken back before a migration."""
READY = "import django; django.setup(); print('go', flush=True)\n"
COMPACT = READY + "from dideban.room.upkeep.maintenance import compact\nwhile True: compact('watch')"
MIGRATE = READY + "from dideban.room.upkeep.setup import prepare\nprepare()"
BACK_UP = READY + "from pathlib import Path; from dideban.room.upkeep.backup import back_up\nback_up(Path({path!r}))"
RESTORE = READY + "from pathlib import Path; from dideban.room.upkeep.backup import restore\nrestore(Path({path!r}))"
ASK = """
from dideban.room.members.models import Membership
from dideban.room.posts.actions import ask_erasure
by = Membership.objects.select_related("room", "member").first()
print(ask_erasure(by.room, account={account!r}, platform="x", reason="asked", by=by).account_id)
"""
ERASE = (
    READY
    + """
from dideban.room.posts.models import Erasure
from dideban.room.upkeep.erasure import try_erasure
for one in Erasure.objects.filter(done_at=None).select_related("room"): try_erasure(one)
"""
)
LEFT = "from dideban.room.posts.models import Erasure; print(Erasure.objects.filter(done_at=None).count())"


def made_up(n: int) -> dict[str, object]:
    """One post; the same number is the same post."""
    at = time.time() - 3600 + (n % 3000)
    text = " ".join(WORDS[(n * 7 + k) % len(WORDS)] for k in range(9)) + f" {n}"
    return {"post_id": f"k{n}", "account_id": f"a{n % N_ACCOUNTS}", "platform": "x", "created_at": at, "text": text}


class Sender(threading.Thread):
    """Sends without a pause and remembers what the room said it has; what it did not say is sent again."""

    def __init__(self, running: Running, token: str, *, pause_s: float = 0.3) -> None:
        super().__init__(daemon=True)
        self.running, self.token, self.stopping = running, token, threading.Event()
        self.acknowledged: list[int] = []
        self.tries = 0
        self.pause_s = pause_s

    def run(self) -> None:
        """Send until told to stop."""
        for n in itertools.count():
            numbers = range(n * BATCH, (n + 1) * BATCH)
            while not self.stopping.is_set():
                self.tries += 1
                if self.running.send(self.token, [made_up(k) for k in numbers]) is not None:
                    self.acknowledged += numbers
                    break
                time.sleep(0.1)
            if self.stopping.is_set():
                return
            time.sleep(self.pause_s)


@dataclass
class Trial:
    """A room that is killed, and what was seen."""

    home: Path
    running: Running
    chance: random.Random
    downs: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    erased: dict[int, str] = field(default_factory=dict)
    """Number of an account to its pseudonym."""

    @property
    def backup(self) -> Path:
        """The last backup that was made to the end."""
        return self.home / "sound.tar.gz"

    def killed(self, code: str, *, within_s: float, running: Running | None = None) -> bool:
        """Run code and kill it at a random moment; say whether it was still at it."""
        at = running or self.running
        command = [sys.executable, "-c", code]
        process = subprocess.Popen(
            command, env=at.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.home
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(self.chance.uniform(0.0, within_s))
        was_running = process.poll() is None
        process.kill()
        process.wait()
        return was_running

    def expect(self, is_so: bool, words: str) -> None:
        """Note a fault."""
        if not is_so:
            self.faults.append(words)
            print(f"    FAULT {words}", flush=True)

    def whole(self, running: Running) -> bool:
        """Say whether the audit trail is whole."""
        return bool(json.loads(running.django("room_audit", "verify", "--no-ask", check=False) or "{}").get("whole"))

    def processes(self) -> str:
        """Kill processes of the room."""
        victims = self.chance.choice(VICTIMS)
        self.running.kill(*victims)
        if "serve" in victims:
            self.running.stop()
            self.running.start()
        return "+".join(victims)

    def backing_up(self) -> str:
        """Kill a backup: nothing of that name is there; the next one is whole."""
        path = self.home / "killed.tar.gz"
        was = self.killed(BACK_UP.format(path=str(path)), within_s=1.0)
        self.expect(not path.exists() or _is_sound(path), "a backup that was killed lies there as if whole")
        self.running.django("room_backup", "--to", str(self.backup))
        path.unlink(missing_ok=True)
        return "backup" if was else "backup (had ended)"

    def restoring(self) -> str:
        """Kill a restore, and do it again."""
        new = Running(self.home / "restored")
        shutil.rmtree(new.home, ignore_errors=True)
        if not self.backup.exists():
            self.running.django("room_backup", "--to", str(self.backup))
        was = self.killed(RESTORE.format(path=str(self.backup)), within_s=0.8, running=new)
        if (new.home / "restore.unfinished").exists() or not (new.home / "room.sqlite3").exists():
            new.django("room_restore", "--source", str(self.backup))
        self.expect(self.whole(new), "the trail of a restored room is not whole")
        self.expect(json.loads(new.django("room_check"))["problems"] == [], "a restored room has problems")
        return "restore" if was else "restore (had ended)"

    def migrating(self) -> str:
        """Kill a migration of a restored room, and migrate again."""
        old, new = self.home / "older", Running(self.home / "migrated")
        if not old.exists():
            self._make_older(old)
        shutil.rmtree(new.home, ignore_errors=True)
        shutil.copytree(old, new.home)
        was = self.killed(MIGRATE, within_s=1.2, running=new)
        new.django("room_init")
        self.expect(self.whole(new), "the trail of a migrated room is not whole")
        self.expect(json.loads(new.django("room_check"))["problems"] == [], "a migrated room has problems")
        return "migration" if was else "migration (had ended)"

    def _make_older(self, home: Path) -> None:
        if not self.backup.exists():
            self.running.django("room_backup", "--to", str(self.backup))
        older = Running(home)
        older.django("room_restore", "--source", str(self.backup))
        for app, step in BACK:
            older.django("migrate", app, step)

    def compacting(self) -> str:
        """Kill what joins files of the table."""
        return "compaction" if self.killed(COMPACT, within_s=2.0) else "compaction (had ended)"

    def erasing(self) -> str:
        """Kill the deletion of a person, and the worker that does the same."""
        number = self.chance.choice([n for n in range(N_ACCOUNTS) if n not in self.erased])
        code = ASK.format(account=f"a{number}")
        self.erased[number] = self.running.django("shell", "-v0", "-c", code).strip().splitlines()[-1]
        was = self.killed(ERASE, within_s=1.5)
        self.running.kill("work")
        return "erasure" if was else "erasure (had ended)"


def _is_sound(path: Path) -> bool:
    """Say whether a backup can be read to its end, where its list of files is."""
    try:
        with tarfile.open(path) as archive:
            return archive.getnames()[-1] == "backup.json"
    except (tarfile.TarError, EOFError, OSError):
        return False


def main() -> int:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--most-s", type=float, default=10.0, help="longest time without pages")
    chosen = options.parse_args()
    home = Path(tempfile.mkdtemp(prefix="dideban-kills-"))
    running = Running(home / "room", DIDEBAN_ROOM_COMPACT_S="3")
    token = running.make()
    running.django("shell", "-v0", "-c", "from dideban.room.rooms.models import Room; Room.objects.update(tick_s=30)")
    running.start()
    running.wait_up(300)
    sender = Sender(running, token)
    sender.start()
    trial = Trial(home, running, random.Random(chosen.seed))
    kinds = (
        trial.processes, trial.backing_up, trial.restoring, trial.migrating, trial.compacting, trial.erasing,
    )  # fmt: skip
    for number in range(chosen.kills):
        time.sleep(trial.chance.uniform(0.3, 2.0))
        what = kinds[number % len(kinds)]()
        trial.downs.append(running.wait_up(300))
        print(f"{number + 1:3d} killed {what:32} pages again after {trial.downs[-1]:.1f} s", flush=True)
    sender.stopping.set()
    sender.join(60)
    result = _judged(trial, sender, n=chosen.kills)
    print(json.dumps(result))
    shutil.rmtree(home, ignore_errors=True)
    bad = result["lost"] or result["doubled"] or result["came_back"] or result["faults"] or not result["audit_whole"]
    return 1 if bad or max(trial.downs) > chosen.most_s else 0


def _judged(trial: Trial, sender: Sender, *, n: int) -> dict[str, object]:
    """Wait until everything that was begun is done, and count."""
    running = trial.running
    running.wait_merged(300)
    end = time.monotonic() + 300
    while int(running.django("shell", "-v0", "-c", LEFT).strip()) and time.monotonic() < end:
        time.sleep(5)
    left = int(running.django("shell", "-v0", "-c", LEFT).strip())
    running.stop()
    table = PostTable(running.home / "rooms" / "watch" / "posts")
    kept = table.scan(columns=["post_id", "account_id"]).collect()
    stored = kept["post_id"].to_list()
    wanted = {f"k{k}" for k in sender.acknowledged if k % N_ACCOUNTS not in trial.erased}
    back = kept.filter(kept["account_id"].is_in(list(trial.erased.values()))).height
    downs = sorted(trial.downs)
    return {
        "kills": n, "acknowledged": len(sender.acknowledged), "tries": sender.tries, "stored": len(stored),
        "lost": len(wanted - set(stored)), "doubled": len(stored) - len(set(stored)), "erased": len(trial.erased),
        "erasures_left": left, "came_back": back, "faults": trial.faults, "audit_whole": trial.whole(running),
        "longest_down_s": round(downs[-1], 1), "median_down_s": round(downs[len(downs) // 2], 1),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
