"""The error tree: what a person did, not what the program felt.

DidebanError                   message, hint, exit_code
├── InputError  (+ValueError)  your data                       exit 10
│   └── SchemaError            a table lacks or mistypes a column
├── ConfigError (+ValueError)  your settings                   exit 11
├── SourceError                the outside: a feed, a server    exit 12
├── StoreError                 our disk                        exit 13
└── ExchangeError              a peer, a finding package       exit 14

An error carries a :class:`~dideban.messages.Message`: the console, a page or an API says it in the language of the
reader. Bad rows are not errors: they go to REJECTS with a reason. Anything outside this tree is a bug and crashes.
"""

from __future__ import annotations

from dideban.messages.message import NOTHING, Message, Value, is_code


class DidebanError(Exception):
    """Base of every error shown to a person without a traceback.

    Parameters
    ----------
    message : str or Message
        The code of a sentence in the catalogues, such as ``config.unknown-setting``.
    hint : str or Message
        What to try next: a code too; empty when there is nothing to say.
    **values : values
        What the sentence and the hint name.

    Attributes
    ----------
    message, hint : Message
        ``hint`` is false when there is nothing to say.

    Examples
    --------
    >>> error = DidebanError("schema.column", table="POSTS", column="text", expected="String", got="Int64")
    >>> error.message.code, str(error)
    ('schema.column', 'POSTS.text: expected String, got Int64')
    """

    code = "dideban"
    exit_code = 1

    def __init__(self, message: str | Message, /, *, hint: str | Message = NOTHING, **values: Value) -> None:
        self.message = as_message(message, values)
        self.hint = as_message(hint, values)
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return str(self.message)


def as_message(said: str | Message, values: dict[str, Value]) -> Message:
    """Return a code with values as a message; a sentence without a code as one that says just that."""
    if isinstance(said, Message):
        return said
    if not said:
        return NOTHING
    return Message(said, **values) if is_code(said) else Message("sentence.english", text=said)


def _given(**values: Value) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value not in ("", None)}


class InputError(DidebanError, ValueError):
    """The data cannot be used as given."""

    code = "input"
    exit_code = 10

    def __init__(
        self, message: str | Message, /, *, hint: str | Message = NOTHING, path: str = "", **values: Value
    ) -> None:
        super().__init__(message, hint=hint, **_given(path=path), **values)
        self.path = path


class SchemaError(InputError):
    """A table breaks its contract in ``schema.py``."""

    code = "schema"

    def __init__(self, table: str, column: str, *, expected: str | Message, got: str | Message) -> None:
        super().__init__("schema.column", table=table, column=column, expected=expected, got=got)
        self.table, self.column, self.expected, self.got = table, column, str(expected), str(got)


class ConfigError(DidebanError, ValueError):
    """A setting is unknown or has a value that makes no sense."""

    code = "config"
    exit_code = 11

    def __init__(
        self,
        message: str | Message,
        /,
        *,
        hint: str | Message = NOTHING,
        key: str = "",
        value: object = None,
        **values: Value,
    ) -> None:
        super().__init__(message, hint=hint, **_given(key=key, value=value), **values)
        self.key, self.value = key, value


class SourceError(DidebanError):
    """Something outside did not answer as it should."""

    code = "source"
    exit_code = 12

    def __init__(
        self,
        message: str | Message,
        /,
        *,
        hint: str | Message = NOTHING,
        source: str = "",
        url: str = "",
        permanent: bool = False,
        retry_after_s: float | None = None,
        **values: Value,
    ) -> None:
        super().__init__(message, hint=hint, **values)
        self.source, self.url, self.permanent, self.retry_after_s = source, url, permanent, retry_after_s


class StoreError(DidebanError):
    """Our own disk: full, unwritable, or holding something unexpected."""

    code = "store"
    exit_code = 13

    def __init__(
        self, message: str | Message, /, *, hint: str | Message = NOTHING, path: str = "", **values: Value
    ) -> None:
        super().__init__(message, hint=hint, **_given(path=path), **values)
        self.path = path


class ExchangeError(DidebanError):
    """A peer or a finding package does not hold what it claims."""

    code = "exchange"
    exit_code = 14

    def __init__(
        self, message: str | Message, /, *, hint: str | Message = NOTHING, peer: str = "", **values: Value
    ) -> None:
        super().__init__(message, hint=hint, **_given(peer=peer), **values)
        self.peer = peer
