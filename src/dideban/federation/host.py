"""The host: keeps the record of an epoch, gives it to rooms, and closes phases."""

from __future__ import annotations

import threading
from pathlib import Path

import orjson

from dideban.atomic import our_disk
from dideban.errors import InputError
from dideban.joint.charter import Charter
from dideban.joint.record import EpochRecord, close_phase
from dideban.joint.wire import MessageKind, read_message

MOST_PAGE_BYTES = 8_000_000


class Host:
    """The record of one epoch, on disk.

    Parameters
    ----------
    folder : Path
        One file of messages, one a line; whatever was acknowledged is there after a power cut.
    key : bytes, 32
        Private key (Ed25519) of the host.
    """

    def __init__(self, charter: Charter, folder: Path, *, key: bytes) -> None:
        self.charter, self._key = charter, key
        self.path = folder / f"{charter.digest[:16]}.messages"
        self._lock = threading.Lock()
        with our_disk(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            kept = self.path.read_bytes().split(b"\n") if self.path.exists() else []
            whole = [line for line in kept[:-1] if line]
            if kept and kept[-1]:  # a power cut in the middle of a line: it was never acknowledged
                self.path.write_bytes(b"".join(line + b"\n" for line in whole))
        self.record = EpochRecord.replay(charter, whole if kept else [])

    def post(self, data: bytes) -> int:
        """Take a message in and return how many there are.

        Raises
        ------
        InputError
            It may not be said.
        """
        if b"\n" in data:
            data = orjson.dumps(orjson.loads(data), option=orjson.OPT_SORT_KEYS)
        with self._lock:
            before = len(self.record.messages)
            self.record.accept(data)
            if len(self.record.messages) > before:
                self._append(data)
            return len(self.record.messages)

    def read(self, request: bytes) -> bytes:
        """Return the messages from a place on, as far as they fit into an answer, to a room that asks.

        Raises
        ------
        InputError
            It is none of the charter.
        """
        return record_page(self.record, request)

    def close_phase(self) -> None:
        """End the phase that the record is in."""
        self.post(close_phase(self.record, key=self._key))

    def _append(self, data: bytes) -> None:
        import os

        with our_disk(self.path), self.path.open("ab") as file:
            file.write(data + b"\n")
            file.flush()
            os.fsync(file.fileno())


def record_page(record: EpochRecord, request: bytes) -> bytes:
    """Return the messages of a record from a place on, as far as they fit into an answer, to a room that asks.

    Raises
    ------
    InputError
        It is none of the charter.
    """
    message = read_message(request, record.charter)
    after = message.body.get("after")
    if message.kind is not MessageKind.READ or type(after) is not int or after < 0:
        raise InputError("joint.bad-body", field="after")
    page: list[str] = []
    size = 0
    for data in record.messages[after:]:
        size += len(data)
        if page and size > MOST_PAGE_BYTES:
            break
        page.append(data.decode())
    return orjson.dumps({"messages": page, "n": len(record.messages)})
