"""A neutral host at work: it keeps the record of an epoch and closes phases when their time is over."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import orjson

from dideban.atomic import create_bytes, our_disk, write_bytes
from dideban.errors import InputError, StoreError
from dideban.federation.host import Host
from dideban.federation.service import Service
from dideban.joint.charter import Charter, charter_bytes, read_charter
from dideban.joint.record import EpochRecord, Phase
from dideban.joint.wire import public_of

LOOK_S = 5.0
MOST_RECORD_BYTES = 2_000_000_000


def host_key(path: Path) -> bytes:
    """Return the key of a host (Ed25519), made where there is none."""
    with our_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            create_bytes(path, secrets.token_bytes(32))
        return path.read_bytes()


def host_service(host: Host, *, address: str = "127.0.0.1", port: int = 0) -> Service:
    """Return the server of a host: rooms read the record and add to it."""
    answers = {"/messages": lambda data: orjson.dumps({"n": host.post(data)}), "/record": host.read}
    return Service(answers, host=address, port=port)


class PhaseClock:
    """Closes the phases of a record: after so many hours, or when no room has anything left to say.

    Parameters
    ----------
    folder : Path
        Keeps when the phase began, so that a restart begins none anew.
    now : function
        The time; only for tests.
    """

    def __init__(self, host: Host, folder: Path, *, hours: float, now: Callable[[], dt.datetime] | None = None) -> None:
        self._host, self._hours = host, hours
        self._path = folder / f"{host.charter.digest[:16]}.phase.json"
        self._now = now or (lambda: dt.datetime.now(dt.UTC))

    def look(self) -> bool:
        """Close the phase where it is over; say whether it was."""
        record, now = self._host.record, self._now()
        if record.phase is Phase.DONE:
            return False
        is_late = now - self._since(record.phase, now) >= dt.timedelta(hours=self._hours)
        if not is_late and not record.is_complete:
            return False
        self._host.close_phase()
        self._since(self._host.record.phase, now)
        return True

    def run(self, stopping: threading.Event) -> None:
        """Look every now and then until told to stop."""
        while not stopping.wait(LOOK_S):
            self.look()

    def _since(self, phase: Phase, now: dt.datetime) -> dt.datetime:
        with our_disk(self._path):
            kept = orjson.loads(self._path.read_bytes()) if self._path.exists() else {}
            if kept.get("phase") != int(phase):
                kept = {"phase": int(phase), "since": now.isoformat()}
                write_bytes(self._path, orjson.dumps(kept), survives="power")
        return dt.datetime.fromisoformat(kept["since"])


def keep_record(charter: Charter, folder: Path, *, key: bytes, address: str, port: int, hours: float) -> None:
    """Serve the record of an epoch until the process is told to stop.

    Raises
    ------
    InputError
        The key is not that of the charter's host.
    """
    if public_of(key) != charter.host:
        raise InputError("joint.not-the-host")
    host, stopping = Host(charter, folder, key=key), threading.Event()
    clock = threading.Thread(target=PhaseClock(host, folder, hours=hours).run, args=(stopping,), daemon=True)
    clock.start()
    try:
        host_service(host, address=address, port=port).run()
    finally:
        stopping.set()


def read_record(path: Path) -> EpochRecord:
    """Return the record that a file holds, every message checked: the charter in the first line, then the messages.

    Raises
    ------
    InputError
        It is no record, or one of its messages cannot stand where it stands.
    StoreError
        It is too large.
    """
    with our_disk(path):
        if path.stat().st_size > MOST_RECORD_BYTES:
            raise StoreError("joint.too-large", n=path.stat().st_size, most=MOST_RECORD_BYTES)
        lines = path.read_bytes().split(b"\n")
    if not lines[0]:
        raise InputError("joint.not-a-record")
    try:
        charter = read_charter(lines[0])
    except InputError as error:
        raise InputError("joint.not-a-record") from error
    return EpochRecord.replay(charter, [line for line in lines[1:] if line])


def record_bytes(record: EpochRecord) -> bytes:
    """Return a record as the file that :func:`read_record` reads."""
    return b"".join(line + b"\n" for line in (charter_bytes(record.charter), *record.messages))
