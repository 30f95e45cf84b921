"""The queue of comments worked by keys in a browser while readers go on writing: what gets done, how long keys take.

    python benchmarks/comment_queue.py [MINUTES] [READING_S]

A third of the time in each language. Comments are ordinary ones, campaigns of one text and some that name a private
person. The moderator reads READING_S seconds, refuses campaigns (6, r) and what has a hint (3, r), puts every twentieth
aside (h), chooses three at a time now and then (x, j), and shows the rest (a). Needs playwright and a Chromium on PATH
(or named by DIDEBAN_CHROMIUM).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from dideban.comments import CommentDesk, CommentStore
from dideban.comments import server as process
from dideban.comments.proof_of_work import work
from dideban.comments.service import Sent

PAGES = [f"/{lang}/bulletins/{slug}/" for lang in ("fa", "ar", "en") for slug in ("bridge", "water")]
PORT, WAITING, BITS = 8798, 300, 4
WORDS = {
    "en": ["bridge", "school", "water", "people", "street", "council", "morning", "answer", "plan", "money", "road"],
    "fa": ["پل", "مدرسه", "آب", "مردم", "خیابان", "شورا", "صبح", "پاسخ", "برنامه", "پول", "راه"],
    "ar": ["جسر", "مدرسة", "ماء", "ناس", "شارع", "مجلس", "صباح", "جواب", "خطة", "مال", "طريق"],
}  # fmt: skip
CAMPAIGN = {
    "en": "Everybody knows that the council sold our bridge to a friend, share this with everyone you know today {n}",
    "fa": "همه می‌دانند که شورا پل ما را به دوستی فروخت، این را امروز برای هر که می‌شناسید بفرستید {n}",
    "ar": "الجميع يعلم أن المجلس باع جسرنا لصديق، أرسلوا هذا اليوم إلى كل من تعرفون {n}",
}  # fmt: skip
NAMED = {"en": "Ask Martin Kessler about it", "fa": "از آقای بهروز صدیقی بپرسید", "ar": "اسألوا السيد سمير العبدلي"}


def main(minutes: float, reading_s: float) -> None:
    home = Path(tempfile.mkdtemp())
    for page in PAGES:
        path = home / "site" / page.strip("/") / "index.html"
        path.parent.mkdir(parents=True)
        path.write_text(f'<h1>Page</h1>{{"datePublished":"{datetime.now(UTC).isoformat()}"}}')
    desk = CommentDesk(store=CommentStore(home / "comments"), site=home / "site", bits=BITS)
    key, chance = desk.add_moderator("bench"), random.Random(1)
    for ix in range(WAITING):
        write(desk, chance, ix)
    stopping = threading.Event()
    readers = threading.Thread(target=keep_writing, args=(desk, chance, stopping), daemon=True)
    environment = {**os.environ, process.FOLDER: str(home / "comments"), process.SITE: str(home / "site")}
    serving = subprocess.Popen([sys.executable, "-m", "dideban.comments", "127.0.0.1", str(PORT)], env=environment)
    try:
        wait_up()
        readers.start()
        walk(key, minutes=minutes, reading_s=reading_s)
    finally:
        stopping.set()
        serving.send_signal(signal.SIGTERM)
        serving.wait()
    with desk.store.connect(writes=False) as link:
        states = dict(link.execute("SELECT state, count(*) FROM comments GROUP BY state").fetchall())
        wrong = link.execute("SELECT count(*) FROM comments WHERE state = 'shown' AND name = 'named'").fetchone()[0]
        wrong += link.execute("SELECT count(*) FROM comments WHERE state = 'shown' AND name = 'campaign'").fetchone()[0]
    print(f"afterwards: {states}; shown although the moderator refused its kind: {wrong}")
    shutil.rmtree(home)


def write(desk: CommentDesk, chance: random.Random, ix: int) -> None:
    """Write a comment: every fourth is of a campaign, every tenth names somebody."""
    page = chance.choice(PAGES)
    lang = page[1:3]
    kind = "campaign" if ix % 4 == 0 else "named" if ix % 10 == 1 else ""
    words = " ".join(chance.choices(WORDS[lang], k=14))
    body = CAMPAIGN[lang].format(n=ix % 7) if kind == "campaign" else f"{NAMED[lang]}. {words}" if kind else words
    token = desk.new_token(page)
    later = desk.now
    desk.now = lambda: later() + 10  # the sender took ten seconds
    try:
        address = f"10.{chance.randrange(250)}.{chance.randrange(250)}.1"
        desk.submit(
            Sent(
                page=page, lang=lang, name=kind, body=body, token=token, answer=work(token, bits=BITS), address=address
            )
        )
    finally:
        desk.now = later


def keep_writing(desk: CommentDesk, chance: random.Random, stopping: threading.Event) -> None:
    """Write one comment every three seconds."""
    ix = WAITING
    while not stopping.wait(3):
        write(desk, chance, ix)
        ix += 1


def wait_up() -> None:
    for _ in range(200):
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the process of comments did not start")


def walk(key: str, *, minutes: float, reading_s: float) -> None:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("DIDEBAN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    done, waits, troubles = Counter(), [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"http://127.0.0.1:{PORT}/queue/?lang=en")
        page.fill("input[name=key]", key)
        page.keyboard.press("Enter")
        page.wait_for_selector(".queue > li")
        end = time.monotonic() + minutes * 60
        for lang in ("en", "fa", "ar"):
            page.goto(f"http://127.0.0.1:{PORT}/queue/?lang={lang}")
            part = time.monotonic() + (end - time.monotonic()) / {"en": 3, "fa": 2, "ar": 1}[lang]
            while time.monotonic() < part:
                if page.locator(".queue > li").count() == 0:
                    time.sleep(3)
                    page.reload()
                    continue
                step(page, done, waits, reading_s=reading_s)
        browser.close()
    waits.sort()
    print(
        f"{minutes:g} minutes: {sum(done[k] for k in ('a', 'r', 'h'))} decisions, {done['keys']} keys, "
        f"{done['comments']} comments decided, queue empty {done['empty']} times"
    )
    print(
        f"from the key to the next comment in focus: median {waits[len(waits) // 2] * 1000:.0f} ms, "
        f"95% {waits[len(waits) * 95 // 100] * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms; "
        f"errors in the page: {troubles}"
    )


def step(page: Any, done: Counter, waits: list[float], *, reading_s: float) -> None:
    """Read what is in focus, decide by keys, wait until the next is in focus."""
    row = page.locator(".queue > li.at")
    said, n = row.inner_text(), row.locator(".tag.loud").count()
    time.sleep(reading_s)
    total = page.locator(".queue > li").count()
    keys = (
        ["3", "r"]
        if row.locator(".hints").count()
        else ["6", "r"]
        if n
        else ["h"]
        if done["a"] >= 20 * (done["h"] + 1)
        else ["a"]
    )
    if (
        keys == ["a"]
        and done["a"] % 10 == 9
        and total > 3
        and not page.locator(".queue > li:nth-child(-n+3) .tag").count()
    ):
        keys = ["x", "j", "x", "j", "x", "a"]
    began = time.monotonic()
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    page.wait_for_function("!document.querySelector('.queue') || document.activeElement.matches('.queue > li.at')")
    waits.append(time.monotonic() - began)
    done[keys[-1]] += 1
    done["keys"] += len(keys)
    done["comments"] += int("".join(c for c in page.locator("[role=status]").inner_text() if c.isdigit()) or 0)
    done["empty"] += page.locator(".queue > li").count() == 0
    assert said, "an empty comment in the queue"


if __name__ == "__main__":
    main(*(float(a) for a in (*sys.argv[1:], *("10", "1.5")[len(sys.argv) - 1 :])))
