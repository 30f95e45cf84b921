"""Crowds of tools, of one owner's accounts, and of data of any shape: small, short, long, coarse, batched, repeated."""

from __future__ import annotations

import numpy as np
from crowds_events import answerers, be_real, deals, live_blogs, push_zones, shows, sports, timetable
from world import World, base

D = 86400.0


def fan_chains(w):
    """Chains of fans: each passes on what one before passed on, when the notification comes."""
    r = w.rng
    for _ in range(4):
        fans = w.accounts("crowd:chain", 10)
        w.chatter(fans, 1.5)
        w.takes_part(fans, 1.2)
        pace = r.lognormal(4.0, 0.8, 10)
        ties = r.random((10, 10)) < 0.25
        for _ in range(4 * w.days):
            t = r.uniform(0, w.days * D)
            item = w.new_item(t, r.choice(["link", "repost"]))
            for a in r.choice(w.people, r.poisson(7)):
                w.share(a, t + r.lognormal(8, 1.3), item)
            at = {int(r.integers(10)): t + r.lognormal(7, 1.2)}
            wave = list(at)
            while wave:
                i = wave.pop(0)
                for j in np.flatnonzero(ties[i]).tolist():
                    if j not in at and r.random() < 0.5:
                        at[j] = at[i] + pace[j] * r.lognormal(0, 0.7)
                        wave.append(j)
            for i, x in at.items():
                w.share(fans[i], x, item)


def cross_posters(w):
    """Forty people with accounts on two platforms: a tool repeats every post on the other within seconds or minutes."""
    r = w.rng
    for k in range(40):
        a, b = w.account("crowd:cross"), w.account("crowd:cross")
        lag = [2, 30, 400][k % 3]
        for t in np.sort(r.uniform(0, w.days * D, r.poisson(2.5 * w.days))):
            item = w.new_item(t, "text") if r.random() < 0.6 else w.popular(5)[r.integers(len(w.popular(5)))][1]
            w.share(a, t, item, comment=0)
            if r.random() < 0.9:
                w.share(b, t + lag * r.uniform(0.3, 1), item, comment=0)


def clock_batches(w):
    """One platform hands over its posts in batches: all times are those of the batch, every half minute."""
    push_zones(w)
    deals(w)
    w.rows = [(p, a, float(np.ceil(t / 30) * 30), *rest) for p, a, t, *rest in w.rows if t < w.days * D - 60]


def threads(w):
    """Writers of threads, and people who empty a folder of drafts: ten posts in a second or two."""
    r = w.rng
    some = w.accounts("crowd:threads", 30)
    w.takes_part(some, 1)
    pop = w.popular(5)
    for a in some:
        for start in r.uniform(0, w.days * D, r.poisson(0.8 * w.days)):
            t, old = start, [x[1] for x in pop if 0 < start - x[0] < D]
            for _ in range(r.integers(4, 12)):
                t += r.exponential(0.3)
                if old and r.random() < 0.5:
                    w.share(a, t, old[r.integers(len(old))])
                else:
                    w.post(a, t, w.say(12))


def repeated_rows(w):
    """A file put together from several downloads: posts twice, under one id or another, seconds off."""
    sports(w)
    live_blogs(w)
    r = w.rng
    for row in [w.rows[i] for i in r.integers(0, len(w.rows), len(w.rows) // 5)]:
        p, a, t, *rest = row
        same = r.random()
        w.rows.append(
            row
            if same < 0.4
            else (p, a, t + r.uniform(-3, 3), *rest)
            if same < 0.6
            else (f"{p}b", a, t + r.uniform(0, 4), *rest)
        )


def alerts_tool(w):
    """A tool for teams of volunteers: who signed up is told of a petition, and posts its words when there is time."""
    r = w.rng
    some = w.accounts("crowd:volunteer", 25)
    w.chatter(some, 1)
    w.takes_part(some, 1)
    pace = r.lognormal(7.5, 1.2, 25)
    for t in np.sort(r.uniform(0, w.days * D, 3 * w.days)):
        words, item = ("text", w.say(15)), w.new_item(t)
        for a, d in zip(some, pace, strict=True):
            if r.random() < 0.5:
                w.share(a, t + d * r.lognormal(0, 0.7), words if r.random() < 0.5 else item)
        for a in r.choice(w.people, r.poisson(3)):
            w.share(a, t + r.lognormal(9, 1), item)


def newsroom(w):
    """Desks of one newspaper whose manager posts the best on several of them from one screen (one owner: declared)."""
    r = w.rng
    desks = w.accounts("crowd:desk", 7)
    w.chatter(desks, 1)
    for t in np.sort(r.uniform(0, w.days * D, 9 * w.days)):
        if (t / 3600) % 24 < 6:
            continue
        item, at = w.new_item(t, "link", "thepaper.example"), t
        for a in r.permutation(desks):
            if r.random() < 0.5:
                w.share(a, at, item)
                at += r.exponential(20)
        for a in r.choice(w.people, r.poisson(3)):
            w.share(a, t + r.lognormal(8, 1.3), item)


def three_of_one(w):
    """Twelve people with three accounts each and a tool that posts on all in any order (one owner)."""
    r = w.rng
    for _ in range(12):
        mine = w.accounts("crowd:owner", 3)
        w.takes_part(mine, 0.3)
        for t in np.sort(r.uniform(0, w.days * D, r.poisson(2 * w.days))):
            item, at = w.new_item(t, "text"), t
            for a in r.permutation(mine):
                if r.random() < 0.9:
                    w.share(a, at, item, comment=0)
                at += r.exponential(3)


def small(w):
    """A forum of sixty people: some hundred to three thousand posts, regulars who are there every evening."""
    r = w.rng
    regulars = w.people[:12]
    for day in range(w.days):
        t0 = day * D + r.normal(20.5, 0.4) * 3600
        fresh = [x[1] for x in w.items if 0 < t0 - x[0] < 1.5 * D][-6:]
        for a in regulars:
            t = t0 + r.exponential(1500)
            for item in fresh:
                if r.random() < 0.35:
                    w.share(a, t, item)
                    t += r.exponential(120)


def evening_law(w):
    """One evening of talk about a match, a show and a debate at once."""
    r = w.rng
    for k in range(3):
        crowd = w.accounts("crowd:evening", 60)
        keen, pace = r.beta(1, 3, 60), r.lognormal(4, 0.8, 60)
        for t in np.sort(r.uniform(17, 22, 45)) * 3600:
            item = w.new_item(t, ["link", "tags", "text"][k])
            for a, p, d in zip(crowd, keen, pace, strict=True):
                if r.random() < p:
                    w.share(a, t + d * r.lognormal(0, 0.6), item)


def years_law(w):
    """Two years: clubs, answerers of a few, a yearly fair, holidays; few posts a day."""
    r = w.rng
    for c in range(5):
        crowd = w.accounts("crowd:years", 12)
        pace = r.lognormal(5, 1.2, 12)
        for t in np.sort(r.uniform(0, w.days * D, 70)):
            item = w.new_item(t, r.choice(["link", "repost"]), *([] if c % 2 else [f"club{c}.example"]))
            for a, d in zip(crowd, pace, strict=True):
                if r.random() < 0.5:
                    w.share(a, t + d * r.lognormal(0, 0.8), item)
            for a in r.choice(w.people, r.poisson(3)):
                w.share(a, t + r.lognormal(8, 1.3), item)


def _of(law, **size):
    def make(seed):
        w = base(seed, **size)
        law(w)
        return w

    return make


def _short(seed):
    w = World(seed, 1)
    w.ordinary(700, 6.0)
    evening_law(w)
    w.rows = [row for row in w.rows if 17 * 3600 <= row[2] < 21.5 * 3600]
    return w


def _many(seed):
    w = base(seed)
    for law in (answerers, be_real, sports, shows, timetable):
        law(w)
    return w


SHAPES = {
    "small_300": _of(small, n=30, days=7, per_day=0.8),
    "small_1000": _of(small, n=60, days=8, per_day=1.5),
    "small_3000": _of(small, n=80, days=14, per_day=2.0),
    "evening": _short,
    "two_years": _of(years_law, n=400, days=730, per_day=0.04),
    "whole_minutes": _many,
    "whole_days": _many,
}
"""Streams of a size or a resolution of their own, made from the seed."""
UNITS = {"minute_times": 60, "whole_minutes": 60, "whole_days": 86400}
