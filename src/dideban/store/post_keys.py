"""Which posts a room has: one small SQLite file that tells new posts from repeats, and keeps what search must not see.

Keys of posts, later values of ``reach``, sealed original ids, accounts whose posts were deleted on request, and which
posts and accounts their platforms removed. It can be made again from the table of posts but for the sealed ids, the
erased accounts and the removals.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from dideban.errors import StoreError
from dideban.messages import cause_of

KEY_BYTES = 16
PRAGMAS = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;PRAGMA secure_delete=ON;"
SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (key BLOB PRIMARY KEY, day TEXT NOT NULL, batch INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS keys_by_day ON keys (day);
CREATE TABLE IF NOT EXISTS reach (day TEXT, platform TEXT, post_id TEXT, reach INTEGER NOT NULL,
  PRIMARY KEY (day, platform, post_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sealed (account_id TEXT PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased (account_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (key BLOB PRIMARY KEY, day TEXT NOT NULL, platform TEXT NOT NULL, at INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone_accounts (account_id TEXT PRIMARY KEY, platform TEXT NOT NULL, at INTEGER NOT NULL)
  WITHOUT ROWID;
"""


class PostKeys:
    """The index beside the table of posts. Written by one process at a time (the worker); read by any."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Open the file, make it where it is missing, and commit at the end.

        Raises
        ------
        StoreError
            It cannot be read or written.
        """
        try:
            link = sqlite3.connect(self.path, timeout=20, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError(
                "store.keys-not-opened", path=str(self.path), name=self.path.name, reason=cause_of(error)
            ) from error
        try:
            link.executescript(PRAGMAS + SCHEMA)
            link.execute("BEGIN IMMEDIATE")
            yield link
            link.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(
                "store.keys-trouble",
                hint="hint.disk-full",
                path=str(self.path),
                name=self.path.name,
                reason=cause_of(error),
            ) from error
        finally:
            link.close()

    def claim(self, posts: pl.DataFrame, *, batch: int, committed: int) -> pl.Series:
        """Claim posts for a batch; return which of them are new, one flag per row.

        Parameters
        ----------
        posts : (platform, post_id, day), (n,)
            In order of arrival.
        batch : count
            The batch they are about to be committed in.
        committed : count
            The last batch in the table: a claim of a later one never came to be.

        Notes
        -----
        A claim that was made and not committed (the process died between the two) counts as not made. Of repeats
        within ``posts`` the first is new.
        """
        keys = post_keys(posts["platform"], posts["post_id"])
        days = posts["day"].to_list()
        with self.connect() as link:
            known = _known(link, keys, committed)
            new = [False] * len(keys)
            for row, key in enumerate(keys):
                if key not in known:
                    known.add(key)
                    new[row] = True
            link.executemany(
                "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET batch = excluded.batch,"
                " day = excluded.day",
                [(keys[row], days[row], batch) for row in range(len(keys)) if new[row]],
            )
        return pl.Series("is_new", new, dtype=pl.Boolean)

    def add_reach(self, rows: Iterable[tuple[str, str, str, int]]) -> None:
        """Keep a later reach of posts that are in the table: (day, platform, post_id, reach)."""
        with self.connect() as link:
            link.executemany(
                "INSERT INTO reach SELECT k.day, ?2, ?3, ?4 FROM keys k WHERE k.key = ?1"
                " ON CONFLICT DO UPDATE SET reach = excluded.reach",
                [(_key(platform, post_id), platform, post_id, reach) for _, platform, post_id, reach in rows],
            )

    def reach_days(self) -> list[str]:
        """Return the days that have a later reach waiting."""
        with self.connect() as link:
            return [row[0] for row in link.execute("SELECT DISTINCT day FROM reach ORDER BY day")]

    def reach_of(self, day: str) -> pl.DataFrame:
        """Return (platform, post_id, new_reach) of a day."""
        with self.connect() as link:
            rows = link.execute("SELECT platform, post_id, reach FROM reach WHERE day = ?", (day,)).fetchall()
        schema = {"platform": pl.String, "post_id": pl.String, "new_reach": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def drop_reach(self, day: str) -> None:
        """Forget the later reach of a day once the table has it."""
        with self.connect() as link:
            link.execute("DELETE FROM reach WHERE day = ?", (day,))

    def seal(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Keep sealed original ids: (pseudonym, sealed); the first stands."""
        with self.connect() as link:
            link.executemany("INSERT OR IGNORE INTO sealed VALUES (?, ?)", rows)

    def sealed(self, account_id: str) -> bytes | None:
        """Return the sealed original id of a pseudonym."""
        with self.connect() as link:
            row = link.execute("SELECT blob FROM sealed WHERE account_id = ?", (account_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def sealed_of(self, account_ids: Sequence[str]) -> list[tuple[str, bytes]]:
        """Return (pseudonym, sealed original id) of the accounts that have one."""
        found = []
        with self.connect() as link:
            for start in range(0, len(account_ids), 500):
                part = list(account_ids[start : start + 500])
                marks = ",".join("?" * len(part))
                query = f"SELECT account_id, blob FROM sealed WHERE account_id IN ({marks})"  # noqa: S608 - marks only
                found += [(str(name), bytes(blob)) for name, blob in link.execute(query, part)]
        return found

    def erase(self, account_id: str) -> None:
        """Forget the sealed id of an account, and take no more posts of it."""
        with self.connect() as link:
            link.execute("INSERT OR IGNORE INTO erased VALUES (?)", (account_id,))
            link.execute("DELETE FROM sealed WHERE account_id = ?", (account_id,))
            link.execute("DELETE FROM gone_accounts WHERE account_id = ?", (account_id,))

    def erased(self) -> list[str]:
        """Return the accounts whose posts are not taken."""
        with self.connect() as link:
            return [row[0] for row in link.execute("SELECT account_id FROM erased ORDER BY account_id")]

    def note_gone(self, rows: Iterable[tuple[str, str, int]]) -> int:
        """Note posts that are there no more: (platform, post_id, microseconds since 1970); the earliest time stands.

        Posts that the room does not have are left out. No id is kept, only its key. Return how many are new.
        """
        told = [(platform, at, _key(platform, post_id)) for platform, post_id, at in rows]
        with self.connect() as link:
            (before,) = link.execute("SELECT count(*) FROM gone").fetchone()
            link.executemany(
                "INSERT INTO gone SELECT k.key, k.day, ?1, ?2 FROM keys k WHERE k.key = ?3"
                " ON CONFLICT DO UPDATE SET at = min(at, excluded.at)",
                told,
            )
            (after,) = link.execute("SELECT count(*) FROM gone").fetchone()
        return int(after - before)

    def note_gone_accounts(self, rows: Iterable[tuple[str, str, int]]) -> None:
        """Note accounts (pseudonyms) that are there no more, with all their posts; only those that the room knows."""
        with self.connect() as link:
            link.executemany(
                "INSERT INTO gone_accounts SELECT s.account_id, ?2, ?3 FROM sealed s WHERE s.account_id = ?1"
                " ON CONFLICT DO UPDATE SET at = min(at, excluded.at)",
                rows,
            )

    def gone(self) -> pl.DataFrame:
        """Return ``key`` (Binary), ``platform`` and ``at`` (microseconds since 1970) of posts that are gone."""
        with self.connect() as link:
            rows = link.execute("SELECT key, platform, at FROM gone ORDER BY key").fetchall()
        return pl.DataFrame(rows, schema={"key": pl.Binary, "platform": pl.String, "at": pl.Int64}, orient="row")

    def gone_accounts(self) -> pl.DataFrame:
        """Return ``account_id``, ``platform`` and ``at`` (microseconds since 1970) of accounts that are gone."""
        with self.connect() as link:
            rows = link.execute("SELECT account_id, platform, at FROM gone_accounts ORDER BY account_id").fetchall()
        schema = {"account_id": pl.String, "platform": pl.String, "at": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def forget_before(self, day: str) -> int:
        """Forget the keys of days before ``day``; return how many."""
        with self.connect() as link:
            link.execute("DELETE FROM gone WHERE day < ?", (day,))
            return int(link.execute("DELETE FROM keys WHERE day < ?", (day,)).rowcount)

    def forget(self, posts: pl.DataFrame) -> None:
        """Forget posts (platform, post_id) that were taken out of the table: they are new when they come again."""
        keys = [(key,) for key in post_keys(posts["platform"], posts["post_id"])]
        names = list(zip(posts["platform"].to_list(), posts["post_id"].to_list(), strict=True))
        with self.connect() as link:
            link.executemany("DELETE FROM keys WHERE key = ?", keys)
            link.executemany("DELETE FROM gone WHERE key = ?", keys)
            link.executemany("DELETE FROM reach WHERE platform = ? AND post_id = ?", names)

    def forget_gone(self, posts: pl.DataFrame) -> None:
        """Forget that posts (platform, post_id) were removed."""
        keys = [(key,) for key in post_keys(posts["platform"], posts["post_id"])]
        with self.connect() as link:
            link.executemany("DELETE FROM gone WHERE key = ?", keys)

    def unseal(self, accounts: Sequence[str] | pl.Series) -> None:
        """Forget the sealed ids of accounts that have no post any more."""
        with self.connect() as link:
            for table in ("sealed", "gone_accounts"):
                names = [(account,) for account in accounts]
                link.executemany(f"DELETE FROM {table} WHERE account_id = ?", names)  # noqa: S608 - two fixed names

    def count(self) -> int:
        """Return how many posts are known."""
        with self.connect() as link:
            return int(link.execute("SELECT count(*) FROM keys").fetchone()[0])


def post_keys(platforms: pl.Series, post_ids: pl.Series) -> list[bytes]:
    """Return 128 bits per post: BLAKE2b of platform and id, so that a key is short however long an id is."""
    return [_key(platform, post_id) for platform, post_id in zip(platforms.to_list(), post_ids.to_list(), strict=True)]


def _key(platform: str, post_id: str) -> bytes:
    return hashlib.blake2b(f"{platform}\x1f{post_id}".encode(), digest_size=KEY_BYTES).digest()


def _known(link: sqlite3.Connection, keys: Sequence[bytes], committed: int) -> set[bytes]:
    known: set[bytes] = set()
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT key FROM keys WHERE key IN ({marks}) AND batch <= ?"  # noqa: S608 - only question marks
        known.update(bytes(row[0]) for row in link.execute(query, (*part, committed)))
    return known


__all__ = ["PostKeys", "post_keys"]
