"""A key holder: one key for each federation and epoch, a limit for each room, and a count of everything that was asked.

It sees points that hide what they stand for, and learns who asked for how many, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from dideban.atomic import create_bytes, our_disk, sync, write_bytes
from dideban.errors import InputError
from dideban.joint.charter import Charter
from dideban.joint.oprf import MAX_BATCH, evaluate, public_key
from dideban.joint.ristretto import POINT_BYTES, check_scalar, random_scalar
from dideban.joint.wire import MessageKind, read_message

Today = Callable[[], dt.date]


def _utc_today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def key_path(folder: Path, *, federation: str, epoch: str) -> Path:
    """Return where the key of an epoch is kept."""
    name = hashlib.sha256(f"{federation}\0{epoch}".encode()).hexdigest()[:16]
    return folder / f"{name}.key"


def begin_epoch(folder: Path, *, federation: str, epoch: str, key: bytes | None = None) -> bytes:
    """Make the key of an epoch and return its public key; of an epoch that has one already, that one.

    Parameters
    ----------
    key : scalar
        Only for demonstrations; None = drawn by the system.

    Raises
    ------
    StoreError
        The folder cannot be written to.
    InputError
        The file holds no key.
    """
    path = key_path(folder, federation=federation, epoch=epoch)
    with our_disk(path):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            create_bytes(path, random_scalar() if key is None else check_scalar(key))
        return public_key(path.read_bytes())


def end_epoch(folder: Path, *, federation: str, epoch: str) -> bool:
    """Delete the key of an epoch; False where there is none. Its blinded names can then be made by nobody."""
    path = key_path(folder, federation=federation, epoch=epoch)
    with our_disk(path):
        if not path.exists():
            return False
        path.write_bytes(bytes(path.stat().st_size))
        path.unlink()
        sync(folder)
    return True


class KeyHolderDesk:
    """What a key holder does with requests in one epoch.

    Parameters
    ----------
    charter : Charter
        Names the rooms, their limits, and the public key that must be this holder's.
    folder : Path
        Where the key and the counts are.
    today : function
        The day, for limits; only for tests.
    """

    def __init__(self, charter: Charter, folder: Path, *, today: Today = _utc_today) -> None:
        self.charter, self.folder, self._today = charter, folder, today
        path = key_path(folder, federation=charter.federation, epoch=charter.epoch)
        with our_disk(path):
            self._key = check_scalar(path.read_bytes()) if path.exists() else b""
        if not self._key or public_key(self._key).hex() not in charter.holders:
            raise InputError("joint.no-key")
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._last: dict[str, int] = {}
        self._load()

    def answer(self, data: bytes) -> bytes:
        """Answer a signed request.

        Raises
        ------
        InputError
            Nobody of the charter asks, the epoch is another or over, the request is old, or the limit of the day is
            reached. Nothing is counted then.
        """
        message = read_message(data, self.charter)
        points = _points(message.kind, message.body)
        number = message.body["number"]
        with self._lock:
            if number <= self._last.get(message.sender, -1):
                raise InputError("joint.asked-already")
            day = message.sender, self._today().isoformat()
            if self._counts[day] + len(points) > self.charter.most_names:
                raise InputError("joint.over-limit", most=self.charter.most_names)
            found = evaluate(self._key, points)
            self._counts[day] += len(points)
            self._last[message.sender] = number
            self._save()
        return orjson.dumps({"points": [one.hex() for one in found.points], "proof": found.proof.hex()})

    def counts(self) -> dict[str, dict[str, int]]:
        """Return room -> day -> blinded names that it asked for."""
        return read_counts(self.charter, self.folder)

    def _save(self) -> None:
        rows = [[room, day, n] for (room, day), n in sorted(self._counts.items())]
        write_bytes(
            _counts_path(self.charter, self.folder),
            orjson.dumps({"counts": rows, "last": self._last}),
            survives="power",
        )

    def _load(self) -> None:
        known = _kept(self.charter, self.folder)
        self._counts.update({(room, day): n for room, day, n in known["counts"]})
        self._last.update(known["last"])


def read_counts(charter: Charter, folder: Path) -> dict[str, dict[str, int]]:
    """Return room -> day -> blinded names that it asked for; they are kept after the key is gone."""
    found: dict[str, dict[str, int]] = {name: {} for name in charter.rooms.values()}
    for room, day, n in _kept(charter, folder)["counts"]:
        found[charter.rooms[room]][day] = n
    return found


def _counts_path(charter: Charter, folder: Path) -> Path:
    return folder / f"{charter.digest[:16]}.counts.json"


def _kept(charter: Charter, folder: Path) -> dict[str, Any]:
    path = _counts_path(charter, folder)
    with our_disk(path):
        known: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {"counts": [], "last": {}}
    return known


def _points(kind: MessageKind, body: dict[str, object]) -> list[bytes]:
    if kind is not MessageKind.ASK or set(body) != {"points", "number"}:
        raise InputError("joint.bad-body", field="points")
    points, number = body["points"], body["number"]
    if type(number) is not int or not isinstance(points, list) or not 1 <= len(points) <= MAX_BATCH:
        raise InputError("joint.bad-body", field="points")
    if not all(isinstance(one, str) and len(one) == 2 * POINT_BYTES for one in points):
        raise InputError("joint.bad-point")
    try:
        return [bytes.fromhex(one) for one in points]
    except ValueError as error:
        raise InputError("joint.bad-point") from error
