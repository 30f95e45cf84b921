"""From bytes to acknowledged posts: read by the engine, pseudonyms instead of names, on disk before the answer."""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from dideban import ingest
from dideban.config import IngestConfig
from dideban.errors import InputError, StoreError
from dideban.ingest import load_key, pseudonym
from dideban.messages import NOTHING, Message
from dideban.room.budget import REQUEST, Budget, unpack
from dideban.room.disk import is_full
from dideban.room.posts.spool import SPOOLED, Spool
from dideban.room.reader.posts import Read, read_posts_apart
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.sealed_ids import seal_accounts
from dideban.schema import POSTS
from dideban.store.post_keys import PostKeys

log = logging.getLogger("dideban.room.intake")
FUTURE = timedelta(days=1)
"""Posts dated later than this from now are refused: clocks differ by minutes, not by days."""
MAX_SAMPLES = 20
CHUNK_ROWS = 100_000
NOTHING_SEALED = pl.DataFrame(schema={"account_id": pl.String, "sealed": pl.Binary})
READING = IngestConfig(keep_ids=True, max_reject_share=1.0, max_field_bytes=2_000_000)


@dataclass(kw_only=True)
class Taken:
    """What became of what was brought: ``n_rows == n_posts + n_repeats + n_rejects``."""

    n_rows: int = 0
    n_posts: int = 0
    """Acknowledged. Repeats of posts that the room has already are distinguished in the merge."""
    n_repeats: int = 0
    """Repeats within what was brought."""
    n_rejects: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)
    newest_at: datetime | None = None
    lag_s: float | None = None
    """Median of arrival minus publication, seconds."""
    oldest_at: datetime | None = None
    n_outside: int = 0
    """Posts that are older than what every analysis looks at."""
    arrivals: list[datetime] = field(default_factory=list)
    """When its parts arrived: with the source they name exactly these posts in the table."""

    def add(self, other: Taken) -> None:
        """Add what became of another part."""
        self.n_rows += other.n_rows
        self.n_posts += other.n_posts
        self.n_repeats += other.n_repeats
        self.n_rejects += other.n_rejects
        self.reasons.update(other.reasons)
        self.samples = (self.samples + other.samples)[:MAX_SAMPLES]
        self.lag_s = other.lag_s if other.lag_s is not None else self.lag_s

    def refuse_file(self, name: str, reason: str) -> None:
        """Count a file of which nothing could be used."""
        self.n_rows += 1
        self.n_rejects += 1
        self.reasons["file-unreadable"] += 1
        self.samples = [*self.samples, {"row": 0, "column": name, "reason": "file-unreadable", "value": reason}][
            :MAX_SAMPLES
        ]

    def refuse(self, faults: Mapping[str, int]) -> None:
        """Count records that were given up before the engine saw them."""
        n = sum(faults.values())
        self.n_rows += n
        self.n_rejects += n
        self.reasons.update(faults)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer to a sender."""
        return {
            "rows": self.n_rows,
            "accepted": self.n_posts,
            "repeats": self.n_repeats,
            "rejected": self.n_rejects,
            "reasons": dict(self.reasons),
        }


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where posts come from."""

    room: str
    source: str
    place: str | None = None
    language: str | None = None
    retention_days: int = 36_500
    horizon_days: int = 36_500
    """Days that every analysis looks at."""


def take_bytes(
    data: bytes, *, name: str, origin: Origin, mapping: Mapping[str, str] | None = None, keep: bool = True
) -> Taken:
    """Take posts in any shape the engine reads; ``name`` gives the ending: ``posts.ndjson``.

    Raises
    ------
    InputError
        Nothing in it can be used at all.
    StoreError
        The disk is full; nothing was acknowledged.
    """
    with _while_there_is_room(), tempfile.TemporaryDirectory(prefix="take-", dir=_scratch(origin.room)) as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return take_files([path], origin=origin, mapping=mapping, keep=keep)


def take_lines(
    lines: Sequence[str],
    *,
    name: str,
    origin: Origin,
    mapping: Mapping[str, str] | None = None,
    keep: bool = True,
) -> Taken:
    """Take records of a stream, one per line: one that cannot be read is one reject and never stops the others.

    Raises
    ------
    StoreError
        The disk is full; what was acknowledged before stays so.
    """
    if not lines:
        return Taken()
    body = "\n".join(lines).encode("utf-8", "replace")
    try:
        return take_bytes(body, name=name, origin=origin, mapping=mapping, keep=keep)
    except StoreError:
        raise
    except Exception:
        if len(lines) == 1:
            log.warning("a record of %s cannot be read", origin.source, exc_info=True)
            taken = Taken()
            taken.refuse({"record-unreadable": 1})
            return taken
    middle, total = len(lines) // 2, Taken()
    for half in (lines[:middle], lines[middle:]):
        total.add(take_lines(half, name=name, origin=origin, mapping=mapping, keep=keep))
    return total


def take_request(data: bytes, *, name: str, origin: Origin, mapping: Mapping[str, str] | None = None) -> Taken:
    """Take the body of one request, packed or not, within the budget of a request; nothing of it is kept otherwise.

    Raises
    ------
    InputError
        More than a request may hold once unpacked, no text, or nothing in it can be used at all.
    StoreError
        The disk is full; nothing was acknowledged.
    """
    return take_bytes(unpack(data, budget=REQUEST), name=name, origin=origin, mapping=mapping)


def take_files(
    paths: Sequence[Path],
    *,
    origin: Origin,
    mapping: Mapping[str, str] | None = None,
    keep: bool = True,
    budget: Budget | None = None,
    time_zone: str = "",
) -> Taken:
    """Take files of posts; without ``keep``, only say what would become of them.

    Parameters
    ----------
    budget : Budget, optional
        Read in a process of its own that may take no more; None = here, for what is bounded already.
    time_zone : IANA name
        Zone of times that carry none; empty = UTC.

    Notes
    -----
    The engine reads them with the ids as they are, into a folder that only the room can read and that is gone when
    this returns; what goes to the spool are pseudonyms by the room's key, and the ids sealed.
    """
    with _while_there_is_room(), tempfile.TemporaryDirectory(prefix="take-", dir=_scratch(origin.room)) as folder:
        out = Path(folder) / "read"
        try:
            intake = _read(paths, out=out, mapping=mapping, budget=budget, time_zone=time_zone)
        except InputError as error:
            if error.message.code != "ingest.no-usable-row":
                raise without_paths(error) from error
            return _nothing_usable(error)
        if budget is not None and intake.n_rows > budget.max_rows:
            raise InputError("budget.rows", hint="budget.send-fewer", most=budget.max_rows)
        taken = Taken(
            n_rows=intake.n_rows, n_repeats=intake.n_duplicates, n_rejects=intake.n_rejects,
            reasons=Counter(intake.reject_reasons), samples=_samples(intake.rejects_path),
        )  # fmt: skip
        n_rows = intake.n_posts
        for start in range(0, n_rows, CHUNK_ROWS):
            chunk = pl.scan_parquet(intake.posts_path, glob=False).slice(start, CHUNK_ROWS).collect()
            _keep(chunk, origin, taken, to_spool=keep)
        return taken


def _read(
    paths: Sequence[Path], *, out: Path, mapping: Mapping[str, str] | None, budget: Budget | None, time_zone: str
) -> ingest.Intake | Read:
    if budget is None:
        config = replace(READING, time_zone=time_zone or "UTC")
        return ingest.read_posts(paths, out=out, key=bytes(32), config=config, mapping=mapping)
    return read_posts_apart(
        paths, out=out, mapping=mapping, max_bytes=budget.max_bytes, max_memory=budget.max_memory,
        max_seconds=budget.max_seconds, time_zone=time_zone,
    )  # fmt: skip


def without_paths(error: InputError) -> InputError:
    """Return an error that names files as they were sent, never where they lie on the machine."""
    home = str(Path(settings.DATA))

    def plain(value: Any) -> Any:
        if isinstance(value, str) and home in value:
            return re.sub(rf"{re.escape(home)}[^\s:,;'\"()]*/", "", value)
        if isinstance(value, Message):
            return cleaned(value)
        return [plain(one) for one in value] if isinstance(value, list | tuple) else value

    def cleaned(message: Message) -> Message:
        return Message(message.code, **{name: plain(value) for name, value in message.values.items()})

    return InputError(cleaned(error.message), hint=cleaned(error.hint) if error.hint else NOTHING)


def keep_frame(posts: pl.DataFrame, *, origin: Origin, are_pseudonyms: bool = False) -> Taken:
    """Take POSTS that are in memory: made up for a demo, or results that the operator imports.

    Parameters
    ----------
    are_pseudonyms : bool
        Ids are pseudonyms already and stay. Never for what comes from outside: there, an id that looks like a
        pseudonym is somebody's name.
    """
    taken = Taken(n_rows=posts.height)
    _keep(posts, origin, taken, are_pseudonyms=are_pseudonyms)
    return taken


def _keep(
    posts: pl.DataFrame, origin: Origin, taken: Taken, *, are_pseudonyms: bool = False, to_spool: bool = True
) -> None:
    now = datetime.now(UTC)
    hidden, sealed = (posts, NOTHING_SEALED) if are_pseudonyms else _hide(posts, origin.room)
    judged = _judge(hidden, origin, now)
    refused = judged.filter(pl.col("reason").is_not_null())
    for reason, n in refused.group_by("reason").len().sort("reason").iter_rows():
        taken.reasons[reason] += n
    taken.n_rejects += refused.height
    for row in refused.head(MAX_SAMPLES - len(taken.samples)).iter_rows(named=True):
        taken.samples.append({"row": 0, "column": "", "reason": row["reason"], "value": row["post_id"][:200]})
    good = judged.filter(pl.col("reason").is_null()).drop("reason")
    if good.is_empty():
        return
    if to_spool:
        Spool(folder_of(origin.room).spool).add(_stamped(good, sealed, origin, now))
        taken.arrivals.append(now)
    taken.n_posts += good.height
    newest, oldest = good["created_at"].max(), good["created_at"].min()
    if isinstance(newest, datetime) and isinstance(oldest, datetime):
        taken.newest_at = max(newest, taken.newest_at or newest)
        taken.oldest_at = min(oldest, taken.oldest_at or oldest)
    taken.n_outside += good.filter(pl.col("created_at") < now - timedelta(days=origin.horizon_days)).height
    lag = (pl.lit(now) - pl.col("created_at")).dt.total_milliseconds().median()
    taken.lag_s = float(good.select(lag).item()) / 1000.0


def _stamped(good: pl.DataFrame, sealed: pl.DataFrame, origin: Origin, now: datetime) -> pl.DataFrame:
    place = pl.col("place") if origin.place is None else pl.col("place").fill_null(origin.place)
    language = pl.col("lang") if not origin.language else pl.col("lang").fill_null(origin.language)
    first = pl.int_range(pl.len()).over("account_id") == 0
    return (
        good.with_columns(source=pl.lit(origin.source), place=place, lang=language, arrived_at=pl.lit(now))
        .join(sealed, on="account_id", how="left", maintain_order="left")
        .with_columns(sealed=pl.when(first).then("sealed"))
        .select([pl.col(name).cast(dtype) for name, dtype in SPOOLED.items()])
    )


def _hide(posts: pl.DataFrame, room: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return POSTS with pseudonyms for accounts and mentions, and the sealed ids: (account_id, sealed).

    Every id is hashed, whatever it looks like.
    """
    if posts.is_empty():
        return posts, NOTHING_SEALED
    key = load_key(folder_of(room).key)
    originals = posts["account_id"].unique(maintain_order=True)
    names = pseudonym(originals, key=key)
    sealed = seal_accounts(room, list(zip(names.to_list(), originals.to_list(), strict=True)))
    mentioned = posts["mentions"].explode().drop_nulls().unique()
    hidden = posts.with_columns(pseudonym(posts["account_id"], key=key))
    if len(mentioned):
        told = pl.element().replace_strict(mentioned, pseudonym(mentioned, key=key), return_dtype=pl.String)
        hidden = hidden.with_columns(pl.col("mentions").list.eval(told))
    return hidden, pl.DataFrame(sealed, schema=NOTHING_SEALED.schema, orient="row")


def _judge(posts: pl.DataFrame, origin: Origin, now: datetime) -> pl.DataFrame:
    """Add ``reason``: null where a post is taken."""
    erased = PostKeys(folder_of(origin.room).index).erased()
    oldest = now - timedelta(days=origin.retention_days)
    return POSTS.check(posts).with_columns(
        reason=pl.when(pl.col("created_at") > now + FUTURE)
        .then(pl.lit("time-in-future"))
        .when(pl.col("created_at") < oldest)
        .then(pl.lit("older-than-kept"))
        .when(pl.col("account_id").is_in(erased))
        .then(pl.lit("account-erased"))
    )


def _nothing_usable(error: InputError) -> Taken:
    """Turn "no usable row among 5 (time-missing 5)" into a count: the sender is told, nothing crashes."""
    top = error.message["top"]
    reasons = Counter({one["reason"]: one["n"] for one in top["reasons"]}) if top else Counter()
    return Taken(n_rows=error.message["n"], n_rejects=error.message["n"], reasons=reasons)


def _samples(path: Path) -> list[dict[str, Any]]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(MAX_SAMPLES), strict=False)]
    return [{"row": r["row"], "column": r["column"], "reason": r["reason"], "value": r["value"][:200]} for r in rows]


@contextmanager
def _while_there_is_room() -> Iterator[None]:
    """Report a full disk as one: nothing was acknowledged, and the same can be sent again."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        if not is_full(error):
            raise
        raise StoreError("room.disk-full", hint="room.disk-full-hint") from error


def _scratch(room: str) -> Path:
    folder = folder_of(room).root / "reading"
    with _while_there_is_room():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def tidy_scratch(room: str) -> None:
    """Remove what a process that died was reading: it may hold original ids. Called when a worker starts."""
    shutil.rmtree(folder_of(room).root / "reading", ignore_errors=True)


def tidy_incoming(*, older_than_s: float = 86_400.0) -> None:
    """Remove uploads whose web server died in the middle of them."""
    for path in Path(settings.INCOMING).glob("*"):
        if path.is_file() and time.time() - path.stat().st_mtime > older_than_s:
            path.unlink(missing_ok=True)


def room_for_more(room: str) -> bool:
    """Return whether intake may take more: the spool is bounded, senders are asked to wait."""
    return Spool(folder_of(room).spool).n_waiting() < settings.SPOOL_LIMIT


def origin_of(source: Any) -> Origin:
    """Return the origin of a source (one query where room or place were not selected)."""
    kept = source.retention_days or source.room.retention_days
    return Origin(
        room=source.room.slug, source=source.slug, place=source.place.slug if source.place else None,
        language=source.language or None, retention_days=min(kept, source.room.retention_days),
        horizon_days=source.room.horizon_days,
    )  # fmt: skip


__all__ = [
    "Origin",
    "Taken",
    "keep_frame",
    "origin_of",
    "room_for_more",
    "take_bytes",
    "take_files",
    "take_lines",
    "take_request",
    "tidy_incoming",
    "tidy_scratch",
]
