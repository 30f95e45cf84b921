"""A message: what is to be said, as a code and values. Which language says it is decided at the edge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import Enum
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

Value = Any
"""A text, number, bool, None, message, or a tuple of these."""

CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)+")
"""Dotted slugs: ``config.unknown-setting``. The first part is the section of the catalogue."""
MAX_CODE = 100
MAX_TEXT = 2_000
"""Characters kept of a text value."""
MAX_ITEMS = 200
"""Items kept of a list value."""
MAX_VALUES = 60
MAX_DEPTH = 16
"""How deep messages and lists may stand in each other."""
CUT = "…"


class Message:
    """A code with values; the catalogue of each language holds the sentence.

    Immutable and hashable. Values are reduced to plain data: numbers, texts, other messages, and tuples of them;
    instants and dates become ISO 8601 texts, paths and everything else their text. Long values are cut.

    Parameters
    ----------
    code : str
        Dotted slug, such as ``config.negative``. Empty: nothing to say (the message is false).
    **values : values
        What the sentence names.

    Examples
    --------
    >>> message = Message("note.pictures-blank", n=1200)
    >>> message.code, message["n"], message.to_dict()
    ('note.pictures-blank', 1200, {'code': 'note.pictures-blank', 'values': {'n': 1200}})
    >>> str(message)
    '1,200 hashes are of blank pictures; they are left out.'
    """

    __slots__ = ("_items", "code")

    code: str
    _items: tuple[tuple[str, Value], ...]

    def __init__(self, code: str, /, **values: Value) -> None:
        kept = sorted(values.items())[:MAX_VALUES]
        object.__setattr__(self, "code", code[:MAX_CODE])
        object.__setattr__(self, "_items", tuple((name, _plain(value, depth=1)) for name, value in kept))

    @property
    def values(self) -> Mapping[str, Value]:
        """The values by name."""
        return MappingProxyType(dict(self._items))

    def with_values(self, **values: Value) -> Message:
        """Return the message with more values, or other ones."""
        return Message(self.code, **{**dict(self._items), **values})

    def holds(self, *codes: str) -> bool:
        """Return whether the message, or one inside it, has one of some codes.

        Examples
        --------
        >>> Message("file.not-written", reason=Message("cause.disk-full")).holds("cause.disk-full")
        True
        """
        return self.code in codes or any(_holds(value, codes) for _, value in self._items)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"code", "values"}`` as plain data for JSON."""
        return {"code": self.code, "values": {name: _to_data(value) for name, value in self._items}}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Message:
        """Return the message that :meth:`to_dict` described, whoever wrote it.

        Raises
        ------
        ValueError
            Not a mapping with a text ``code`` and a mapping ``values``.
        """
        return _from_data(data, depth=0)

    def __getitem__(self, name: str) -> Value:
        return dict(self._items)[name]

    def __bool__(self) -> bool:
        return bool(self.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.code, self._items) == (other.code, other._items)

    def __hash__(self) -> int:
        return hash((self.code, self._items))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a message does not change: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a message does not change: {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.code, self._items)

    def __repr__(self) -> str:
        values = "".join(f", {name}={value!r}" for name, value in self._items)
        return f"Message({self.code!r}{values})"

    def __str__(self) -> str:
        from importlib import import_module  # what renders knows messages, not the other way round

        return str(import_module("dideban.messages.rendering").say(self))


NOTHING = Message("")
"""Nothing to say."""


def is_code(text: str) -> bool:
    """Return whether a text has the form of a code.

    Examples
    --------
    >>> is_code("config.unknown-setting"), is_code("No such file."), is_code("scan")
    (True, False, False)
    """
    return len(text) <= MAX_CODE and CODE.fullmatch(text) is not None


def _restore(code: str, items: tuple[tuple[str, Value], ...]) -> Message:
    return Message(code, **dict(items))


def _plain(value: Any, *, depth: int) -> Value:
    if value is None or isinstance(value, bool | Message):
        return value
    if isinstance(value, Enum):
        return _plain(value.value, depth=depth)
    if isinstance(value, str):
        return _cut(str(value))
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, date):  # datetime too
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset) and depth < MAX_DEPTH:
        items = value if isinstance(value, list | tuple) else sorted(value, key=str)
        return tuple(_plain(one, depth=depth + 1) for one in items[:MAX_ITEMS])
    return _cut(str(value))


def _holds(value: Value, codes: tuple[str, ...]) -> bool:
    if isinstance(value, tuple):
        return any(_holds(one, codes) for one in value)
    return isinstance(value, Message) and value.holds(*codes)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + CUT


def _to_data(value: Value) -> Any:
    if isinstance(value, Message):
        return value.to_dict()
    return [_to_data(one) for one in value] if isinstance(value, tuple) else value


def _from_data(data: Any, *, depth: int) -> Message:
    if not isinstance(data, Mapping) or not isinstance(data.get("code"), str):
        raise ValueError("a message is a mapping with a code and values")
    values = data.get("values", {})
    if not isinstance(values, Mapping):
        raise ValueError("the values of a message are a mapping")
    kept = [(str(name), value) for name, value in list(values.items())[:MAX_VALUES]]
    return Message(data["code"], **{name[:MAX_CODE]: _value(value, depth=depth + 1) for name, value in kept})


def _value(data: Any, *, depth: int) -> Value:
    if depth >= MAX_DEPTH:
        return _cut(str(data))
    if isinstance(data, Mapping):
        is_message = isinstance(data.get("code"), str) and isinstance(data.get("values", {}), Mapping)
        return _from_data(data, depth=depth) if is_message else _cut(str(data))
    if isinstance(data, list | tuple):
        return tuple(_value(one, depth=depth + 1) for one in data[:MAX_ITEMS])
    return data
