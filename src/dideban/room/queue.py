"""The queue of the room: huey in an SQLite file of its own. Tasks carry plain JSON, never pickles.

There is one huey task, :func:`do`, which looks up the name of the work in TASKS; ``processes.tasks`` fills it in the
worker. Whoever asks for work needs to know nothing of what does it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

TASKS: dict[str, Callable[..., None]] = {}
"""Name of work to the function that does it."""


class JsonSerializer(Serializer):  # type: ignore[misc] # huey has no types
    """Messages as JSON: reading the queue can run nothing."""

    def _serialize(self, data: Any) -> bytes:
        plain = {"message": list(data)} if isinstance(data, Message) else {"value": data}
        return json.dumps(plain, default=_plain).encode()

    def _deserialize(self, data: bytes) -> Any:
        plain = json.loads(data, object_hook=_unplain)
        if "message" not in plain:
            return plain["value"]
        fields = plain["message"]
        place = Message._fields.index("args")
        fields[place] = tuple(fields[place])
        return Message(*fields)


def _plain(value: Any) -> Any:
    from datetime import datetime

    if isinstance(value, datetime):
        return {"__at__": value.isoformat()}
    if isinstance(value, bytes):
        return {"__bytes__": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} does not go into the queue")


def _unplain(value: dict[str, Any]) -> Any:
    from datetime import datetime

    if set(value) == {"__at__"}:
        return datetime.fromisoformat(value["__at__"])
    if set(value) == {"__bytes__"}:
        return base64.b64decode(value["__bytes__"])
    return value


huey = SqliteHuey(
    "dideban", filename=str(settings.QUEUE_PATH), fsync=True, serializer=JsonSerializer(), results=False,
    immediate=settings.HUEY_IMMEDIATE, timeout=20,
)  # fmt: skip


@huey.task(retries=0, name="do")  # type: ignore[untyped-decorator] # huey has no types
def do(work: str, arguments: dict[str, Any]) -> None:
    """Do one piece of work."""
    from importlib import import_module

    if work not in TASKS:
        import_module("dideban.room.processes.tasks")
    TASKS[work](**arguments)


def enqueue(work: str, **arguments: Any) -> None:
    """Ask the worker to do ``work`` soon. Call it after the transaction has committed."""
    do(work, arguments)
