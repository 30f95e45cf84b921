"""Lines for the terminal, in the language of the person."""

from __future__ import annotations

import textwrap

from dideban.cli.console import language
from dideban.messages import Message, say
from dideban.messages.message import Value

WIDTH = 100


def line(code: str, **values: Value) -> str:
    """Render a message on one line."""
    return say(Message(code, **values), language())


def wrapped(message: Message, *, indent: str = "", hang: str = "") -> list[str]:
    """Render a message on lines of WIDTH characters."""
    return textwrap.wrap(say(message, language()), WIDTH, initial_indent=indent, subsequent_indent=hang or indent)


def joined(*parts: Message) -> Message:
    """Return messages said one after the other, without anything between."""
    return Message("summary.line", parts=list(parts))


def notes_of(notes: list[Value]) -> list[str]:
    """Return notes as lines below an empty one; nothing where there are none."""
    lines = [text for note in notes for text in wrapped(Message("cli.note", message=note))]
    return ["", *lines] if lines else []
