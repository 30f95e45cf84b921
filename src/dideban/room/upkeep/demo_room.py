"""A room to try: six days of made-up posts, places, two sources that play the acts of a demo, and a first analysis."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from dideban.room.alerts.models import Rule, RuleKind
from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.rooms.actions import change_room, save_place
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, change_source
from dideban.room.sources.demo.stream import PARTS, history
from dideban.room.wording import made_up

PLACES = (
    ("north", "North", {"fa": "شمال", "ar": "الشمال"}),
    ("south", "South", {"fa": "جنوب", "ar": "الجنوب"}),
    ("coast", "Coast", {"fa": "ساحل", "ar": "الساحل"}),
)
NAMES = {"fa": "دیده‌بانی", "ar": "المرصد"}
TICK_S = 30
BURST_POSTS = 60
"""The talk of four made-up days passes in an hour: only its largest waves are worth an alert."""
SILENT_S = 240
"""The second source counts as silent after this: its silence in a round takes eight minutes."""
SECOND = made_up.COAST


def make_demo(room: Room, *, seed: int = 7) -> None:
    """Fill a new room; one that has sources already stays as it is."""
    if room.sources.exists():
        return
    change_room(room, tick_s=TICK_S, horizon_days=7, is_demo=True, names=NAMES, by=None)
    for slug, name, names in PLACES:
        save_place(room, slug=slug, name=name, names=names, by=None)
    Rule.objects.filter(room=room, kind=RuleKind.NARRATIVE_BURST).update(params={"min_posts": BURST_POSTS})
    past = add_source(room, kind="upload", name=made_up.PAST, by=None)
    keep_frame(history(seed, until=timezone.now() - timedelta(minutes=1)), origin=origin_of(past))
    for part, name in zip(PARTS, (made_up.STREAM, SECOND), strict=True):
        made = add_source(room, kind="demo", name=name, settings={"seed": seed, "part": part}, interval_s=10, by=None)
        if name == SECOND:
            change_source(made, silent_after_s=SILENT_S, by=None)
