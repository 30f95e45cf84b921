"""A federation of whole rooms on one machine: three rooms, two key holders and a host, each in processes of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from dideban.atomic import write_bytes
from dideban.errors import ConfigError, SourceError
from dideban.federation.children import PROGRAM, ROOM, Children, KeptProcess
from dideban.federation.client import post
from dideban.federation.demo import FEDERATION, MOST_PROPOSALS, demo_parts
from dideban.federation.keeping import host_key, record_bytes
from dideban.federation.keyholder import begin_epoch, end_epoch
from dideban.federation.page import render_federation
from dideban.joint.charter import Charter, charter_bytes, read_charter
from dideban.joint.record import EpochRecord, Phase, close_phase
from dideban.joint.wire import public_of
from dideban.messages import Message
from dideban.progress import SILENT, Progress
from dideban.simulate.files import stream_posts

HOST = "127.0.0.1"
PASSWORD = "the watch never sleeps"  # noqa: S105 - of a demonstration, shown to everybody
EPOCH, EPOCH_DAYS = "1", 30
LOOK_S = 1.0
"""Seconds between two looks at the processes and the record."""
MOST_S = 1_800.0
"""After so long the demonstration gives up."""
DATABASE = "room.sqlite3"
ROUND_OVER = ("done", "void", "left", "halted")


@dataclass(frozen=True, kw_only=True)
class RoomPlan:
    """One room of the demonstration."""

    slug: str
    name: str
    language: str
    places: dict[str, str]


ROOMS = (
    RoomPlan(slug="north", name="North", language="en", places={"en": "North", "fa": "شمال", "ar": "الشمال"}),
    RoomPlan(slug="coast", name="ساحل", language="fa", places={"en": "Coast", "fa": "ساحل", "ar": "الساحل"}),
    RoomPlan(slug="capital", name="العاصمة", language="ar", places={"en": "Capital", "fa": "پایتخت", "ar": "العاصمة"}),
)
HOLDERS = ("key-holder-1", "key-holder-2")


@dataclass(frozen=True, kw_only=True)
class RoomShown:
    """What a room has by itself and with the others."""

    name: str
    address: str
    n_posts: int
    n_alone: int
    """Proved groups of its own; leads are none."""
    joint: list[dict[str, int]]
    state: str


class RoomFederation:
    """A federation of whole rooms on this machine.

    Parameters
    ----------
    out : folder
        Empty, or not there.
    port : int
        The first of six that follow each other: three rooms, the host, two key holders.
    say : function
        Gets what people should know while it runs.
    """

    def __init__(self, out: Path, *, port: int, say: Callable[[Message], None], progress: Progress = SILENT) -> None:
        self.out, self._port, self._say, self._progress = out.absolute(), port, say, progress
        self.children = Children(say)
        self._n_posts: dict[str, int] = {}

    def __enter__(self) -> RoomFederation:
        return self

    def __exit__(self, *_: object) -> None:
        self.children.stop()

    def address(self, number: int) -> str:
        """Return the address of a room (0 to 2), the host (3) or a key holder (4, 5)."""
        return f"http://{HOST}:{self._port + number}"

    def start(self) -> None:
        """Make the rooms, agree on a charter, and start every process.

        Raises
        ------
        ConfigError
            A port is taken.
        SourceError
            A room could not be made.
        """
        check_ports([self._port + number for number in range(len(ROOMS) + 3)])
        (self.out / "logs").mkdir(parents=True, exist_ok=True)
        with self._progress.stage("making-rooms", total=2 * len(ROOMS) + 2, unit="steps") as task:
            since, until, files = self._write_posts()
            task.advance()
            self._make_tables()
            task.advance()
            keys = []
            for plan, file in zip(ROOMS, files, strict=True):
                given = {
                    "slug": plan.slug, "name": plan.name, "names": plan.places, "language": plan.language,
                    "password": PASSWORD, "posts": str(file),
                }  # fmt: skip
                keys.append(str(self._ask(plan, "make", given)["key"]))
                file.unlink()  # the room has them, under pseudonyms
                task.advance()
            self._agree(keys, since, until)
            self._start_services()
            for plan in ROOMS:
                holders = [self.address(4), self.address(5)]
                self._ask(plan, "join", {"charter": str(self._charter), "host": self.address(3), "holders": holders})
                task.advance()
        for number, plan in enumerate(ROOMS):
            command = [*ROOM, "room_serve", "--host", HOST, "--port", str(self._port + number)]
            self._run(plan.name, command, plan.slug, environment=self._environment(plan, number))

    def prove(self) -> list[RoomShown]:
        """Wait until the round is over in every room; return what each has by itself and with the others.

        Raises
        ------
        SourceError
            A process fails again and again, or it takes too long.
        """
        end = time.monotonic() + MOST_S
        self._wait(self._have_proposed, end)
        self._close_proposing()
        record = self._wait(lambda: self._record_if(Phase.DONE), end)
        shown: list[RoomShown] = self._wait(self._shown_if_over, end)
        for holder in HOLDERS:  # the round is over: nobody needs a name any more
            self.children.dismiss(holder)
            end_epoch(self.out / holder, federation=FEDERATION, epoch=EPOCH)
        write_bytes(self.out / "record.ndjson", record_bytes(record), survives="kill")
        page = render_federation(record, version=version("dideban"))
        write_bytes(self.out / "federation.html", page.encode(), survives="kill")
        return shown

    def watch(self) -> None:
        """Keep the processes alive until interrupted."""
        while True:
            self.children.look()
            time.sleep(LOOK_S)

    def _wait(self, found: Callable[[], Any], end: float) -> Any:
        with self._progress.stage("proving-together", total=None, unit="steps") as task:
            while True:
                self.children.look()
                if (result := found()) is not None:
                    return result
                if time.monotonic() > end:
                    raise SourceError("federation.too-long", path=self.out / "logs")
                time.sleep(LOOK_S)
                task.advance()

    def _write_posts(self) -> tuple[dt.datetime, dt.datetime, list[Path]]:
        """Write what each room sees, moved so that it ends at midnight; return when it begins and ends."""
        parts = demo_parts()
        last = max(part.moments["created_at"].max() for part in parts)  # type: ignore[type-var]
        assert isinstance(last, dt.datetime)
        today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        days = (today - last).days
        files, since = [], today
        for plan, part in zip(ROOMS, parts, strict=True):
            posts = _moved(stream_posts(part), days=days)
            self._n_posts[plan.slug] = posts.height
            first = posts["created_at"].min()
            assert isinstance(first, dt.datetime)
            since = min(since, first.replace(hour=0, minute=0, second=0, microsecond=0))
            files.append(self.out / f"{plan.slug}.posts.parquet")
            posts.write_parquet(files[-1])
        return since, today, files

    def _make_tables(self) -> None:
        """Make the tables of a room once: each room begins with a copy that nobody has written to."""
        first, *others = ROOMS
        self._ask(first, "prepare", {})
        for plan in others:
            (self.out / plan.slug).mkdir(mode=0o700)
            copy_database(self.out / first.slug / DATABASE, self.out / plan.slug / DATABASE)

    def _agree(self, keys: Sequence[str], since: dt.datetime, until: dt.datetime) -> None:
        publics = [begin_epoch(self.out / one, federation=FEDERATION, epoch=EPOCH).hex() for one in HOLDERS]
        ends = until + dt.timedelta(days=EPOCH_DAYS)
        charter = Charter(
            federation=FEDERATION, epoch=EPOCH, host=public_of(host_key(self.out / "host.key")),
            rooms={key: plan.name for key, plan in zip(keys, ROOMS, strict=True)},
            holders=(publics[0], publics[1]), most_proposals=MOST_PROPOSALS,
            since=since.isoformat(), until=until.isoformat(), ends=ends.isoformat(),
        )  # fmt: skip
        write_bytes(self._charter, charter_bytes(charter), survives="kill")

    def _start_services(self) -> None:
        charter = str(self._charter)
        host = ["--key", str(self.out / "host.key"), "--folder", str(self.out / "host"), "--host", HOST]
        self._run("host", [*PROGRAM, "federation", "host", charter, *host, "--port", str(self._port + 3)], "host")
        for number, name in enumerate(HOLDERS, start=4):
            folder = ["--folder", str(self.out / name), "--host", HOST, "--port", str(self._port + number)]
            self._run(name, [*PROGRAM, "keyholder", "serve", charter, *folder], name)

    @property
    def _charter(self) -> Path:
        return self.out / "charter.json"

    def _run(
        self, name: str, command: Sequence[str], slug: str, *, environment: Mapping[str, str] | None = None
    ) -> None:
        log = self.out / "logs" / f"{slug}.log"
        self.children.add(KeptProcess(name=name, command=command, log=log, environment=environment or {}))

    def _environment(self, plan: RoomPlan, number: int) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "dideban.room.settings", "DIDEBAN_ROOM_DATA": str(self.out / plan.slug),
            "DIDEBAN_ROOM_URL": self.address(number), "DIDEBAN_ROOM_ALLOW_PRIVATE_ADDRESSES": "1",
            "DIDEBAN_ROOM_SECOND_MEMBER_DAYS": "0", "DIDEBAN_ROOM_JOINT_S": "5", "DIDEBAN_ROOM_JOB_THREADS": "1",
            "DIDEBAN_ROOM_ENGINE_THREADS": "1", "DIDEBAN_ROOM_LOG_LEVEL": "WARNING",
            "DIDEBAN_ROOM_LANGUAGE": plan.language, "DATABASE_URL": "",
        }  # fmt: skip

    def _ask(self, plan: RoomPlan, do: str, given: Mapping[str, object]) -> dict[str, Any]:
        """Run a step in a room and return what it says.

        Raises
        ------
        SourceError
            It failed; its log says why.
        """
        number, log = ROOMS.index(plan), self.out / "logs" / f"{plan.slug}.log"
        environment = {**os.environ, **self._environment(plan, number)}
        command = [*ROOM, "room_demo_federation", do, "--given", json.dumps(given)]
        with log.open("ab") as trouble:
            done = subprocess.run(  # noqa: S603 - our own command
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=trouble, check=False
            )
        if done.returncode:
            raise SourceError("federation.room-failed", name=plan.name, path=log)
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    def _have_proposed(self) -> bool | None:
        """Return True once every room has said what it proposes: the record does not show who has no more to say."""
        return all(self._ask(plan, "describe", {})["said"] >= Phase.PROPOSING for plan in ROOMS) or None

    def _close_proposing(self) -> None:
        """End the first phase as the operator of the host; the others end when nothing is left to say."""
        record = self._record_if(Phase.PROPOSING)
        if record is not None and record.phase is Phase.PROPOSING:
            post(f"{self.address(3)}/messages", close_phase(record, key=host_key(self.out / "host.key")))

    def _record_if(self, phase: Phase) -> EpochRecord | None:
        """Return the record as the host has it on disk, once it has come so far."""
        charter = read_charter(self._charter.read_bytes())
        path = self.out / "host" / f"{charter.digest[:16]}.messages"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        if sum(orjson.loads(line).get("kind") == "close" for line in lines) < phase:
            return None
        return EpochRecord.replay(charter, lines)

    def _shown_if_over(self) -> list[RoomShown] | None:
        """Return what rooms have, once each has kept what was proved and has analysed its own posts."""
        shown = []
        for number, plan in enumerate(ROOMS):
            said = self._ask(plan, "describe", {})
            if said["state"] not in ROUND_OVER or not said["n_analyses"]:
                return None
            shown.append(
                RoomShown(
                    name=plan.name, address=f"{self.address(number)}/r/{plan.slug}/federation/",
                    n_posts=self._n_posts[plan.slug], n_alone=said["n_alone"], joint=said["joint"], state=said["state"],
                )
            )  # fmt: skip
        return shown


def copy_database(source: Path, target: Path) -> None:
    """Copy a database, whatever of it is still in its journal."""
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def check_ports(ports: Sequence[int]) -> None:
    """Refuse to begin where another program listens already.

    Raises
    ------
    ConfigError
        A port is taken.
    """
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise ConfigError(
                    "cli.room.port-taken", hint="cli.room.port-hint", key="port", host=HOST, port=port
                ) from error


def _moved(posts: pl.DataFrame, *, days: int) -> pl.DataFrame:
    return posts.with_columns(pl.col("created_at") + pl.duration(days=days))
