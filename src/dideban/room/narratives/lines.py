"""A sentence that people wrote, for each narrative: read from the posts each time, so what is deleted is not said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import polars as pl
from django.conf import settings

from dideban.findings.headline import telling_line
from dideban.room.narratives.models import Narrative
from dideban.room.rooms.folder import folder_of
from dideban.schema import post_key
from dideban.store.delta import PostTable
from dideban.traces import mask_text

Asked = tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
"""Number of a narrative, and name and time of each post that may name it."""
Places = tuple[str, ...] | None
ROLES = ("most-copied", "typical", "first")
"""Posts that may name a narrative, the best first."""
SECOND = timedelta(seconds=1)
"""Examples are noted to the second."""
COLUMNS = ["platform", "post_id", "created_at", "place", "text"]


def read_lines(room: str, narratives: Iterable[Narrative], *, places: Places) -> dict[int, str]:
    """Return the line that names each narrative, by its number.

    Parameters
    ----------
    places : slugs, or None
        Places of the posts that the member may see; None = all. Where they may see no example, there is no line.

    Notes
    -----
    One look into the table for all of them, at the days of their posts; the answer is kept until the table changes.
    """
    asked: Asked = tuple((one.number, _examples(one)) for one in narratives if one.examples)
    if not asked:
        return {}
    batch = PostTable(folder_of(room).posts).committed()
    return dict(_read(str(settings.DATA), room, batch, places, asked))


def _examples(one: Narrative) -> tuple[tuple[str, str], ...]:
    rows = {row["role"]: (row["post"], row.get("at", "")) for row in one.examples}
    return tuple(rows[role] for role in ROLES if role in rows)


@lru_cache(maxsize=64)
def _read(home: str, room: str, batch: object, places: Places, asked: Asked) -> tuple[tuple[int, str], ...]:
    texts = _texts(room, [pair for _, pairs in asked for pair in pairs], places)
    found = []
    for number, pairs in asked:
        lines = (telling_line(mask_text(texts[name])) for name, _ in pairs if name in texts)
        if line := next((line for line in lines if line), ""):
            found.append((number, line))
    return tuple(found)


def _texts(room: str, pairs: Sequence[tuple[str, str]], places: Places) -> dict[str, str]:
    """Return the texts of posts that a member may see, by name."""
    times = [datetime.fromisoformat(at) for _, at in pairs if at]
    if not times:
        return {}
    since, until = min(times), max(times) + SECOND
    stored = PostTable(folder_of(room).posts).scan(since=since, until=until, columns=COLUMNS)
    ids = [name.partition("/")[2] for name, _ in pairs]
    near = stored.filter(pl.col("post_id").is_in(ids), pl.col("text").is_not_null())
    if places is not None:
        near = near.filter(pl.col("place").is_in(list(places)))
    named = near.select(post_key().alias("name"), "text").filter(pl.col("name").is_in([name for name, _ in pairs]))
    return dict(named.collect().iter_rows())
