"""How messages reach other rooms and key holders: the room's own fetcher, which never leads into the own network."""

from __future__ import annotations

from dideban.errors import SourceError
from dideban.federation.client import MOST_BYTES, problem_of
from dideban.room.fetch import origin_of
from dideban.room.sources.poll import fetcher

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


def send(url: str, body: bytes) -> bytes:
    """Send a body and return the answer.

    Raises
    ------
    SourceError
        The other side cannot be reached, refuses, answers at too great a length, or would be asked in the clear.
    """
    scheme, host, _ = origin_of(url)
    if scheme != "https" and host not in LOOPBACK:
        raise SourceError("joint.in-the-clear", url=url, permanent=True)
    answer = fetcher(max_bytes=MOST_BYTES).send(
        "POST", url, headers={"Content-Type": "application/json"}, body=body, keep_errors=True
    )
    if answer.status != 200:
        raise SourceError("joint.refused", url=url, status=answer.status, problem=problem_of(answer.body))
    return answer.body
