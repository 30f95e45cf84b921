"""How long from the deciding post of a campaign to its alert, with a million posts in the horizon.

Run ``python benchmarks/room/alert.py --posts 1000000 --campaigns 5``. A room is filled with a sample from which the
posts of some planted campaigns are held back. The room then runs as ever, ordinary posts come in without a pause, and
the campaigns are sent one after another over HTTP, at moments that have nothing to do with the ticks. Its rules tell
of leads too. A campaign's time runs from the arrival of the last post that its finding needs to the moment when the
alert lies in the database.
``--room FOLDER`` takes a copy of a room that ``seed_posts.py --hold`` made.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from intake import made_up

from room.running import Running

SETUP = """
from dideban.room.alerts.models import Rule
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, make_intake_token
Room.objects.update(tick_s={tick_s})
Rule.objects.filter(kind="new-finding").update(params={{"with_leads": True}})
print(make_intake_token(add_source(Room.objects.get(), kind='intake', name='Live', by=None), by=None))
"""
ALERTS = """SELECT a.at, a.decided_at, f.document FROM alerts_alert a JOIN findings_followedgroup g ON g.id = a.group_id
JOIN findings_finding f ON f.id = g.current_id WHERE a.kind = 'new-finding'"""
TICKS = "SELECT started_at, finished_at, status, n_posts, n_findings, n_new, n_changed, seconds, error FROM jobs_tick"


class Background(threading.Thread):
    """Ordinary posts that never end."""

    def __init__(self, running: Running, token: str, rate: float) -> None:
        super().__init__(daemon=True)
        self.running, self.token, self.rate, self.n = running, token, rate, 0

    def run(self) -> None:
        while True:
            posts = [made_up(self.n + k) for k in range(max(1, round(self.rate)))]
            self.running.send(self.token, posts)
            self.n += len(posts)
            time.sleep(1.0)


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    link = sqlite3.connect(home / "room.sqlite3", timeout=30)
    try:
        return link.execute(query).fetchall()
    finally:
        link.close()


def ticks(home: Path) -> list[tuple[Any, ...]]:
    return [row for row in ask(home, f"{TICKS} ORDER BY started_at") if row[2] != "unchanged"]


def send_campaign(running: Running, token: str, posts: pl.DataFrame, *, seconds: float) -> None:
    """Send the posts of one campaign in the order in which they were written, spread over some seconds."""
    rows = [json.loads(line) for line in posts.drop("group").write_ndjson().splitlines()]
    parts = [rows[n::20] for n in range(20)]
    for part in parts:
        while part and running.send(token, part) is None:
            time.sleep(0.5)
        time.sleep(seconds / len(parts))


def wait_alert(home: Path, accounts: set[str], *, since: set[str], seconds: float) -> float | None:
    """Wait for an alert about a group of these accounts; return its delay in seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for at, decided_at, document in ask(home, ALERTS):
            if document not in since and decided_at and set(json.loads(document)["accounts"]) & accounts:
                return (datetime.fromisoformat(at) - datetime.fromisoformat(decided_at)).total_seconds()
        time.sleep(1.0)
    return None


def pseudonyms(running: Running, accounts: list[str]) -> set[str]:
    code = "import json, sys; from dideban.room.rooms.sealed_ids import pseudonym_of\n"
    code += "print(json.dumps([pseudonym_of('watch', a) for a in json.loads(sys.stdin.read())]))"
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
    done = subprocess.run(
        command, env=running.environment, input=json.dumps(accounts), capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--campaigns", type=int, default=5)
    options.add_argument("--room", type=Path)
    options.add_argument("--rate", type=float, default=10.0, help="ordinary posts a second meanwhile")
    options.add_argument("--tick-s", type=int, default=5)
    options.add_argument("--patience", type=float, default=600.0)
    chosen = options.parse_args()
    work = Path(tempfile.mkdtemp(prefix="dideban-alert-"))
    home, chance = work / "room", random.Random(1)
    if chosen.room:
        shutil.copytree(chosen.room, home)
    else:
        filling = [
            sys.executable,
            str(Path(__file__).with_name("seed_posts.py")),
            str(home),
            "--posts",
            str(chosen.posts),
        ]
        subprocess.run([*filling, "--hold", str(chosen.campaigns)], check=True)
    running = Running(home)
    running.django("room_init")  # a kept room may be of an earlier version
    token = running.django("shell", "-v0", "-c", SETUP.format(tick_s=chosen.tick_s)).strip().splitlines()[-1]
    held = pl.read_parquet(home / "held.parquet")
    running.start()
    running.wait_up()
    n_before = len(ticks(home))
    while not any(
        row[2] == "done" for row in ticks(home)[n_before:]
    ):  # the first may read everything for the first time
        if failed := [row[8] for row in ticks(home)[n_before:] if row[2] == "failed"]:
            raise SystemExit(f"a tick failed: {failed[-1]}")
        if len(ticks(home)) == n_before:
            running.send(token, [made_up(10**9)])  # a room that was kept has nothing new to look at
        time.sleep(1.0)
    print(json.dumps({"first_tick": json.loads(ticks(home)[n_before][7])}), flush=True)
    Background(running, token, chosen.rate).start()
    delays: list[float] = []
    missing = 0
    for name, posts in list(held.group_by("group", maintain_order=True))[: chosen.campaigns]:
        time.sleep(chance.uniform(10.0, 60.0))
        accounts = posts["account_id"].unique().sort().to_list()
        before = {row[2] for row in ask(home, ALERTS)}
        send_campaign(running, token, posts.sort("created_at"), seconds=20.0)
        delay = wait_alert(home, pseudonyms(running, accounts), since=before, seconds=chosen.patience)
        missing += delay is None
        delays += [] if delay is None else [delay]
        about = {"campaign": name[0], "accounts": len(accounts), "posts": posts.height, "alert_after_s": delay}
        print(json.dumps({**about, "load": round(os.getloadavg()[0], 1)}), flush=True)
    done = [row for row in ticks(home)[n_before + 1 :] if row[2] == "done" and row[1]]
    lengths = sorted((datetime.fromisoformat(r[1]) - datetime.fromisoformat(r[0])).total_seconds() for r in done)
    running.stop()
    result = {
        "posts": done[-1][3] if done else 0, "findings": done[-1][4] if done else 0, "missing": missing,
        "alert_median_s": round(sorted(delays)[len(delays) // 2], 1) if delays else None,
        "alert_longest_s": round(max(delays), 1) if delays else None, "ticks": len(done),
        "tick_median_s": round(lengths[len(lengths) // 2], 1) if lengths else None,
        "last_tick": json.loads(done[-1][7]) if done else {},
        "failed_ticks": sum(row[2] == "failed" for row in ticks(home)),
    }  # fmt: skip
    print(json.dumps(result))
    shutil.rmtree(work, ignore_errors=True)
    return 0 if delays and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
