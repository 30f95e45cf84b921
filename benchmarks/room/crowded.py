"""A room of 5,000 findings and 50 places, full of extreme texts: processor time of each kind of page.

Run ``python benchmarks/room/crowded.py``. Each page is asked for several times by a coordinator, by a member of one
place, and by a member of a place where nothing is. Prints a line for each kind of page and ends with 1 where the 95th
percentile is over 400 ms.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2] / "tests"), str(HERE.parent)]

import seed_posts  # noqa: E402
from intake import percentile  # noqa: E402

MAX_MS = 400.0
EXTREME = 30
"""Findings whose every text is extreme: each document then has a hundred times its usual size."""


def furnish(room: Any, *, n_findings: int, n_places: int) -> list[Any]:
    """Fill the room; return the members who look at it."""
    import seed_people

    from dideban.room.members.actions import add_membership
    from dideban.room.members.models import Member
    from dideban.room.roles import Role
    from dideban.room.rooms.actions import save_place
    from room.extremes import make_extreme

    seed_people.furnish(room, n_findings=n_findings, n_cases=50, n_members=10)
    places = [save_place(room, name=f"Place {n}", by=None) for n in range(n_places - 4)]
    make_extreme(room, most_findings=EXTREME)
    found = [Member.objects.get(username="member0")]
    for name, place in (("north", room.places.get(slug="north")), ("nowhere", places[-1])):
        member = Member.objects.create(username=name, language="fa")
        add_membership(room, member, role=Role.ANALYST, places=[place], by=None)
        found.append(member)
    return found


def ask(member: Any, pages: dict[str, list[str]], *, times: int) -> dict[str, list[float]]:
    """Return kind of page to processor seconds of each answer."""
    from django.test import Client

    client, found = Client(), defaultdict(list)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    for kind, addresses in pages.items():
        for n in range(times + 1):
            address = addresses[n * max(1, len(addresses) // (times + 1)) % len(addresses)]
            began = time.process_time()
            answer = client.get(address)
            took = time.process_time() - began
            assert answer.status_code in (200, 403, 404), (address, answer.status_code)
            if n and answer.status_code == 200:  # the first fills what is kept
                found[kind].append(took)
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--posts", type=int, default=20_000)
    options.add_argument("--findings", type=int, default=5_000)
    options.add_argument("--places", type=int, default=50)
    options.add_argument("--times", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dideban-crowded-") as folder:
        seed_posts.use(Path(folder))
        seed_posts.fill(Path(folder), n_posts=chosen.posts)
        return measure(chosen)


def measure(chosen: argparse.Namespace) -> int:
    """Furnish the room, ask for its pages, print what they cost."""
    from django.conf import settings
    from readers import kinds

    from dideban.room.deferred_writes import deferred
    from dideban.room.rooms.models import Room
    from dideban.room.ticks.run import run_tick

    settings.ALLOWED_HOSTS.append("testserver")
    room = Room.objects.get()
    assert run_tick(room) is not None
    deferred.is_on = True  # as in the web: notes of visits are no work of a page
    people = furnish(room, n_findings=chosen.findings, n_places=chosen.places)
    pages, took = kinds(), defaultdict(list)
    for member in people:
        for kind, some in ask(member, pages, times=chosen.times).items():
            took[kind] += some
    slow = {kind for kind, some in took.items() if percentile(some, 0.95) * 1e3 > MAX_MS}
    for kind, some in sorted(took.items(), key=lambda item: -percentile(item[1], 0.95)):
        p50, p95 = (percentile(some, share) * 1e3 for share in (0.5, 0.95))
        print(f"{kind:18} n {len(some):3}  p50 {p50:5.0f} ms  p95 {p95:5.0f} ms{'  <- over' if kind in slow else ''}")
    every = [one for some in took.values() for one in some]
    print(json.dumps({
        "findings": chosen.findings, "places": chosen.places, "pages": len(every),
        "p95_cpu_ms": round(percentile(every, 0.95) * 1e3), "kinds_over": len(slow),
    }))  # fmt: skip
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
