"""A second law of ordinary sharing: people follow each other, read in sittings, and pass on what they see."""

from __future__ import annotations

import heapq

import numpy as np
from world import World

D = 86400.0
SEEN_BACK_S = 10 * 3600.0


class Timelines(World):
    """Follow graph by preferential attachment, sittings of a few minutes, newest first; reposts run in chains.

    Popularity follows from the graph, delays from when people look: there is no law of delays.
    """

    def ordinary(self, n=500, sittings=6.5, follows=36):
        r = self.rng
        self.people = self.accounts("ordinary", n)
        fame = r.pareto(1.3, n) + 0.15
        circle = r.integers(0, 9, n)
        sees = []
        for i in range(n):
            p = fame * np.where(circle == circle[i], 6.0, 1.0)
            p[i] = 0
            k = max(3, min(int(r.lognormal(np.log(follows), 0.5)), n // 3))
            sees.append(r.choice(n, k, replace=False, p=p / p.sum()))
        zone = r.choice([0.0, 2.0, 3.5, 8.0], n, p=[0.4, 0.2, 0.3, 0.1]) + r.normal(0, 0.7, n)
        self.tz = dict(zip(self.people, zone, strict=True))
        keen = r.gamma(1.2, 0.8, n)
        starts = []
        for i in range(n):
            for t in r.uniform(0, self.days * D, r.poisson(sittings * self.days)):
                if r.random() < self.awake(t, zone[i]):
                    starts.append((t, i))
        heapq.heapify(starts)
        self._read(starts, sees, keen)
        self._count()

    def _read(self, starts, sees, keen):
        r = self.rng
        wall = [[] for _ in self.people]  # (time, number of the item), ascending
        things, spread, has = [], [], [set() for _ in self.people]
        while starts:
            t, i = heapq.heappop(starts)
            end = t + r.exponential(400) + 60
            if r.random() < 0.45:
                kind = r.choice(["link", "repost", "text", "tags", "talk"], p=[0.3, 0.22, 0.06, 0.07, 0.35])
                if kind == "talk":
                    self.post(self.people[i], t, self.say(r.integers(3, 18)))
                else:
                    item = self.new_item(t, kind, author=self.people[i] if kind == "repost" else None)
                    if item[0] != "repost":
                        self.share(self.people[i], t, item)
                    has[i].add(len(things))
                    wall[i].append((t, len(things)))
                    things.append([t, item, []])
                    spread.append(min(r.lognormal(-3.9, 0.9), 0.07))
            news = [(s, x) for j in sees[i] for s, x in wall[j][-12:] if t - SEEN_BACK_S < s < t]
            now = t
            for _s, x in sorted(news, reverse=True):
                now += r.exponential(4)
                if now > end:
                    break
                if x not in has[i] and r.random() < spread[x] * keen[i]:
                    has[i].add(x)
                    now += r.exponential(15)
                    self.share(self.people[i], now, things[x][1])
                    wall[i].append((now, x))
                    things[x][2].append(now)
                elif r.random() < 0.01 * keen[i]:
                    self.post(self.people[i], now, self.say(r.integers(3, 12)))
        self.things = things

    def _count(self):
        for t, item, times in self.things:
            if times:
                self.items.append((t, item, 1 + len(times), float(np.median(times) - t) / 1.5 + 60))


def timelines(seed, n=500, days=10, **law):
    """Ordinary sharing alone, by the second law."""
    world = Timelines(seed, days)
    world.ordinary(n, **law)
    return world
