"""Objects pulled page by page while writers post into the same collection: none lost, none doubled; and how fast.

``python benchmarks/room/taxii_pull.py --objects 100000 --writers 10``: in one process, in a folder of its own that is
removed. Without ``--writers`` the collection is filled first, and the pull alone is timed. ``most_mb`` is the
memory of the whole process: server, writers and the reader, which keeps every id.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

BATCH = 200
AT = "2026-03-01T00:00:00.000Z"


def start(home: Path) -> tuple[Any, str]:
    """Make a room with a collection and a peer that reads it; return the collection and the peer's token."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="dideban.room.settings", DIDEBAN_ROOM_DATA=str(home), DIDEBAN_ROOM_HOSTS="testserver",
        DIDEBAN_ROOM_SECRET_KEY="for benchmarks only, and long enough to pass the check of length",
        DIDEBAN_ROOM_LOG_LEVEL="CRITICAL",
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from dideban.room.deferred_writes import deferred
    from dideban.room.members.actions import add_membership, create_member
    from dideban.room.roles import Role
    from dideban.room.rooms.actions import create_room
    from dideban.room.sharing import actions

    deferred.start(lambda: None)  # as where pages are served
    room = create_room(slug="watch", name="Watch")
    member = create_member(username="a", password="correct horse battery staple", email="a@example.org", by=None)
    by = add_membership(room, member, role=Role.COORDINATOR, by=None)
    peer = actions.save_peer(room, name="Reader", max_tlp="amber", may_send=False, by=by)
    shelf = actions.save_collection(room, title="All", tlp_ceiling="amber", is_inbox=False, peers=[peer], by=by)
    return shelf, actions.make_peer_token(peer, by=by)


def note(n: int) -> dict[str, Any]:
    """Return one object."""
    return {
        "type": "note", "spec_version": "2.1", "id": f"note--{n:08x}-1111-4111-8111-111111111111", "created": AT,
        "modified": AT, "content": f"note {n}", "object_refs": ["identity--11111111-1111-4111-8111-111111111111"],
    }  # fmt: skip


def write(shelf: Any, numbers: range) -> None:
    """Put objects on the shelf, batch by batch, each in a transaction of its own."""
    from django.db import OperationalError, connection, transaction

    from dideban.room.patience import patiently
    from dideban.room.sharing.shelf import put_on

    for first in range(numbers.start, numbers.stop, BATCH):
        bodies = [note(n) for n in range(first, min(first + BATCH, numbers.stop))]

        def put(bodies: list[dict[str, Any]] = bodies) -> None:
            with transaction.atomic():
                put_on(shelf, bodies, export=None)

        while True:
            try:
                patiently(put)
                break
            except OperationalError:  # nothing of it was kept: it is put again, as any writer does
                continue
    connection.close()


def pull(shelf: Any, token: str, *, is_over: Any) -> list[str]:
    """Follow ``next`` until there is nothing more and nobody writes any longer; return the ids in order."""
    from django.test import Client

    headers = {"Authorization": f"Bearer {token}", "Accept": "*/*"}
    client, found, after = Client(headers=headers, raise_request_exception=False), list[str](), ""
    while True:
        was_over = is_over()
        query = f"?limit=100&next={after}" if after else "?limit=100"
        answer = client.get(f"/taxii2/watch/collections/{shelf.uuid}/objects/{query}")
        if answer.status_code == 503:  # the database is held for long: as any peer, it asks again
            continue
        content = json.loads(answer.content)
        ids = [one["id"] for one in content.get("objects", [])]
        found += ids
        after = str(int(after or 0) + len(ids))  # numbers have no gap
        if not ids and was_over:
            return found


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--writers", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        shelf, token = start(Path(home))
        n, k = options.objects, max(options.writers, 1)
        cuts = [n * i // k for i in range(k + 1)]
        threads = [threading.Thread(target=write, args=(shelf, range(a, b))) for a, b in pairwise(cuts)]
        for thread in threads:
            thread.start()
        if not options.writers:
            threads[0].join()
        began, cpu = time.monotonic(), time.process_time()
        found = pull(shelf, token, is_over=lambda: not any(thread.is_alive() for thread in threads))
        took = {"seconds": round(time.monotonic() - began, 1), "cpu_s": round(time.process_time() - cpu, 1)}
        wanted = {note(i)["id"] for i in range(n)}
        row = {"objects": n, "writers": options.writers, "pulled": len(found), "lost": len(wanted - set(found))}
        row |= {"doubled": len(found) - len(set(found)), **took}
        print(json.dumps({**row, "most_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()
