"""The database of comments: one SQLite file that nothing else uses."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dideban.errors import StoreError
from dideban.messages import cause_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    page TEXT NOT NULL, lang TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'shown', 'refused', 'held', 'gone')),
    reason TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
    net_hash BLOB, flags TEXT NOT NULL DEFAULT '', cluster TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '', decided_at INTEGER
);
CREATE INDEX IF NOT EXISTS by_state ON comments (state, id);
CREATE INDEX IF NOT EXISTS by_net ON comments (net_hash, at);
CREATE INDEX IF NOT EXISTS by_cluster ON comments (cluster, state, id);
CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY, key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS used (token TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS moderators (name TEXT PRIMARY KEY, key_hash BLOB NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS holds (
    comment_id INTEGER NOT NULL, reason TEXT NOT NULL, until INTEGER NOT NULL, sealed BLOB NOT NULL,
    at INTEGER NOT NULL, by TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (at INTEGER NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, details TEXT NOT NULL);
"""
BUSY_S = 1.5


class CommentStore:
    """A folder with the database, the key of forms and the fragments that the site reads.

    Parameters
    ----------
    folder : path
        Made where it is missing; only its owner may read it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.key = self._secret("form.key")
            with self.connect() as link:
                link.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            reason = cause_of(error) if isinstance(error, OSError) else str(error)
            raise StoreError("file.not-written", hint="hint.disk", path=str(folder), reason=reason) from error

    @property
    def path(self) -> Path:
        """Where the database lies."""
        return self.folder / "comments.sqlite3"

    @contextmanager
    def connect(self, *, writes: bool = True) -> Iterator[sqlite3.Connection]:
        """Give a connection whose transaction ends with the block: kept where it ends well, else undone.

        What only reads waits for no writer.
        """
        link = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        try:
            link.row_factory = sqlite3.Row
            link.execute("PRAGMA journal_mode=WAL")
            link.execute("PRAGMA secure_delete=ON")
            link.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            yield link
            if link.in_transaction:
                link.execute("COMMIT")
        except BaseException:
            if link.in_transaction:
                link.execute("ROLLBACK")
            raise
        finally:
            link.close()

    def _secret(self, name: str) -> bytes:
        path = self.folder / name
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        return path.read_bytes()
