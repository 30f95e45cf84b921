"""How fast posts are taken over HTTP: a steady stream of requests, nothing lost or doubled, pages asked for meanwhile.

Run ``python benchmarks/room/intake.py --rate 2000 --seconds 180 [--horizon 1000000]``. Sends ``rate`` posts a second in
requests of ``--batch`` posts from several threads, asks for a page now and then, and prints rate, latency, lag.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from room.running import Running

WORDS = [
    "harvest",
    "festival",
    "wheat",
    "barley",
    "river",
    "station",
    "report",
    "field",
    "market",
    "winter",
    "گندم",
    "برداشت",
    "مزرعه",
    "القمح",
    "الحصاد",
]


def made_up(n: int) -> dict[str, object]:
    text = " ".join(WORDS[(n * 7 + k * k) % len(WORDS)] for k in range(14)) + f" {n}"
    return {
        "post_id": f"i{n}", "account_id": f"a{(n * 7919) % 20011}", "platform": "x", "created_at": time.time() - 5,
        "text": text, "lang": "en", "urls": [f"https://site{n % 301}.example/{n % 5003}"], "hashtags": [],
    }  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=int, default=2000)
    options.add_argument("--seconds", type=int, default=180)
    options.add_argument("--batch", type=int, default=500)
    options.add_argument("--threads", type=int, default=4)
    options.add_argument("--tick-s", type=int, default=3600)
    chosen = options.parse_args()
    home = Path(tempfile.mkdtemp(prefix="dideban-intake-"))
    running = Running(home / "room")
    token = running.make()
    change = f"from dideban.room.rooms.models import Room; Room.objects.update(tick_s={chosen.tick_s})"
    running.django("shell", "-v0", "-c", change)
    running.start()
    running.wait_up()
    running.send(token, [made_up(10**9)])
    running.wait_merged()
    began, total = time.monotonic() + 0.5, chosen.rate * chosen.seconds // chosen.batch
    lock, next_request = threading.Lock(), iter(range(total))
    sent: list[float] = []
    pages: list[float] = []
    lags: list[float] = []
    refused = [0]

    def send() -> None:
        while True:
            with lock:
                number = next(next_request, None)
            if number is None:
                return
            at = began + number * chosen.batch / chosen.rate
            time.sleep(max(0.0, at - time.monotonic()))
            posts = [made_up(number * chosen.batch + k) for k in range(chosen.batch)]
            start = time.monotonic()
            while running.send(token, posts) is None:
                refused[0] += 1
                time.sleep(0.5)
            sent.append(time.monotonic() - start)

    def look(stopping: threading.Event) -> None:
        while not stopping.wait(0.5):
            start = time.monotonic()
            with urllib.request.urlopen(f"{running.url}/account/login/", timeout=30) as answer:
                answer.read()
            pages.append(time.monotonic() - start)
            from dideban.room.posts.spool import Spool

            oldest = Spool(home / "room" / "rooms" / "watch" / "spool").oldest()
            lags.append(time.time() - oldest if oldest else 0.0)

    stopping = threading.Event()
    watcher = threading.Thread(target=look, args=(stopping,), daemon=True)
    watcher.start()
    senders = [threading.Thread(target=send) for _ in range(chosen.threads)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    took = time.monotonic() - began
    stopping.set()
    watcher.join()
    running.wait_merged(120)
    settled = time.monotonic() - began
    stored = running.stored()
    running.stop()
    wanted = total * chosen.batch + 1
    result = {
        "posts": wanted, "stored": len(stored), "distinct": len(set(stored)), "seconds": round(took, 1),
        "posts_per_s": round((wanted - 1) / took), "all_in_table_after_s": round(settled, 1), "refused": refused[0],
        "request_p50_ms": round(percentile(sent, 0.5) * 1e3), "request_p95_ms": round(percentile(sent, 0.95) * 1e3),
        "page_p50_ms": round(percentile(pages, 0.5) * 1e3), "page_p95_ms": round(percentile(pages, 0.95) * 1e3),
        "lag_p95_s": round(percentile(lags, 0.95), 2), "lag_max_s": round(max(lags, default=0.0), 2),
    }  # fmt: skip
    print(json.dumps(result))
    shutil.rmtree(home, ignore_errors=True)
    return 0 if len(stored) == len(set(stored)) == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
