"""What strangers may send, made by chance: wrong types, depths, sizes and encodings, for every way in.

A surface takes one input and either works or refuses in words. Anything else is a fault: another exception, an answer
of 500, more than two seconds of the processor, memory that grows.
"""

from __future__ import annotations

import io
import json
import re
import resource
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

from room.cast import NOW, client_of, join, post  # isort: skip - makes Django ready
from django.test import Client
from django.urls import get_resolver

from dideban.errors import DidebanError
from dideban.room.cases.actions import open_case
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Membership
from dideban.room.members.tokens import SCOPES
from dideban.room.posts.intake import Origin, take_bytes, take_lines
from dideban.room.reader.feeds import records
from dideban.room.reader.pages import article
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, make_intake_token
from dideban.room.sources.bluesky.stream import read_message
from dideban.room.sources.contract import Ask
from dideban.room.sources.mastodon.connector import collect as collect_mastodon
from dideban.store import verify_package
from room import fuzz_kept
from room.fuzz_values import Chance

MOST_S = 2.0


@dataclass
class Surface:
    """One way in."""

    name: str
    once: Callable[[Chance], None]


@dataclass
class Outcome:
    """What became of one surface."""

    n: int = 0
    n_refused: int = 0
    slowest_s: float = 0.0
    """Of the processor: the machine may be busy with other things."""
    slowest_seed: int = 0
    worked_s: float = 0.0
    grown_mib: float = 0.0
    faults: list[str] = field(default_factory=list)


def rss_mib() -> float:
    """Return the memory of this process now."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1024 / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Awake:
    """Seconds in which this process could run: a machine that stops it, or has no turn for it, is no hang."""

    def __init__(self) -> None:
        self.seconds = 0.0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            began = time.monotonic()
            time.sleep(0.1)
            self.seconds += min(time.monotonic() - began, 0.2)


def waited_s() -> float:
    """Return for how long this thread was ready and got no processor, seconds; 0 where the system does not say."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def fuzz(surface: Surface, *, seconds: float, seed: int = 0, most: int = 10**9, most_s: float = MOST_S) -> Outcome:
    """Send inputs for some time; the seed of each is its number, so that a fault can be made again."""
    found, end, warm, awake = Outcome(), time.monotonic() + seconds, 0.0, Awake()
    while time.monotonic() < end and found.n < most and len(found.faults) < 5:
        number = seed + found.n
        began, worked = awake.seconds - waited_s(), time.process_time()
        try:
            surface.once(Chance(number))
        except DidebanError:
            found.n_refused += 1
        except Exception as error:
            found.faults.append(f"{surface.name} seed {number}: {type(error).__name__}: {str(error)[:300]}")
        took, worked = awake.seconds - waited_s() - began, time.process_time() - worked
        found.worked_s += worked
        if worked > found.slowest_s:
            found.slowest_s, found.slowest_seed = worked, number
        if worked > most_s or took > 5 * most_s:
            found.faults.append(f"{surface.name} seed {number}: took {took:.1f} s, {worked:.1f} s of the processor")
        found.n += 1
        if not warm and time.monotonic() > end - seconds * 0.75:
            warm = rss_mib()
    found.grown_mib = rss_mib() - warm if warm else 0.0
    return found


# What a sound input looks like

EVENT = {
    "did": "did:plc:abc", "time_us": int(NOW.timestamp() * 1e6), "kind": "commit",
    "commit": {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k", "cid": "c", "record": {
        "$type": "app.bsky.feed.post", "text": "A sentence", "createdAt": NOW.isoformat(), "langs": ["en"],
        "facets": [{"index": {"byteStart": 0, "byteEnd": 2}, "features": [{"$type": "x#link", "uri": "https://a.example"}]}],
        "reply": {"root": {"uri": "at://x/y/z", "cid": "c"}, "parent": {"uri": "at://x/y/z", "cid": "c"}},
        "embed": {"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": {"ref": {"$link": "b"}}}]}}},
}  # fmt: skip
STATUS = {
    "id": "1", "created_at": NOW.isoformat(), "content": "<p>A sentence</p>", "language": "en", "url": "https://m.example/1",
    "account": {"id": "5", "acct": "ann@m.example", "url": "https://m.example/@ann"}, "tags": [{"name": "wheat"}],
    "mentions": [{"acct": "b"}], "media_attachments": [{"id": "9", "blurhash": "x"}], "reblog": None, "in_reply_to_id": None,
    "card": {"url": "https://a.example"}, "reblogs_count": 3,
}  # fmt: skip
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title><link>https://a.example</link>
<language>en</language><item><title>One</title><link>https://a.example/1</link><guid>1</guid><pubDate>Mon, 23 Nov 2026
10:00:00 GMT</pubDate><description>&lt;p&gt;words&lt;/p&gt;</description></item><item><title>Two</title></item></channel>
</rss>"""
PAGE = """<html lang="en"><head><title>T</title><meta charset="utf-8"></head><body><article><h1>Head</h1><p>A sentence that
is long enough to be an article, with many words in it.</p><p>And another one of the same sort.</p></article></body></html>"""


def _bluesky(chance: Chance) -> None:
    event = chance.spoiled(EVENT, 7)
    text = chance.json(event).decode("utf-8", "replace")
    heard = read_message(text, {"languages": "en", "words": "sentence"})
    assert 0 <= heard.at <= (time.time() + 1) * 1e6
    if heard.line:
        take_lines([heard.line], name="jetstream.ndjson", origin=Origin(room="watch", source="s"), keep=False)


def _mastodon(chance: Chance) -> None:
    body = chance.json([chance.spoiled(STATUS) for _ in range(chance.randrange(4))])
    fetcher = SimpleNamespace(
        get=lambda *args, **given: SimpleNamespace(body=body, status=200, headers={}, url="https://m")
    )
    since = NOW if chance.random() < 0.3 else None
    ask = Ask(fetcher=fetcher, now=NOW, state={"last_id": chance.choice(("", "1", "x"))}, since=since)  # type: ignore[arg-type]
    got = collect_mastodon({"server": "https://m.example", "hashtag": "wheat"}, ask)
    for name, data in got.parts:
        lines = data.decode("utf-8", "replace").split("\n")
        take_lines(lines, name=name, origin=Origin(room="watch", source="s"), keep=False)


def _feed(chance: Chance) -> None:
    text = FEED
    for _ in range(chance.randrange(5)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.text() + text[at + chance.randrange(20) :]
    kind = chance.choice(
        ("application/rss+xml", "text/html; charset=utf-16", "", "text/xml; charset=nonsense", chance.text())
    )
    records(chance.cut(chance.encoded(text)), content_type=kind, url="https://a.example/feed", now=NOW)


def _article(chance: Chance) -> None:
    text = PAGE
    for _ in range(chance.randrange(6)):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice((chance.text(), "<div>" * 300, "<!--", "<table>", "&#x110000;")) + text[at:]
    article(chance.cut(chance.encoded(text)))


def _table(chance: Chance) -> bytes:
    rows = [chance.spoiled(post(n)) for n in range(chance.randrange(1, 5))]
    names = ["post_id", "account_id", "created_at", "text"]
    mark = chance.choice(",;\t|")
    lines = [
        mark.join(names),
        *(mark.join(str(row.get(name)) if isinstance(row, dict) else str(row) for name in names) for row in rows),
    ]
    return chance.cut(chance.encoded(chance.choice(("\n", "\r\n", "\r")).join(lines)))


def _posts(chance: Chance) -> None:
    if chance.random() < 0.4:
        data, name = _table(chance), chance.choice(("p.csv", "p.tsv", "p.txt"))
    else:
        rows = [chance.spoiled(post(n)) for n in range(chance.randrange(1, 6))]
        is_list = chance.random() < 0.3
        data = chance.json(rows) if is_list else b"\n".join(chance.json(row) for row in rows)
        name = "p.json" if is_list else "p.ndjson"
    take_bytes(data, name=name, origin=Origin(room="watch", source="s"), keep=False)


def _packed_files() -> list[tuple[str, bytes]]:
    frame = pl.DataFrame([post(n) for n in range(20)]).drop("urls", "hashtags")
    parquet, sheet, archive = io.BytesIO(), io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    frame.write_excel(sheet)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a/posts.ndjson", "\n".join(json.dumps(post(n)) for n in range(5)))
        file.writestr("b.csv", "post_id,account_id,created_at,text\n1,a,2026-01-01,x\n")
    return [("p.parquet", parquet.getvalue()), ("p.xlsx", sheet.getvalue()), ("p.zip", archive.getvalue())]


def _files(kept: list[tuple[str, bytes]]) -> Callable[[Chance], None]:
    def once(chance: Chance) -> None:
        name, data = chance.choice(kept)
        take_bytes(chance.cut(data), name=name, origin=Origin(room="watch", source="s"), keep=False)

    return once


def _answered(answer: Any) -> None:
    assert answer.status_code < 500, f"{answer.status_code} {answer.request.get('PATH_INFO')}"


def _intake(wire: Client) -> Callable[[Chance], None]:
    def once(chance: Chance) -> None:
        rows = [chance.spoiled(post(n)) for n in range(chance.randrange(1, 4))]
        body = chance.choice((b"\n".join(chance.json(row) for row in rows), _table(chance)))
        kind = chance.choice(("application/x-ndjson", "text/csv", "application/json", chance.text().strip() or "x"))
        headers = {"Content-Encoding": "gzip"} if chance.random() < 0.1 else {}
        kind = kind.encode("ascii", "replace").decode().replace("\n", "").replace("\r", "")
        _answered(wire.post("/api/v1/intake", body, content_type=kind, headers=headers))

    return once


def _api(client: Client) -> Callable[[Chance], None]:
    paths = ["cases", "cases/1/notes", "groups/1/verdicts", "alerts/1", "posts", "groups", "narratives", "narratives/1",
        "cases/1", "sources", "alerts", "findings/x", "nothing"]  # fmt: skip
    fields = ["title", "summary", "text", "kind", "reason", "finding_id", "groups", "places", "narratives", "body"]
    names = [
        "text",
        "since",
        "until",
        "place",
        "limit",
        "offset",
        "after",
        "object",
        "account",
        "lang",
        "active",
        "verdict",
    ]

    def once(chance: Chance) -> None:
        path = f"/api/v1/rooms/watch/{chance.choice(paths)}"
        if chance.random() < 0.5:
            query = {name: chance.text() for name in chance.sample(names, chance.randrange(4))}
            _answered(client.get(path, {key: text.encode("utf-8", "replace") for key, text in query.items()}))
        else:
            body = chance.spoiled({name: chance.value() for name in chance.sample(fields, 4)})
            _answered(client.post(path, chance.json(body), content_type="application/json"))

    return once


def _fields() -> list[str]:
    """Return the names of fields of every form."""
    import dideban.room.board as board

    pages = (Path(str(board.__file__)).parent / "templates").rglob("*.html")
    return sorted(
        {name for page in pages for name in re.findall(r'name="(\w+)"', page.read_text("utf-8"))} - {"password"}
    )


def _forms(client: Client) -> Callable[[Chance], None]:
    board = next(part for part in get_resolver().url_patterns if "board" in str(getattr(part, "urlconf_name", "")))
    routes = [str(one.pattern) for one in board.url_patterns if "logout" not in str(one.pattern)]  # type: ignore[attr-defined]
    names = _fields()

    def once(chance: Chance) -> None:
        def part(match: re.Match[str]) -> str:
            if match[0] == "<slug:slug>":
                return "watch"
            return (
                str(chance.choice((1, 1, 2, 0, 10**25)))
                if "int:" in match[0]
                else chance.choice(("1", "x", "wire", "a" * 300))
            )

        path = "/" + re.sub(r"<[^>]+>", part, chance.choice(routes))
        values = {
            name: chance.choice((chance.text(), "1", "x")).encode("utf-8", "replace")
            for name in chance.sample(names, chance.randrange(12))
        }
        send = client.get if chance.random() < 0.4 else client.post
        _answered(send(path, values))

    return once


def _package(folder: Path, sound: Path) -> Callable[[Chance], None]:
    parts = {path.name: path.read_bytes() for path in sound.iterdir() if path.is_file()}

    def once(chance: Chance) -> None:
        path = folder / "p.zip"
        with zipfile.ZipFile(path, "w") as file:
            for name, data in parts.items():
                is_json = name.endswith(".json")
                if is_json and chance.random() < 0.5:
                    body = json.dumps(chance.spoiled(json.loads(data), 6)).encode("utf-8", "replace")
                else:
                    body = chance.cut(data) if chance.random() < 0.4 else data
                if chance.random() > 0.03:
                    file.writestr(name, body)
        if chance.random() < 0.3:
            path.write_bytes(chance.cut(path.read_bytes()))
        verify_package(path)

    return once


def surfaces(room: Room, *, folder: Path, sound_package: Path) -> list[Surface]:
    """Return every way in, in a room with a little of everything."""
    lead = Membership.objects.filter(room=room, member__username="fuzz").first() or join(room, "fuzz", Role.COORDINATOR)
    open_case(room, title="A case", by=lead)
    wire = Client(
        headers={
            "Authorization": f"Bearer {make_intake_token(add_source(room, kind='intake', name='Wire', by=None), by=None)}"
        }
    )
    _, secret = make_api_token(name="fuzz", scopes=list(SCOPES), days=None, by=lead)
    programs, browser = Client(headers={"Authorization": f"Bearer {secret}"}), client_of(lead)
    for one in (wire, programs, browser):
        one.raise_request_exception = False
    made = {
        "bluesky": _bluesky, "mastodon": _mastodon, "feed": _feed, "article": _article, "posts": _posts,
        "files": _files(_packed_files()), "intake": _intake(wire), "api": _api(programs), "forms": _forms(browser),
        "package": _package(folder, sound_package), "backup": fuzz_kept.backups(folder), "anchors": fuzz_kept.anchors(folder),
        "search": fuzz_kept.searches(room),
    }  # fmt: skip
    return [Surface(name, once) for name, once in made.items()]
