"""What a demo forgets: the posts of past rounds, and what the machine found in them, so that it runs for ever."""

from __future__ import annotations

import shutil
from datetime import datetime

import polars as pl

from dideban.room.alerts.models import Alert
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from dideban.room.ticks.models import Tick
from dideban.room.upkeep.undo_import import remove_posts


def forget_rounds(room: Room) -> int:
    """Remove the posts of rounds before the last one, and findings in them that nobody worked on; return the posts.

    What a member judged, discussed or put into a case stays. A room that is no demo loses nothing.
    """
    sources = list(Source.objects.filter(room=room, kind="demo"))
    starts = [one.state.get("before") for one in sources]
    if not room.is_demo or not sources or not all(starts):
        return 0
    before = min(datetime.fromisoformat(str(text)) for text in starts)
    slugs = [one.slug for one in sources]
    rows = pl.col("source").is_in(slugs) & (pl.col("arrived_at") < before)
    names = ", ".join(f"'{slug}'" for slug in slugs)
    micros = pl.Series([before]).dt.epoch("us").item()
    n_posts, _ = remove_posts(room, rows, where=f"source IN ({names}) AND arrived_at < to_timestamp_micros({micros})")
    _forget_findings(room, before)
    Tick.objects.filter(room=room, started_at__lt=before).exclude(status="running").delete()
    Alert.objects.filter(room=room, at__lt=before).delete()
    return n_posts


def _forget_findings(room: Room, before: datetime) -> None:
    """Remove groups that are over and that no member has touched, and their packages."""
    over = FollowedGroup.objects.filter(room=room, is_active=False, last_found_at__lt=before, assigned_to=None)
    untouched = dict.fromkeys(("verdicts", "comments", "cases", "exercises", "pages", "arrived", "responses"))
    found = list(over.filter(**untouched).values_list("pk", flat=True))
    for name in KeptFinding.objects.filter(group__in=found).values_list("finding_id", flat=True):
        shutil.rmtree(package_of(room.slug, name), ignore_errors=True)
        shares_path(room.slug, name).unlink(missing_ok=True)
    FollowedGroup.objects.filter(pk__in=found).delete()
