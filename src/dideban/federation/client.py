"""How a room reaches key holders and the host."""

from __future__ import annotations

import functools
import http.client
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import orjson

from dideban.errors import InputError, SourceError
from dideban.joint.charter import Charter
from dideban.joint.names import KeyHolder
from dideban.joint.oprf import PROOF_BYTES, Evaluated
from dideban.joint.record import EpochRecord
from dideban.joint.ristretto import POINT_BYTES
from dideban.joint.wire import MessageKind, signed
from dideban.messages import Message, has_text

MOST_BYTES = 16_000_000
PATIENCE_S = 60.0

Post = Callable[[str, bytes], bytes]
"""An address and a body in, an answer out."""


def post(url: str, body: bytes) -> bytes:
    """Send a body and return the answer.

    Raises
    ------
    SourceError
        It cannot be reached, refuses, or answers at too great a length. Redirects are not followed.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
        try:
            connection.request("POST", parts.path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data, status = answer.read(MOST_BYTES + 1), answer.status
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise SourceError("joint.not-reached", url=url) from error
    if len(data) > MOST_BYTES:
        raise SourceError("joint.not-reached", url=url)
    if status != 200:
        raise SourceError("joint.refused", url=url, status=status, problem=problem_of(data))
    return data


def problem_of(data: bytes) -> Message:
    """Return what the other side said, where it is one of our own sentences."""
    try:
        said = Message.from_dict(orjson.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Message("joint.no-reason")
    return said if said.code.startswith("joint.") and has_text(said.code) else Message("joint.no-reason")


def holder_over(
    charter: Charter,
    *,
    public: str,
    address: str,
    key: bytes,
    send: Post = post,
    clock: Callable[[], int] = time.time_ns,
) -> KeyHolder:
    """Return a key holder that is asked over HTTP.

    Parameters
    ----------
    public : str
        Its public key, as the charter names it.
    key : bytes, 32
        Private key of the room that asks.
    clock : function
        Numbers that grow from request to request, over restarts too.
    """
    ask = functools.partial(_ask, charter, f"{address}/names", key, send, clock)
    return KeyHolder(public=bytes.fromhex(public), ask=ask)


def _ask(
    charter: Charter, url: str, key: bytes, send: Post, clock: Callable[[], int], points: Sequence[bytes]
) -> Evaluated:
    body = {"points": [one.hex() for one in points], "number": clock()}
    data = send(url, signed(charter, kind=MessageKind.ASK, about="", body=body, key=key))
    try:
        answer = orjson.loads(data)
        found = [bytes.fromhex(one) for one in answer["points"]]
        proof = bytes.fromhex(answer["proof"])
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("joint.bad-answer") from error
    if len(proof) != PROOF_BYTES or any(len(one) != POINT_BYTES for one in found):
        raise InputError("joint.bad-answer")
    return Evaluated(points=found, proof=proof)


class HostClient:
    """A room's copy of the record, kept in step with the host's.

    Parameters
    ----------
    address : str
        Of the host.
    key : bytes, 32
        Private key of the room.
    """

    def __init__(self, charter: Charter, address: str, *, key: bytes, send: Post = post) -> None:
        self.record = EpochRecord(charter)
        self._address, self._key, self._send = address, key, send

    def pull(self) -> int:
        """Fetch what is new, check every message of it, and return how many there were.

        Raises
        ------
        SourceError, InputError
            The host cannot be reached, or shows a record that cannot be.
        """
        n_before = len(self.record.messages)
        while True:
            body = {"after": len(self.record.messages)}
            request = signed(self.record.charter, kind=MessageKind.READ, about="", body=body, key=self._key)
            page = orjson.loads(self._send(f"{self._address}/record", request))
            for data in page["messages"]:
                self.record.accept(data.encode())
            if not page["messages"] or len(self.record.messages) >= page["n"]:
                return len(self.record.messages) - n_before

    def push(self, data: bytes) -> None:
        """Send a message; the copy of the record has it after the next pull."""
        self._send(f"{self._address}/messages", data)
