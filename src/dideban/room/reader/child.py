"""The separate process: one question at a time on standard input, one answer on standard output.

A question is a line of JSON with ``work``, ``size`` and arguments, then ``size`` bytes; an answer is its length in
digits, a line break, and JSON.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import Any

import orjson

from dideban.errors import SourceError

MAX_MEMORY = 2 * 1024**3


def answer(question: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Do one piece of work; what goes wrong is part of the answer."""
    try:
        if question["work"] == "article":
            from dideban.room.reader.pages import article

            return {"text": article(body)}
        if question["work"] in ("telegram", "links"):
            from dideban.room.reader import web_views

            if question["work"] == "telegram":
                return web_views.channel_page(body)
            return web_views.links_page(body, url=question["url"])
        from dideban.room.reader.feeds import is_cut_off, records

        found, n = records(
            body, content_type=question["content_type"], url=question["url"],
            now=datetime.fromisoformat(question["now"]), authors=bool(question.get("authors")),
        )  # fmt: skip
        return {"records": found, "n": n, "is_cut": is_cut_off(body)}
    except SourceError as error:
        return {"trouble": error.message.to_dict(), "hint": error.hint.to_dict() if error.hint else None}
    except (Exception, RecursionError) as error:
        return {"mistake": type(error).__name__}


def main() -> None:
    """Answer until no one asks any more."""
    _bound_memory()
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not speak into the answers
    while line := questions.readline():
        question = orjson.loads(line)
        said = answer(question, questions.read(question["size"]))
        payload = orjson.dumps(_sound(said))
        answers.write(b"%d\n" % len(payload) + payload)
        answers.flush()


def _sound(value: Any) -> Any:
    """Return text that can be written: halves of surrogate pairs cannot."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_sound(one) for one in value]
    return {key: _sound(one) for key, one in value.items()} if isinstance(value, dict) else value


def _bound_memory() -> None:
    if os.name == "posix":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    main()
