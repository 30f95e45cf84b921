"""Made-up input for what a room keeps and is given back: backups, anchors of its trail, searches in its table."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from room.cast import post  # isort: skip - makes Django ready
from django.db import connections
from django.test import Client, override_settings

from dideban.errors import DidebanError
from dideban.room.audit.anchors import append, make_line
from dideban.room.audit.peers import add_peer
from dideban.room.audit.verify import verify
from dideban.room.fetch import Fetcher
from dideban.room.members.tokens import hash_token
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.query import Query, Scope
from dideban.room.posts.search import count_posts, search_posts
from dideban.room.rooms.models import Room
from dideban.room.upkeep.backup import restore
from room.fuzz_values import Chance

TOKEN = "fuzz-of-anchors"
ENTRIES = [
    "room.sqlite3", "secret.key", "audit.anchors", "rooms/w/posts/a.parquet", "rooms", "rooms/w", "backup.json", "./backup.json",
    "x/../backup.json", "room.sqlite3/x", "secret.key/y", "audit.anchors/z", "restore.unfinished", "restore-a/b", "../out",
    "/abs", "a" * 300, "n/" * 200 + "x", "سلام", "\n", ".", "queue.sqlite3",
]  # fmt: skip
KINDS = [tarfile.REGTYPE] * 12 + [tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]


def _manifest(chance: Chance, entries: list[tuple[str, bytes, bytes]]) -> bytes:
    """Return the list of files as it would be, so that what comes after it is reached, or not quite."""
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body, _ in entries}
    sound = {"schema": "dideban.room-backup/1", "made_at": "2026-11-29", "sha256": hashes, "database": "sqlite"}
    return chance.json(chance.spoiled(sound)) if chance.random() < 0.3 else json.dumps(sound).encode()


def _packed_backup(chance: Chance, database: bytes) -> bytes:
    """Return a backup whose files are odd, and often as its list says."""
    if chance.random() < 0.5:
        database = chance.cut(database)
    entries = [("room.sqlite3", chance.choice((database, chance.cut(bytes(2_000)))), tarfile.REGTYPE)]
    for _ in range(chance.randrange(4)):
        entries.append((chance.choice(ENTRIES), chance.cut(chance.encoded(chance.text())), chance.choice(KINDS)))
    chance.shuffle(entries)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, body, kind in [*entries, ("backup.json", _manifest(chance, entries), tarfile.REGTYPE)][
            : chance.choice((99, 2))
        ]:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type, entry.linkname = len(body), kind, chance.choice(("", "room.sqlite3", "../x"))
            archive.addfile(entry, io.BytesIO(body))
    return made.getvalue()


def backups(folder: Path) -> Callable[[Chance], None]:
    """Return what restores odd backups into an empty folder, and looks for what is left of those that are refused."""
    link, home, path = connections["default"], folder / "home", folder / "b.tar.gz"
    own = link.settings_dict["NAME"]
    database = Path(own).read_bytes()

    def once(chance: Chance) -> None:
        data = gzip.compress(_packed_backup(chance, database), 1)
        path.write_bytes(chance.cut(data) if chance.random() < 0.4 else data)
        link.close()
        link.settings_dict["NAME"] = str(home / "room.sqlite3")
        try:
            with override_settings(DATA=home):
                restore(path)
        except DidebanError:
            assert not [one for one in home.rglob("*") if one.is_file()], "something is left of what was refused"
            raise
        finally:
            link.close()
            link.settings_dict["NAME"] = own
            shutil.rmtree(home, ignore_errors=True)

    return once


def _anchor_text(chance: Chance) -> str:
    """Return lines of anchors, some as they should be, among what mails and power cuts put around them."""
    lines, mac = [], "0" * 64
    for n in range(chance.randrange(6)):
        line = make_line(
            seq=chance.choice((n + 1, 10**17, 12)), head="a" * 64, n=chance.choice((n + 1, 1, 10**18 - 1)), mac=mac
        )
        mac = line.split()[-1]
        lines.append(chance.choice((line, line, f"> {line}", line[:-9], f"12 {'a' * 64}", chance.text())))
    return chance.choice(("\n", "\r\n", " ")).join(lines)


def anchors(folder: Path) -> Callable[[Chance], None]:
    """Return what verifies a trail with odd anchors in its file, in a mail and at a peer, and keeps those of a peer."""
    add_peer("Fuzz", token_hash=hash_token(TOKEN))
    peers = Client(headers={"Authorization": f"Bearer {TOKEN}"}, raise_request_exception=False)

    def once(chance: Chance) -> None:
        own, given, data = folder / "data" / "audit.anchors", folder / "mail.eml", _anchor_text(chance)
        own.parent.mkdir(exist_ok=True)
        own.write_bytes(chance.cut(data.encode("utf-8", "replace")))
        given.write_bytes(chance.cut(chance.encoded(data)))
        answer = {"lines": data.splitlines(), "series": 1, "more": chance.random() < 0.3}
        asked = SimpleNamespace(body=chance.json(chance.spoiled(answer)), status=200, headers={}, url="https://p")
        with (
            override_settings(DATA=folder / "data", ANCHOR_PEER="https://p.example/"),
            mock.patch.object(Fetcher, "send", return_value=asked),
        ):
            append(own, seq=chance.randrange(9), head="b" * 64)
            verify(given=[given] if chance.random() < 0.5 else [], ask=True).to_dict()
        sent = chance.cut(data.split("\n")[0].encode("utf-8", "replace"))
        assert peers.post("/api/v1/anchors", sent, content_type="text/plain").status_code < 500

    return once


def searches(room: Room) -> Callable[[Chance], None]:
    """Return what searches a table of a few hundred posts."""
    rows = [
        post(n, text=f"Words of {n} سلام bridge", hashtags=["wheat"], urls=["https://a.example/x"]) for n in range(300)
    ]
    take_bytes("\n".join(map(json.dumps, rows)).encode(), name="p.ndjson", origin=Origin(room=room.slug, source="s"))
    merge_all(room.slug)
    names = [
        "text",
        "since",
        "until",
        "places",
        "sources",
        "platforms",
        "languages",
        "object",
        "account",
        "finding",
        "narrative",
    ]

    def once(chance: Chance) -> None:
        given: dict[str, Any] = {name: chance.value(1) for name in chance.sample(names, 4)}
        if chance.random() < 0.7:
            given["text"] = " ".join(
                chance.choice(("bridge", '"', "-", "سلام", "*", "(", ":", chance.text())) for _ in range(4)
            )
        query = Query.from_dict(
            {key: [str(x) for x in v] if isinstance(v, list) else str(v) for key, v in given.items()}
        )
        after = chance.choice(("", "x", chance.text(), "2026-01-01T00:00:00+00:00|x|1"))
        found = search_posts(room.slug, query, scope=Scope(), limit=chance.choice((1, 50, -1, 10**9)), after=after)
        count_posts(room.slug, query, scope=Scope(), by=chance.choice(("", "lang", "place")))
        assert found.n_total >= len(found.posts)

    return once
