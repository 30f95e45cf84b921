"""What can be done with comments: written, edited and deleted by whoever holds the key, decided by moderators."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dideban.comments import limits, networks
from dideban.comments.clean import clean, count_links, folded, squeezed
from dideban.comments.likeness import clusters_of, together
from dideban.comments.person_hints import MOST_HINTS, Hint, hints_of
from dideban.comments.proof_of_work import age_of, is_done, make_token
from dideban.comments.sealing import seal
from dideban.comments.shown import write_shown
from dideban.comments.site_pages import require_open, text_of
from dideban.comments.store import CommentStore
from dideban.errors import InputError
from dideban.site.lookalikes import real_hosts

FILTER, PUBLIC_NAMES = "filter.txt", "public-names.txt"
"""Lists that moderators keep in the folder, a line each: words to point out, and persons who are public."""
MOST_FILTER_BYTES = 100_000
MOST_READ = 20
"""Comments of a group that are looked at for names of private persons."""
OPEN_STATES = ("waiting", "shown")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a form sent."""

    page: str
    lang: str
    name: str = ""
    body: str = ""
    token: str = ""
    answer: str = ""
    """Of the work; empty where the sender has no script."""
    trap: str = ""
    """A field that people do not see."""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class QueueGroup:
    """Comments that wait and have one text."""

    cluster: str
    n: int
    last_id: int
    first: dict[str, Any]
    pages: tuple[str, ...]
    is_together: bool
    flags: str
    hints: tuple[Hint, ...]
    """What may point at a private person; looked for when the queue is shown, and kept nowhere."""
    hosts: tuple[str, ...]
    """Where links lead whose letters look like others."""


@dataclass(kw_only=True)
class CommentDesk:
    """Comments of one site."""

    store: CommentStore
    site: Path
    now: Callable[[], int] = lambda: int(time.time())
    bits: int = limits.WORK_BITS
    _seen: int = field(default=-1, init=False)
    """Last comment that the queue was grouped with."""

    # ---- writers

    def new_token(self, page: str) -> str:
        """Return the token of a fresh form.

        Raises
        ------
        InputError
            The page takes no comments.
        """
        require_open(self.site, page, now=self.now())
        return make_token(page, key=self.store.key, now=self.now())

    def submit(self, sent: Sent) -> tuple[int, str]:
        """Keep a comment for moderation; return its number and the key that edits and deletes it.

        Raises
        ------
        InputError
            Anything that a form can do wrong; the code says what.
        """
        require_open(self.site, sent.page, now=self.now())
        name, body = self._checked(sent.name, sent.body)
        per_hour = self._require_work(sent)
        flags, secret, now = self._flags(name, body), secrets.token_urlsafe(16), self.now()
        with self.store.connect() as link:
            net = networks.hash_of(link, sent.address, now=now)
            self._require_room(link, net, per_hour)
            try:
                link.execute("INSERT INTO used (token, at) VALUES (?, ?)", (sent.token, now))
            except sqlite3.IntegrityError as error:
                raise InputError("comments.form-used", hint="comments.load-again") from error
            made = link.execute(
                "INSERT INTO comments (page, lang, name, body, secret_hash, state, at, changed_at, net_hash, flags)"
                " VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?)",
                (sent.page, sent.lang, name, body, _digest(secret), now, now, net, flags),
            )
        return int(made.lastrowid or 0), secret

    def own(self, number: int, secret: str) -> dict[str, Any]:
        """Return a comment to whoever holds its key.

        Raises
        ------
        InputError
            No such comment, or another key: which of the two is not said.
        """
        with self.store.connect(writes=False) as link:
            return _own(link, number, secret)

    def edit(self, number: int, secret: str, *, name: str, body: str) -> None:
        """Change a comment: it waits to be read again, and what was shown is taken off."""
        name, body = self._checked(name, body)
        with self.store.connect() as link:
            row = _own(link, number, secret)
            if row["state"] not in OPEN_STATES:
                raise InputError("comments.decided")
            link.execute(
                "UPDATE comments SET name = ?, body = ?, state = 'waiting', cluster = '', changed_at = ?, flags = ?"
                " WHERE id = ?",
                (name, body, self.now(), self._flags(name, body), number),
            )
        self._seen = -1
        self._show(row["state"])

    def delete(self, number: int, secret: str) -> None:
        """Delete a comment of one's own; a copy under legal hold stays sealed."""
        with self.store.connect() as link:
            row = _own(link, number, secret)
            _blank(link, [number], now=self.now())
        self._show(row["state"])

    def _checked(self, name: str, body: str) -> tuple[str, str]:
        if len(body) > limits.MOST_CHARS:
            raise InputError("comments.too-long", n=limits.MOST_CHARS)
        text = clean(body, limit=limits.MOST_CHARS)
        if not any(char.isalnum() for char in text):
            raise InputError("comments.empty")
        who = clean(name, limit=limits.MOST_NAME, lines=False)
        if count_links(text) > limits.MOST_LINKS or count_links(who):
            raise InputError("comments.links", n=limits.MOST_LINKS)
        return who, text

    def _require_work(self, sent: Sent) -> int:
        """Return how many comments an hour the sender may write: fewer without script, where waiting is the work."""
        age = age_of(sent.token, page=sent.page, key=self.store.key, now=self.now())
        if age is None or sent.trap:
            raise InputError("comments.form-old", hint="comments.load-again")
        if age < limits.LEAST_S:
            raise InputError("comments.too-quick", n=limits.LEAST_S)
        if sent.answer:
            if not is_done(sent.token, sent.answer, bits=self.bits):
                raise InputError("comments.form-old", hint="comments.load-again")
            return limits.PER_HOUR
        if age < limits.LEAST_WITHOUT_SCRIPT_S:
            raise InputError("comments.wait", n=limits.LEAST_WITHOUT_SCRIPT_S)
        return limits.PER_HOUR_WITHOUT_SCRIPT

    def _require_room(self, link: sqlite3.Connection, net: bytes, per_hour: int) -> None:
        since = self.now() - 3600
        n = link.execute("SELECT count(*) FROM comments WHERE net_hash = ? AND at > ?", (net, since)).fetchone()[0]
        if n >= per_hour:
            raise InputError("comments.too-many", n=per_hour)
        if link.execute("SELECT count(*) FROM comments WHERE state = 'waiting'").fetchone()[0] >= limits.MOST_WAITING:
            raise InputError("comments.full")

    def _flags(self, name: str, body: str) -> str:
        """Return what a moderator should know: words of the filter list, whatever stands unseen inside them."""
        known = self._lines(FILTER)
        if not known:
            return ""
        text = f"{name} {body}"
        spaced, tight = f" {folded([text])[0]} ", squeezed([text])[0]
        hits = [
            word for word, plain, dense in zip(known, folded(known), squeezed(known), strict=True)
            if plain and (f" {plain} " in spaced or (len(dense) > 4 and dense in tight))
        ]  # fmt: skip
        return ", ".join(hits)[:200]

    def _lines(self, name: str) -> list[str]:
        """Return the lines of a list that moderators keep."""
        try:
            lines = (self.store.folder / name).read_bytes()[:MOST_FILTER_BYTES].decode("utf-8", "ignore").splitlines()
        except OSError:
            return []
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]

    # ---- moderators

    def add_moderator(self, name: str) -> str:
        """Return a new key for a moderator; an earlier one of the name ends."""
        key = secrets.token_urlsafe(24)
        with self.store.connect() as link:
            link.execute("INSERT OR REPLACE INTO moderators (name, key_hash) VALUES (?, ?)", (name[:60], _digest(key)))
        return key

    def moderator(self, key: str) -> str:
        """Return the name that belongs to a key; empty = none."""
        with self.store.connect(writes=False) as link:
            row = link.execute("SELECT name FROM moderators WHERE key_hash = ?", (_digest(key),)).fetchone()
        return str(row["name"]) if row else ""

    def queue(self, *, most: int = 50) -> tuple[list[QueueGroup], int]:
        """Return what waits, the largest groups of one text first, and how many comments wait in all."""
        self._group()
        with self.store.connect(writes=False) as link:
            heads = link.execute(
                "SELECT cluster, count(*) AS n, min(id) AS first_id, max(id) AS last_id, max(flags) AS flags,"
                " max(decided_by = 'together') AS together FROM comments WHERE state = 'waiting' AND cluster != ''"
                " GROUP BY cluster ORDER BY n DESC, first_id LIMIT ?", (most,),
            ).fetchall()  # fmt: skip
            total = link.execute("SELECT count(*) FROM comments WHERE state = 'waiting'").fetchone()[0]
            public = self._lines(PUBLIC_NAMES)
            return [self._one_group(link, head, public) for head in heads], int(total)

    def _one_group(self, link: sqlite3.Connection, head: sqlite3.Row, public: list[str]) -> QueueGroup:
        first = dict(link.execute("SELECT * FROM comments WHERE id = ?", (head["first_id"],)).fetchone())
        pages = link.execute(
            "SELECT DISTINCT page FROM comments WHERE cluster = ? AND state = 'waiting' ORDER BY page LIMIT 4",
            (head["cluster"],),
        ).fetchall()
        return QueueGroup(
            cluster=head["cluster"], n=head["n"], last_id=head["last_id"], first=first, flags=head["flags"],
            pages=tuple(row["page"] for row in pages), is_together=bool(head["together"]),
            hints=self._hints(link, head["cluster"], public), hosts=tuple(real_hosts(first["body"])[:3]),
        )  # fmt: skip

    def _hints(self, link: sqlite3.Connection, cluster: str, public: list[str]) -> tuple[Hint, ...]:
        """Return what may point at a private person in the comments of a group, the first ones."""
        rows = link.execute(
            "SELECT page, name, body FROM comments WHERE cluster = ? AND state = 'waiting' ORDER BY id LIMIT ?",
            (cluster, MOST_READ),
        ).fetchall()
        said = (
            hints_of(row["body"], page=text_of(self.site, row["page"]), public=[*public, row["name"]]) for row in rows
        )
        return tuple(dict.fromkeys(hint for hints in said for hint in hints))[: 2 * MOST_HINTS]

    def _group(self) -> None:
        """Group what waits, where something came since the last time."""
        with self.store.connect(writes=False) as link:
            last = link.execute("SELECT max(id) FROM comments WHERE state = 'waiting'").fetchone()[0]
            if last is None or last == self._seen:
                return
            query = "SELECT id, body, at, page, net_hash FROM comments WHERE state = 'waiting' ORDER BY id"
            rows = link.execute(query).fetchall()
        names, joint = clusters_of(rows), together(rows)
        with self.store.connect() as link:
            link.executemany(
                "UPDATE comments SET cluster = ?, decided_by = ? WHERE id = ? AND state = 'waiting'",
                [(name, "together" if number in joint else "", number) for number, name in names.items()],
            )
        self._seen = int(last)

    def decide(self, clusters: Sequence[tuple[str, int]], *, do: str, reason: str = "", by: str) -> int:
        """Show, refuse or hold what waits in groups, up to the last comment that the moderator saw; return how many.

        Raises
        ------
        InputError
            Something else is asked for, or a refusal without a reason.
        """
        state = {"show": "shown", "refuse": "refused", "hold": "held"}.get(do)
        if state is None or (state == "refused" and reason not in limits.REASONS):
            raise InputError("comments.no-reason" if state == "refused" else "room.unknown-action")
        n = 0
        with self.store.connect() as link:
            for cluster, last_id in clusters:
                rows = link.execute(
                    "SELECT id FROM comments WHERE cluster = ? AND id <= ? AND state = 'waiting'", (cluster, last_id)
                ).fetchall()
                numbers = [row["id"] for row in rows]
                link.executemany(
                    "UPDATE comments SET state = ?, reason = ?, decided_by = ?, decided_at = ? WHERE id = ?",
                    [(state, reason if state == "refused" else "", by, self.now(), number) for number in numbers],
                )
                n += len(numbers)
            _record(link, by, f"comment.{do}", now=self.now(), n=n, reason=reason)
        self._show("shown" if do == "show" and n else "")
        return n

    def take_back(self, number: int, *, by: str) -> None:
        """Put a decided comment back into the queue, off the page."""
        with self.store.connect() as link:
            link.execute(
                "UPDATE comments SET state = 'waiting', reason = '', cluster = '', decided_by = '' WHERE id = ?"
                " AND state IN ('shown', 'refused', 'held')", (number,),
            )  # fmt: skip
            _record(link, by, "comment.take-back", now=self.now(), comment=number)
        self._seen = -1
        self._show("shown")

    def hold(self, number: int, *, reason: str, days: int, by: str) -> None:
        """Keep a sealed copy of a comment for a court, and take it off the page."""
        if not reason.strip() or not 1 <= days <= 3_650:
            raise InputError("comments.hold")
        with self.store.connect() as link:
            row = link.execute("SELECT * FROM comments WHERE id = ?", (number,)).fetchone()
            if row is None:
                raise InputError("comments.not-yours")
            copy = {name: row[name] for name in ("id", "page", "lang", "name", "body", "at", "changed_at", "state")}
            sealed = seal(self.store.folder, json.dumps(copy, ensure_ascii=False).encode())
            until = self.now() + days * 86_400
            link.execute(
                "INSERT INTO holds (comment_id, reason, until, sealed, at, by) VALUES (?, ?, ?, ?, ?, ?)",
                (number, reason.strip()[:500], until, sealed, self.now(), by),
            )
            link.execute("UPDATE comments SET state = 'held' WHERE id = ? AND state != 'gone'", (number,))
            _record(link, by, "comment.legal-hold", now=self.now(), comment=number, until=until)
        self._show("shown")

    def upkeep(self) -> None:
        """Forget what is over: networks, tokens, holds; called every few minutes."""
        now = self.now()
        with self.store.connect() as link:
            networks.forget(link, now=now)
            link.execute("DELETE FROM used WHERE at < ?", (now - limits.MOST_FORM_S,))
            link.execute("DELETE FROM holds WHERE until < ?", (now,))

    def _show(self, state: str) -> None:
        if state == "shown":
            write_shown(self.store)


def _own(link: sqlite3.Connection, number: int, secret: str) -> dict[str, Any]:
    row = link.execute("SELECT * FROM comments WHERE id = ? AND state != 'gone'", (number,)).fetchone()
    stored = row["secret_hash"] if row else bytes(32)
    if not hmac.compare_digest(stored, _digest(secret)) or row is None:
        raise InputError("comments.not-yours")
    return dict(row)


def _blank(link: sqlite3.Connection, numbers: Sequence[int], *, now: int) -> None:
    link.executemany(
        "UPDATE comments SET state = 'gone', name = '', body = '', flags = '', net_hash = NULL, changed_at = ?"
        " WHERE id = ?",
        [(now, number) for number in numbers],
    )


def _record(link: sqlite3.Connection, by: str, action: str, *, now: int, **details: Any) -> None:
    link.execute(
        "INSERT INTO events (at, by, action, details) VALUES (?, ?, ?, ?)", (now, by, action, json.dumps(details))
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
