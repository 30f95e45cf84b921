"""All crowds by name, and several of them at once."""

from __future__ import annotations

import numpy as np
from crowds_events import (
    answerers,
    be_real,
    conference,
    deals,
    feed_tool,
    giveaways,
    live_blogs,
    one_digest,
    power_cuts,
    push_zones,
    quakes,
    ramadan,
    shows,
    sports,
    timetable,
    traders,
    trends,
)
from crowds_people import (
    breaks,
    breaks_short,
    chat_links,
    club_page,
    commuters,
    curator,
    fan_club,
    friends,
    friends_alike,
    hobby,
    holiday,
    journalists,
    matchday,
    minute_times,
    petition,
    petitions_keen,
    push_readers,
    sitting_pairs,
    students,
    students_ordered,
    tv_debate,
)
from crowds_programs import (
    copy_bots,
    game,
    imports,
    migration,
    minute_bots,
    queue_tools,
    resellers,
    rss_bots,
    tickers,
    translators,
    wire_copy,
)
from crowds_tools import (
    alerts_tool,
    clock_batches,
    cross_posters,
    fan_chains,
    newsroom,
    repeated_rows,
    threads,
    three_of_one,
)
from timelines import timelines
from world import base

CROWDS = {
    "ordinary": lambda w: None,
    "push_popular": push_readers,
    "push_few": lambda w: push_readers(w, "few"),
    "push_many_sites": lambda w: push_readers(w, "many"),
    "tv_debate": tv_debate,
    "commuters": commuters,
    "breaks": breaks,
    "breaks_short": breaks_short,
    "queue_tools": queue_tools,
    "rss_bots": rss_bots,
    "fan_club": fan_club,
    "club_page": club_page,
    "hobby": hobby,
    "minute_bots": minute_bots,
    "translators": translators,
    "students": students,
    "students_ordered": students_ordered,
    "migration": migration,
    "imports": imports,
    "petition": petition,
    "petitions_keen": petitions_keen,
    "game": game,
    "journalists": journalists,
    "wire_copy": wire_copy,
    "friends": friends,
    "matchday": matchday,
    "tickers": tickers,
    "resellers": resellers,
    "sitting_pairs": sitting_pairs,
    "minute_times": minute_times,
    "holiday": holiday,
}
OUTSIDE = {
    "push_none": lambda w: push_readers(w, "none"),
    "push_none_alike": lambda w: push_readers(w, "none", alike=True),
    "curator": curator,
    "curator_paces": lambda w: curator(w, alike=False),
    "chat_links": chat_links,
    "copy_bots": copy_bots,
    "friends_alike": friends_alike,
}
"""A common source outside the data, or accounts that watch each other: what is claimed is true of their times."""


def mixed(seed):
    """Six crowds at once, of any size and length."""
    rng = np.random.default_rng(seed * 7 + 1)
    days = int(rng.integers(4, 15))
    world = base(seed, n=int(rng.integers(300, 900)), days=days, per_day=rng.uniform(1, 3))
    several = [name for name in CROWDS if name not in ("minute_times", "ordinary")]
    for name in rng.choice(several, 6, replace=False):
        CROWDS[name](world)
    return world


MORE_CROWDS = {
    "push_zones": push_zones,
    "quakes": quakes,
    "deals": deals,
    "feed_tool": feed_tool,
    "feed_tool_few": lambda w: feed_tool(w, others=0.3),
    "one_digest": one_digest,
    "sports": sports,
    "timetable": timetable,
    "ramadan": ramadan,
    "power_cuts": power_cuts,
    "be_real": be_real,
    "answerers": answerers,
    "shows": shows,
    "traders": traders,
    "giveaways": giveaways,
    "conference": conference,
    "live_blogs": live_blogs,
    "fan_chains": fan_chains,
    "cross_posters": cross_posters,
    "clock_batches": clock_batches,
    "threads": threads,
    "repeated_rows": repeated_rows,
    "alerts_tool": alerts_tool,
    "timelines": lambda w: None,
}
MORE_OUTSIDE = {"trends": trends, "newsroom": newsroom, "three_of_one": three_of_one}


def mixed_more(seed):
    """Six of the further crowds at once."""
    rng = np.random.default_rng(seed * 11 + 5)
    world = timelines(seed, n=int(rng.integers(300, 600)), days=int(rng.integers(5, 14)))
    for name in rng.choice(
        [one for one in MORE_CROWDS if one not in ("clock_batches", "repeated_rows")], 6, replace=False
    ):
        MORE_CROWDS[name](world)
    return world
