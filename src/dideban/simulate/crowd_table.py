"""All crowds by name: what each adds, and whose habits it changes."""

from __future__ import annotations

from collections.abc import Callable

from dideban.simulate import crowds, crowds_clocks, crowds_people
from dideban.simulate.crowd_parts import Crowd
from dideban.simulate.world import Shares, World

ADDED: dict[str, tuple[Callable[[World, int], Crowd], float]] = {
    "fast_reactors": (crowds.add_fast_reactors, 0.05),
    "schedulers": (crowds.add_schedulers, 0.03),
    "diurnal_communities": (crowds.add_diurnal_communities, 0.03),
    "announced_minute": (crowds.add_announced_minute, 0.02),
    "feed_crossposters": (crowds.add_feed_crossposters, 0.07),
    "feed_crossposters_jittered": (crowds.add_feed_crossposters_jittered, 0.05),
    "news_wires": (crowds.add_news_wires, 0.05),
    "breaking_news": (crowds.add_breaking_news, 0.10),
    "clocks_dense": (crowds_clocks.add_clocks_dense, 0.16),
    "clocks_sparse": (crowds_clocks.add_clocks_sparse, 0.10),
    "shared_tools": (crowds_clocks.add_shared_tools, 0.06),
    "minute_bots": (crowds_clocks.add_minute_bots, 0.06),
    "live_events": (crowds_people.add_live_events, 0.08),
    "small_fans": (crowds_people.add_small_fans, 0.04),
    "unseen_sources": (crowds_people.add_unseen_sources, 0.04),
    "new_accounts": (crowds_people.add_new_accounts, 0.08),
}
"""Crowds with objects of their own, and the largest share of all shares that each may have."""

SHIFTED: dict[str, Callable[[World, Shares], Shares]] = {
    "diurnal_communities": crowds.shift_diurnal_communities,
    "time_zones": crowds_people.shift_time_zones,
    "sessions": crowds.shift_sessions,
    "new_accounts": crowds_people.shift_new_accounts,
    "schedulers": crowds.shift_schedulers,
    "shared_tools": crowds_clocks.shift_shared_tools,
    "minute_bots": crowds_clocks.shift_minute_bots,
    "clocks_dense": crowds_clocks.shift_clocks_dense,
    "clocks_sparse": crowds_clocks.shift_clocks_sparse,
}
"""Crowds that are accounts with habits, in the order in which the habits apply."""
