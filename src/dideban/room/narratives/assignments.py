"""Which posts are in a narrative."""

from __future__ import annotations

import polars as pl

from dideban.findings.narratives.incremental import MEMBERS, members_path
from dideban.room.narratives.models import Narrative
from dideban.room.rooms.folder import folder_of

MAX_NUMBER = 2**31 - 1


def members_of(room: str, number: str | int) -> pl.LazyFrame:
    """Return MEMBERS of one narrative, or no rows. One query; of a million rows only some are read."""
    text = str(number).strip()
    found = None
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_NUMBER:
        chosen = Narrative.objects.filter(room__slug=room, number=int(text))
        found = chosen.values_list("key", "merged_into__key").first()
    key = next((one for one in found or () if one is not None), None)
    path = members_path(folder_of(room).narratives)
    if key is None or path is None:
        return pl.LazyFrame(schema=MEMBERS)
    return pl.scan_parquet(path, glob=False).filter(pl.col("narrative") == key)
