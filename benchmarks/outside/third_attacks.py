"""A third set of attacks that try to have innocent accounts named: among crowds, by natural nearness, of every kind."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from attacks import attackers, shares_of, victims_ordinary
from crowds_events import _people
from third_people import agency_desks, group_chats, stream_chat
from third_programs import alarms, suggested

D = 86400.0


def _crowd(w, role):
    return [a for a, one in w.role.items() if one == role]


def _times_of(w, accounts):
    """Object -> (item, times), of what accounts of a crowd share."""
    at = {}
    for a in accounts:
        for t, item in shares_of(w, a):
            at.setdefault(item[1], (item, []))[1].append(t)
    return at


def copy_in_turn(w, n):
    """Each attacker copies two people, and each person is copied by two attackers: a chain that ties all together."""
    r = w.rng
    att = attackers(w, n)
    vic = victims_ordinary(w, n + 1)
    for k, v in enumerate(vic):
        for t, item in shares_of(w, v)[:70]:
            for a in (att[k % n], att[(k + 1) % n]):
                if r.random() < 0.9:
                    w.share(a, t + r.uniform(1, 12), item)


def natural_nearness(w, n):
    """Where two of the six busiest people happen to share within minutes, attackers add shares around them."""
    r = w.rng
    att = attackers(w, n)
    vic = victims_ordinary(w, 6)
    for item, ts in _times_of(w, vic).values():
        ts.sort()
        for x, y in pairwise(ts):
            if y - x < 1800:
                for a in att:
                    w.share(a, r.uniform(x - 20, y + 20), item)


def same_slots(w, n):
    """Attackers are customers of the tool that suggests posts, and take what four others take, in the same minutes."""
    r = w.rng
    suggested(w)
    att = attackers(w, n)
    vic = _crowd(w, "crowd:suggested")[:12:3]
    for v in vic:
        w.role[v] = "victim"
    for item, ts in _times_of(w, vic).values():
        for a in att:
            if r.random() < 0.8:
                w.share(a, r.choice(ts) + r.uniform(-15, 15), item)


def every_kind(w, n):
    """Links, reposts, words and tags of five people are copied within seconds, each in its kind."""
    r = w.rng
    att = attackers(w, n)
    vic = victims_ordinary(w, 5)
    for _p, x, t, text, u, ro, re, h in list(w.rows):
        if x in vic:
            for a in att:
                if r.random() < 0.8:
                    w.post(a, t + r.exponential(5) + 1, text, u, ro, re, h)


def _join(w, role, n, n_vic, ahead=0.4):
    """Attackers act as one inside a crowd's own moments: near what several of its regulars share."""
    r = w.rng
    att = attackers(w, n)
    vic = _crowd(w, role)[:n_vic]
    for v in vic:
        w.role[v] = "victim"
    for item, ts in _times_of(w, vic).values():
        if len(ts) >= 2:
            for a in att:
                if r.random() < 0.8:
                    w.share(
                        a, (min(ts) - r.uniform(1, 8)) if r.random() < ahead else r.choice(ts) + r.uniform(0, 15), item
                    )


def join_stream(w, n):
    """Attackers watch the stream too, and share within seconds what its regular viewers share."""
    stream_chat(w)
    _join(w, "crowd:streamview", n, 18)


def join_desks(w, n):
    """Attackers take the agency's push too, and post before and after the desks."""
    agency_desks(w)
    _join(w, "crowd:agencydesk", n, 20)


def join_alarms(w, n):
    """Attackers call the interface of alarms oftener than the channels of towns, and post around them."""
    alarms(w)
    _join(w, "crowd:alarm", n, 40)


def join_chats(w, n):
    """Attackers sit in a chat of friends, unknown to them, and post what is dropped there."""
    group_chats(w)
    _join(w, "crowd:groupchat", n, 6)


def echo_friends(w, n):
    """Friends repost each other at their own paces; attackers repost each of them first, or between two of them."""
    r = w.rng
    friends = _people(w, "victim", 6, 2, 1.2)
    att = attackers(w, n)
    pace, keen = r.lognormal(5.5, 0.9, 6), r.uniform(0.3, 0.6, 6)
    for x in friends:
        for t in r.uniform(0, w.days * D, 2 * w.days):
            item = w.new_item(t, "repost", author=x)
            at = [t + p * r.lognormal(0, 0.8) for p, k in zip(pace, keen, strict=True) if r.random() < k]
            for a, when in zip(friends, at, strict=False):
                if a != x:
                    w.share(a, when, item)
            for a in att:
                if at and r.random() < 0.8:
                    w.share(a, (t + r.uniform(2, 9)) if r.random() < 0.5 else r.choice(at) + r.uniform(-8, 8), item)


def bait(w, n):
    """Attackers send links to three people who always pass on what they are sent, and share them too (foreseen)."""
    r = w.rng
    vic = _people(w, "victim", 3, 2, 1.5)
    att = attackers(w, n)
    pop = w.popular(5)
    for t in np.sort(r.uniform(0, w.days * D, 5 * w.days)):
        old = [x[1] for x in pop if 0 < t - x[0] < D]
        if not old:
            continue
        item = old[r.integers(len(old))]
        for v in vic:
            if r.random() < 0.7:
                w.share(v, t + r.lognormal(4.8, 0.8), item)
        for a in att:
            if r.random() < 0.8:
                w.share(a, t + r.uniform(0, 300), item)


def _by_number(*attacks):
    return {f"{one.__name__}_{n}": (lambda w, n=n, one=one: one(w, n)) for one in attacks for n in (1, 3, 5)}


THIRD_ATTACKS = _by_number(
    copy_in_turn,
    natural_nearness,
    same_slots,
    every_kind,
    join_stream,
    join_desks,
    join_alarms,
    echo_friends,
)
THIRD_FORESEEN = _by_number(join_chats, bait)
"""A chat or a message that the data do not show sets the time of innocents and of attackers alike."""
