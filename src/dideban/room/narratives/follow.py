"""One step of following the narratives of a room: what is new is taken in, what changed is written down.

A step reads at most MAX_STEP posts, so that a room which starts over, or lost its state, catches up over several ticks
while findings go on as ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from django.db import transaction

from dideban.atomic import write_bytes
from dideban.config import NarrativeConfig
from dideban.errors import StoreError
from dideban.findings.narratives import Follower
from dideban.room.findings.models import FollowedGroup
from dideban.room.locks import NARRATIVES, only_one, wait_for
from dideban.room.narratives.models import Narrative
from dideban.room.narratives.write import NarrativeRows, write
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.schema import POSTS, post_key
from dideban.store.delta import PostTable

CONFIG = NarrativeConfig()
MAX_STEP = 50_000
"""Posts that one step takes in."""
FEW, WAIT = 50, timedelta(seconds=20)
"""Fewer posts wait so long for company: alone they are compared with little."""
SHARE = 5
"""A step is due when five times the processor time of the last one has passed: narratives never crowd out the rest."""
LONGEST_PAUSE_S, FREE_S = 300.0, 5.0
"""Seconds; a step that took less than FREE_S of processor is followed by that of the next tick."""
RUN = "run.json"
LOCK_S = 300.0
"""How long a deletion waits for a step to end."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one step did."""

    at: str
    seconds: float
    cpu_s: float
    """Seconds of processor: what the pause after it depends on."""
    n_taken: int
    n_waiting: int
    """Posts of the horizon that no step has read yet."""
    n_listed: int
    n_small: int
    n_cut: int
    is_anew: bool


def follow_narratives(
    room: Room, *, since: datetime, until: datetime, now: datetime, threads: int = 0,
    beat: Callable[[], None] = lambda: None,
) -> tuple[Step, list[Narrative]] | None:  # fmt: skip
    """Take in what is new and write down what changed.

    Parameters
    ----------
    since, until : datetime
        Horizon.
    now : datetime
        Where timelines end.
    beat : function
        Called between parts: the step is alive.

    Returns
    -------
    (Step, narratives) or None
        The narratives that burst now; None where nothing is due.

    Notes
    -----
    One process at a time: a deletion on request waits for a step to end, and a step for it.
    """
    last = last_step(room.slug)
    if last and (now - datetime.fromisoformat(last.at)).total_seconds() < _pause_s(last):
        return None
    with only_one(folder_of(room.slug).root / NARRATIVES) as is_ours:
        return _step(room, since, until, now, threads, beat) if is_ours else None


def _step(
    room: Room, since: datetime, until: datetime, now: datetime, threads: int, beat: Callable[[], None]
) -> tuple[Step, list[Narrative]] | None:
    began, worked = time.monotonic(), time.process_time()
    folder = folder_of(room.slug).narratives
    table = PostTable(folder_of(room.slug).posts)
    kept = Follower.load(folder, CONFIG, threads=threads)
    follower = kept or Follower(CONFIG, threads=threads)
    columns = ["platform", "post_id", "created_at", "arrived_at"]
    keys = table.scan(since=since, until=until, columns=columns).collect()
    unread = follower.unread(keys.lazy()).sort("created_at", "platform", "post_id")
    n_gone = follower.keep(keys.lazy())
    if not n_gone and not _is_worth_it(unread, now) and not _is_stale(room, now):
        return None
    taken = unread.head(MAX_STEP) if _is_worth_it(unread, now) else unread.clear()
    _take_in(follower, table, taken)
    beat()
    follower.save(folder)
    beat()
    rows = NarrativeRows(
        room=room, table=table, members=follower.members, joined=follower.tracker.joined(), is_anew=kept is None,
        since=since, now=now, config=CONFIG, proved=_proved(room),
    )  # fmt: skip
    with transaction.atomic():
        found = write(rows)
    measured = rows.measured
    step = Step(
        at=now.isoformat(), seconds=round(time.monotonic() - began, 3),
        cpu_s=round(time.process_time() - worked, 3), n_taken=taken.height,
        n_waiting=unread.height - taken.height, n_listed=measured.sizes.height, n_small=measured.n_small,
        n_cut=measured.n_cut, is_anew=kept is None,
    )  # fmt: skip
    write_bytes(folder / RUN, orjson.dumps(asdict(step)), survives="kill")
    return step, found


def last_step(room: str) -> Step | None:
    """Return what the last step did; None where there was none."""
    try:
        return Step(**orjson.loads((folder_of(room).narratives / RUN).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def purge_accounts(room: Room, accounts: Iterable[str]) -> int:
    """Take accounts and their posts out of the state and out of what is written of narratives; return how many posts.

    Raises
    ------
    StoreError
        A step takes too long.

    Notes
    -----
    Words of narratives they told are computed again by the next step.
    """
    with _alone(room):
        return _forget(room, set(accounts))


@contextmanager
def _alone(room: Room) -> Iterator[None]:
    with wait_for(folder_of(room.slug).root / NARRATIVES, seconds=LOCK_S) as is_ours:
        if not is_ours:
            raise StoreError("room.narratives-busy", hint="room.tried-later")
        yield


def _forget(room: Room, names: set[str]) -> int:
    folder = folder_of(room.slug).narratives
    follower = Follower.load(folder, CONFIG)
    touched: set[int] = set()
    n = 0
    if follower is not None:
        mine = follower.members.filter(pl.col("account_id").is_in(sorted(names)))
        touched = set(mine["narrative"].drop_nulls().to_list())
        posts = set(mine.select(post_key()).to_series().to_list())
        n = follower.forget(names)
        _save_twice(follower, folder)
    else:
        posts = set()
    _redact(room, touched, lambda row: row.get("account") in names or row.get("post") in posts)
    return n


def purge_before(room: Room, first: datetime, *, source: str = "") -> None:
    """Take posts older than ``first`` (of one source, where named) out of what is written of narratives."""
    limit = first.astimezone(UTC).isoformat()
    _redact(
        room, set(), lambda row: str(row.get("at", "9")) < limit and (not source or row.get("source") == source)
    )  # fmt: skip


def purge_posts(room: Room) -> int:
    """Forget posts that are in the table no more, as after retention; return how many.

    Raises
    ------
    StoreError
        A step takes too long.
    """
    with _alone(room):
        return _forget_gone(room)


def purge_named(room: Room, posts: Collection[str]) -> int:
    """Forget posts that were taken out of the table, by their keys, also where narratives quote them.

    Raises
    ------
    StoreError
        A step takes too long.
    """
    with _alone(room):
        follower = Follower.load(folder_of(room.slug).narratives, CONFIG)
        touched: set[int] = set()
        if follower is not None:
            theirs = follower.members.filter(post_key().is_in(sorted(posts)))
            touched = set(theirs["narrative"].drop_nulls().to_list())
        n = _forget_gone(room)
        _redact(room, touched, lambda row: row.get("post") in posts)
    return n


def _forget_gone(room: Room) -> int:
    folder = folder_of(room.slug).narratives
    follower = Follower.load(folder, CONFIG)
    if follower is None:
        return 0
    keys = PostTable(folder_of(room.slug).posts).scan(columns=["platform", "post_id"]).collect()
    n = follower.keep(keys.lazy())
    if n:
        _save_twice(follower, folder)
    return n


def _save_twice(follower: Follower, folder: Path) -> None:
    """Leave nothing of what was forgotten: readers may use the state before the last. The next step is due at once."""
    for _ in range(2):
        follower.save(folder)
    (folder / RUN).unlink(missing_ok=True)


def _redact(room: Room, touched: set[int], is_gone: Callable[[dict[str, Any]], bool]) -> None:
    """Drop what is gone from first accounts and examples; words of narratives touched go until they are rebuilt."""
    for one in Narrative.objects.filter(room=room):
        spread = [row for row in one.spread if not is_gone(row)]
        examples = [row for row in one.examples if not is_gone(row)]
        is_touched = one.key in touched
        if is_touched or len(spread) < len(one.spread) or len(examples) < len(one.examples):
            one.spread, one.examples = spread, examples
            if is_touched:
                one.terms, one.words, one.described_at = [], "", None
            one.save(update_fields=["spread", "examples", "terms", "words", "described_at"])


def _pause_s(last: Step) -> float:
    return min(SHARE * last.cpu_s, LONGEST_PAUSE_S) if last.cpu_s > FREE_S else 0.0


def _take_in(follower: Follower, table: PostTable, taken: pl.DataFrame) -> None:
    if taken.is_empty():
        return
    low, high = taken["created_at"].min(), taken["created_at"].max()
    assert isinstance(low, datetime)
    assert isinstance(high, datetime)
    stored = table.scan(since=low, until=high + timedelta(microseconds=1), columns=POSTS.names)
    follower.take_in(stored.join(taken.lazy(), on=["platform", "post_id"], how="semi").collect())


def _is_worth_it(unread: pl.DataFrame, now: datetime) -> bool:
    if unread.height >= FEW or unread.is_empty():
        return not unread.is_empty()
    oldest = unread["arrived_at"].min()
    return isinstance(oldest, datetime) and now - oldest > WAIT


def _is_stale(room: Room, now: datetime) -> bool:
    """Return whether what is written needs another look although no post came: time goes by, words were taken out."""
    active = Narrative.objects.filter(room=room, is_active=True)
    last = last_step(room.slug)
    is_old = last is None or now - datetime.fromisoformat(last.at) > timedelta(minutes=10)
    return active.filter(described_at=None).exists() or (is_old and active.exists())


def _proved(room: Room) -> dict[str, int]:
    """Return account to the number of a group that was found (no lead) and is seen now; of several the first."""
    groups = FollowedGroup.objects.filter(room=room, is_active=True, current__is_lead=False).order_by("number")
    known: dict[str, int] = {}
    for number, members in groups.values_list("number", "members"):
        for account in members:
            known.setdefault(account, number)
    return known
