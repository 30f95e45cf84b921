"""What went wrong, in the language of the reader: now on a page or in an answer, or later from the database."""

from __future__ import annotations

import json
from typing import Any

from dideban.errors import DidebanError
from dideban.messages import NOTHING, Message, say
from dideban.report.safe import visible
from dideban.room.wording.reading import language

ON_PAGES = {
    **dict.fromkeys(
        (
            "ingest.hint-name-it", "ingest.hint-name-them", "ingest.hint-name-it-from-list",
            "ingest.hint-name-them-from-list", "ingest.hint-by-place", "ingest.hint-qualify",
        ),
        "room.mapping-form",
    ),
    "ingest.no-such-column": "room.no-such-column", "ingest.not-a-post-column": "room.not-a-post-column",
    "ingest.hint-inspect": "", "ingest.hint-inspect-share": "", "ingest.hint-works": "", "ingest.hint-out": "",
}  # fmt: skip
"""What is said on a page in place of what names options and commands of the terminal; "" = nothing."""
MAX_KEPT = 4_000
"""Characters of a kept problem."""


def error_words(error: DidebanError) -> tuple[str, str]:
    """Return message and hint of an error in the language of the page."""
    return words_of(error.message), words_of(error.hint)


def words_of(message: Message) -> str:
    """Return a message in the language of the page; names of fields as forms show them."""
    here = ON_PAGES.get(message.code)
    if here is not None:
        message = Message(here, **message.values) if here else NOTHING
    return say(_labelled(message), language()) if message else ""


def problem(message: Message, hint: Message | None = None) -> dict[str, Any]:
    """Return a problem for a program: what it is called, and words in the language that was asked for."""
    return {
        "code": message.code,
        "values": message.to_dict()["values"],
        "message": words_of(message),
        "hint": words_of(hint) if hint else "",
    }


def problem_of(error: DidebanError) -> dict[str, Any]:
    """Return one of our errors for a program."""
    return problem(error.message, error.hint)


def to_text(error: DidebanError) -> str:
    """Return an error as the database keeps it: codes and values, to be said in the language of who reads it."""
    kept = {"message": error.message.to_dict(), "hint": error.hint.to_dict() if error.hint else None}
    text = json.dumps(kept, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_KEPT else json.dumps({"message": Message("room.long").to_dict(), "hint": None})


def said(text: str) -> str:
    """Return what :func:`to_text` kept in the language of the page; other text as it is."""
    kept = _kept(text)
    if kept is None:
        return visible(text, limit=500)
    message, hint = kept
    return ". ".join(part.removesuffix(".") for part in (words_of(message), words_of(hint)) if part)


def said_plainly(text: str) -> str:
    """Return what :func:`to_text` kept in English, for logs and programs."""
    kept = _kept(text)
    return text if kept is None else ". ".join(str(part).removesuffix(".") for part in kept if part)


def _kept(text: str) -> tuple[Message, Message] | None:
    if not text.startswith('{"message"'):
        return None
    try:
        found = json.loads(text)
        hint = found["hint"]
        return Message.from_dict(found["message"]), Message.from_dict(hint) if hint else NOTHING
    except (ValueError, KeyError, TypeError):
        return None


def _labelled(message: Message) -> Message:
    """Return the message with the label of a form's field in place of its name."""
    from dideban.room.wording.words import field_name

    if "field" not in message.values:
        return message
    return message.with_values(field=field_name(str(message.values["field"])))


__all__ = ["error_words", "problem", "problem_of", "said", "said_plainly", "to_text", "words_of"]
