"""A hundred readers at once in a busy room: how long each kind of page takes, its queries, its weight.

Run ``python benchmarks/room/readers.py --posts 1000000 --readers 100 --seconds 60 --pause 10``. Every reader opens one
page after another, of all kinds in turn, and thinks ``--pause`` seconds in between, each at a time of their own.
``--room FOLDER`` takes a copy of a room that ``seed_posts.py`` made. The load runs on the same machine as the room.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2] / "tests"), str(HERE.parent)]

import seed_posts  # noqa: E402
from intake import percentile  # noqa: E402

from room.running import Running  # noqa: E402

ENGLISH = "the water market school bridge river harvest festival night council road city report hospital"
PERSIAN = "مدرسه آب بازار پل رودخانه شب شورا شهر گزارش مردم بیمارستان برق جاده روستا نان"
WORDS = {
    "word": ENGLISH.split(" "),
    "persian": PERSIAN.split(" "),
    "phrase": [f'"{a} {b}"' for a in ("of the", "in the", "at the") for b in ("", "city", "market", "river", "road")],
}
"""Searched for in turn: so many that hardly any answer is one that was kept."""
MAX_QUERIES, MAX_BYTES, MAX_MS = 30, 500 * 1024, 400.0


def kinds() -> dict[str, list[str]]:
    """Return kind of page to addresses in the room."""
    from dideban.room.alerts.models import Rule
    from dideban.room.cases.models import Case
    from dideban.room.findings.models import FollowedGroup, KeptFinding
    from dideban.room.sources.models import Source

    groups = FollowedGroup.objects.filter(current__isnull=False).values_list("number", flat=True)
    found = {
        "now": [""], "findings": ["findings/", "findings/?page=7", "findings/?verdict=none&place=north&sort=size"],
        "finding": [f"findings/{n}/" for n in groups],
        "permalink": [f"f/{name}/" for name in KeptFinding.objects.values_list("finding_id", flat=True)[:100]],
        "posts": ["posts/"], "cases": ["cases/", "cases/?status=all&page=3"], "case new": ["cases/new/"],
        "case": [f"cases/{n}/" for n in Case.objects.values_list("number", flat=True)],
        "handovers": ["handovers/"], "sources": ["sources/"], "source new": ["sources/new/feed/"],
        "source": [f"sources/{slug}/" for slug in Source.objects.values_list("slug", flat=True)],
        "alerts": ["alerts/", "alerts/?show=all&page=2"], "rules": ["rules/"],
        "rule": [f"rules/{pk}/" for pk in Rule.objects.values_list("pk", flat=True)],
        "members": ["members/"], "tokens": ["tokens/"], "reveals": ["reveals/"], "erasures": ["erasures/"],
        "audit": ["audit/"], "review": ["review/"], "settings": ["settings/"],
        **{f"search: {kind}": [f"posts/?text={quote(word)}" for word in some] for kind, some in WORDS.items()},
    }  # fmt: skip
    from django.urls import NoReverseMatch, reverse

    try:
        reverse("board:narratives", args=["watch"])
        found["narratives"] = ["narratives/"]
    except NoReverseMatch:
        pass
    return {kind: [f"/r/watch/{one}" for one in some] for kind, some in found.items() if some}


def weigh(pages: dict[str, list[str]]) -> dict[str, tuple[int, int]]:
    """Return kind of page to (queries, bytes with its own style and script), the worst of three, asked as a lead."""
    from django.conf import settings
    from django.contrib.staticfiles import finders
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from dideban.room.deferred_writes import deferred
    from dideban.room.members.models import Member

    deferred.is_on = True  # as in the web: notes of visits are no queries of a page
    settings.ALLOWED_HOSTS.append("testserver")
    client, found = Client(), {}
    client.force_login(Member.objects.get(username="member0"), backend="django.contrib.auth.backends.ModelBackend")
    for kind, addresses in pages.items():
        worst = (0, 0)
        for address in addresses[:: max(1, len(addresses) // 3)][:3]:
            with CaptureQueriesContext(
                connection,
            ) as log:
                answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)
            names = set(re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js))', answer.content.decode()))
            own = [finders.find(name) for name in names if "echarts" not in name and "plot" not in name]
            size = len(answer.content) + sum(Path(path).stat().st_size for path in own if path)
            worst = (max(worst[0], len(log)), max(worst[1], size))
        found[kind] = worst
    return found


async def read(port: int, address: str, cookie: str, language: str) -> tuple[int, float]:
    """Ask for one page; return its status and how long it took, seconds."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        f"GET {address} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: sessionid_{port}={cookie}",
        "Connection: close",
    )
    writer.write(("\r\n".join((*lines, f"Accept-Language: {language}")) + "\r\n\r\n").encode())
    answer = await reader.read(-1)
    writer.close()
    return int(answer[9:12]), time.monotonic() - began


async def crowd(
    port: int, cookies: list[str], pages: dict[str, list[str]], *, seconds: float, pause: float
) -> tuple[dict[str, list[float]], int]:
    """Let everybody read for a while; return kind of page to times, and how many answers were no page."""
    times: dict[str, list[float]] = defaultdict(list)
    end, wrong = time.monotonic() + seconds, 0

    async def one(n: int) -> None:
        nonlocal wrong
        chance, order = random.Random(n), list(pages)
        chance.shuffle(order)
        await asyncio.sleep(chance.uniform(0, pause))
        while time.monotonic() < end:
            kind = order.pop(0)
            order.append(kind)
            status, took = await read(port, chance.choice(pages[kind]), cookies[n % len(cookies)], "en")
            if status == 403:  # a viewer on a page of leads
                continue
            wrong += status != 200
            times[kind].append(took)
            await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)

    await asyncio.gather(*(one(n) for n in range(len(cookies))))
    return times, wrong


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=1_000_000)
    options.add_argument("--findings", type=int, default=500)
    options.add_argument("--cases", type=int, default=200)
    options.add_argument("--readers", type=int, default=100)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--pause", type=float, default=10.0, help="seconds between two pages of a reader")
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--room", type=Path)
    options.add_argument("--keep", type=Path, help="keep the furnished room here, or use it where it is there")
    chosen = options.parse_args()
    work = Path(tempfile.mkdtemp(prefix="dideban-readers-"))
    home = chosen.keep or work / "room"
    is_there = home.exists()
    if not is_there and chosen.room:
        shutil.copytree(chosen.room, home)
    elif not is_there:
        filling = [sys.executable, str(HERE.with_name("seed_posts.py")), str(home), "--posts", str(chosen.posts)]
        subprocess.run(filling, check=True)
    running = Running(home)
    os.environ.update(DIDEBAN_ROOM_HOSTS="127.0.0.1,localhost,testserver")
    seed_posts.use(home)
    import seed_people

    from dideban.room.rooms.models import Room
    from dideban.room.ticks.run import run_tick, summary
    from dideban.room.upkeep.setup import prepare

    prepare()  # a kept room may be of an earlier version
    room = Room.objects.get()
    if not is_there:
        tick = run_tick(room)
        print(json.dumps({"tick": summary(tick) if tick else {}}), flush=True)
        seed_people.furnish(room, n_findings=chosen.findings, n_cases=chosen.cases, n_members=chosen.readers)
    Room.objects.update(tick_s=86_400)
    cookies, pages = seed_people.sessions(room), kinds()
    weights = weigh(pages)
    running.start("room_web", arguments=("--workers", str(chosen.workers)))
    running.wait_up()
    asyncio.run(crowd(running.port, cookies[:4], pages, seconds=15, pause=0.2))  # what a room does that has been up
    times, wrong = asyncio.run(crowd(running.port, cookies, pages, seconds=chosen.seconds, pause=chosen.pause))
    running.stop()
    slow = 0
    for kind in sorted(pages, key=lambda kind: -percentile(times[kind], 0.95)):
        queries, weight = weights[kind]
        p95 = percentile(times[kind], 0.95) * 1e3
        is_over = p95 > MAX_MS or queries > MAX_QUERIES or weight > MAX_BYTES
        slow += is_over
        line = f"{kind:18} n {len(times[kind]):4}  p50 {percentile(times[kind], 0.5) * 1e3:6.0f} ms  p95 {p95:6.0f} ms"
        print(f"{line}  {queries:3} queries  {weight / 1024:6.0f} KiB{'  <- over' if is_over else ''}", flush=True)
    every = [took for some in times.values() for took in some]
    print(json.dumps({
        "readers": len(cookies), "pages": len(every), "pages_per_s": round(len(every) / chosen.seconds, 1),
        "p50_ms": round(percentile(every, 0.5) * 1e3), "p95_ms": round(percentile(every, 0.95) * 1e3),
        "no_page": wrong, "kinds_over": slow, "load": round(os.getloadavg()[0], 1),
    }))  # fmt: skip
    shutil.rmtree(work, ignore_errors=True)
    return 1 if wrong or slow else 0


if __name__ == "__main__":
    sys.exit(main())
