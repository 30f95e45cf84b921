"""The third set by name, and in shapes of data: two days or three months, few accounts or many, one kind, minutes."""

from __future__ import annotations

import numpy as np
from third_attacks import every_kind, natural_nearness
from third_people import (
    agency_desks,
    birthdays,
    deadlines,
    election_night,
    exam_results,
    flash_sales,
    flights,
    game_reset,
    group_chats,
    outage,
    podcasts,
    quizzes,
    radio,
    repost_within,
    scores,
    sheet_of_requests,
    shifts,
    stream_chat,
    transit,
)
from third_programs import (
    alarms,
    drained_queues,
    forwarding,
    helper_bots,
    listings,
    mirrors,
    on_this_day,
    push_alarms_people,
    retrying_feeds,
    suggested,
    tag_relays,
    two_zones,
    weather_bots,
    wrong_clocks,
)
from timelines import timelines
from world import base

_ALL = (
    *(repost_within, stream_chat, scores, flash_sales, agency_desks, transit, exam_results, election_night, podcasts),
    *(game_reset, birthdays, shifts, flights, deadlines, quizzes, outage, radio),
    *(suggested, retrying_feeds, mirrors, tag_relays, weather_bots, on_this_day, listings, helper_bots),
    *(wrong_clocks, drained_queues, two_zones, push_alarms_people),
)
THIRD_CROWDS = {one.__name__: one for one in _ALL}
THIRD_OUTSIDE = {one.__name__: one for one in (sheet_of_requests, group_chats, forwarding, alarms)}
"""Programs on one public interface or on each other, and people with a chat or a sheet that the data do not show."""


def _of(laws, n, days, rate, only="", second=False):
    """A shape of data: so many accounts and days, some crowds, one kind of objects where asked."""

    def make(seed):
        w = timelines(seed, n=n, days=days, sittings=rate * 2.5) if second else base(seed, n=n, days=days, per_day=rate)
        for law in laws:
            law(w)
        if only == "link":
            w.rows = [row for row in w.rows if row[4]]
        if only == "repost":
            w.rows = [row for row in w.rows if row[5]]
        return w

    return make


def mixed_third(seed):
    """Six of the third set at once, of any size and length."""
    rng = np.random.default_rng(seed * 13 + 2)
    days, n = int(rng.integers(4, 14)), int(rng.integers(250, 600))
    w = timelines(seed, n=n, days=days) if seed % 2 else base(seed, n=n, days=days, per_day=rng.uniform(1, 2.5))
    for name in rng.choice([one for one in THIRD_CROWDS if one not in ("two_zones", "outage")], 6, replace=False):
        THIRD_CROWDS[name](w)
    return w


def _attack(law, n):
    return lambda w: law(w, n)


THIRD_SHAPES = {
    "mixed_third": mixed_third,
    "third_two_days": _of((stream_chat, repost_within, agency_desks, quizzes), 600, 2, 6.0),
    "third_months": _of((transit, podcasts, birthdays, group_chats), 250, 90, 0.35),
    "third_few": _of((repost_within, agency_desks, game_reset), 40, 21, 1.5),
    "third_many": _of((flights, shifts, exam_results), 3000, 5, 0.9),
    "third_links": _of((listings, transit, wrong_clocks, podcasts), 500, 10, 2.0, only="link"),
    "third_reposts": _of((repost_within, tag_relays, game_reset), 500, 10, 2.0, only="repost", second=True),
    "third_minutes": _of((agency_desks, flash_sales, push_alarms_people), 500, 10, 2.0),
    "third_attack_two_days": _of((_attack(every_kind, 3),), 600, 2, 6.0),
    "third_attack_months": _of((_attack(natural_nearness, 3),), 250, 90, 0.35),
    "third_attack_minutes": _of((_attack(every_kind, 5),), 500, 10, 2.0),
}
THIRD_UNITS = {"third_minutes": 60, "third_attack_minutes": 60}
