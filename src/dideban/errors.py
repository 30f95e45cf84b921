"""The error tree: what a person did, not what the program felt.

DidebanError                   code, hint, exit_code
├── InputError  (+ValueError)  your data                       exit 10
│   └── SchemaError            a table lacks or mistypes a column
├── ConfigError (+ValueError)  your settings                   exit 11
├── SourceError                the outside: a feed, a server    exit 12
├── StoreError                 our disk                        exit 13
└── ExchangeError              a peer, a finding package       exit 14

Bad rows are not errors: they go to REJECTS with a reason. Anything outside this tree is a bug and crashes.
"""

from __future__ import annotations


class DidebanError(Exception):
    """Base of every error shown to a person without a traceback.

    Parameters
    ----------
    message : str
        One sentence in plain words.
    hint : str
        What to try next; empty when there is nothing to say.
    """

    code = "dideban"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(DidebanError, ValueError):
    """The data cannot be used as given."""

    code = "input"
    exit_code = 10

    def __init__(self, message: str, *, hint: str = "", path: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class SchemaError(InputError):
    """A table breaks its contract in ``schema.py``."""

    code = "schema"

    def __init__(self, table: str, column: str, *, expected: str, got: str) -> None:
        super().__init__(f"{table}.{column}: expected {expected}, got {got}")
        self.table, self.column, self.expected, self.got = table, column, expected, got


class ConfigError(DidebanError, ValueError):
    """A setting is unknown or has a value that makes no sense."""

    code = "config"
    exit_code = 11

    def __init__(self, message: str, *, hint: str = "", key: str = "", value: object = None) -> None:
        super().__init__(message, hint=hint)
        self.key, self.value = key, value


class SourceError(DidebanError):
    """Something outside did not answer as it should."""

    code = "source"
    exit_code = 12

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        source: str = "",
        url: str = "",
        permanent: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.source, self.url, self.permanent, self.retry_after_s = source, url, permanent, retry_after_s


class StoreError(DidebanError):
    """Our own disk: full, unwritable, or holding something unexpected."""

    code = "store"
    exit_code = 13

    def __init__(self, message: str, *, hint: str = "", path: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class ExchangeError(DidebanError):
    """A peer or a finding package does not hold what it claims."""

    code = "exchange"
    exit_code = 14

    def __init__(self, message: str, *, hint: str = "", peer: str = "") -> None:
        super().__init__(message, hint=hint)
        self.peer = peer
