"""Streams of posts by laws of their own, in files: ordinary sharing, apart from ``dideban.simulate`` and its code."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np

START = 1772409600  # Monday 2026-03-02 00:00 UTC
SYL = [
    c + v
    for c in ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z"]
    for v in ["a", "e", "i", "o", "u"]
]


class World:
    def __init__(self, seed, days=10):
        self.rng = np.random.default_rng(seed)
        self.days = days
        self.rows = []
        self.role = {}
        self.n = 0
        self.n_item = 0
        r = self.rng
        self.words = np.array(["".join(r.choice(SYL, r.integers(1, 5))) for _ in range(4000)])
        self.pw = 1 / (np.arange(4000) + 8.0)
        self.pw /= self.pw.sum()
        self.cw = np.cumsum(self.pw)
        self.cw[-1] = 1
        self.wl = self.words.tolist()
        self.items = []
        self.people = []
        self.cache = {}
        self.sites = [f"{self.words[r.integers(4000)]}{i}.example" for i in range(120)]

    # --- basics
    def say(self, k):
        return " ".join([self.wl[i] for i in np.searchsorted(self.cw, self.rng.random(int(k)))])

    def account(self, role):
        a = f"u{len(self.role):05d}"
        self.role[a] = role
        return a

    def accounts(self, role, n):
        return [self.account(role) for _ in range(n)]

    def url(self, site=None):
        self.n_item += 1
        s = site or self.sites[min(int(self.rng.pareto(1.0) * 4), 119)]
        return f"https://{s}/{self.words[self.rng.integers(4000)]}-{self.n_item}"

    def post(self, a, t, text="", urls=(), repost_of="", reply_to="", hashtags=(), pid=None):
        if not 0 <= t < self.days * 86400:
            return None
        pid = pid or f"p{self.n}"
        self.n += 1
        self.rows.append((pid, a, float(t), text, tuple(urls), repost_of, reply_to, tuple(hashtags)))
        return pid

    def share(self, a, t, item, comment=0.4):
        """item = ('link', url, headline) | ('repost', pid, text) | ('text', words) | ('tags', tags)"""
        r = self.rng
        if item[0] == "link":
            text = item[2] if r.random() > comment else self.say(r.integers(4, 14))
            return self.post(a, t, text + " " + item[1], urls=[item[1]])
        if item[0] == "repost":
            return self.post(a, t, item[2], repost_of=item[1])
        if item[0] == "text":
            return self.post(a, t, item[1])
        return self.post(a, t, self.say(r.integers(3, 9)) + " " + " ".join("#" + x for x in item[1]), hashtags=item[1])

    def new_item(self, t, kind="link", site=None, author=None):
        if kind == "link":
            return ("link", self.url(site), self.say(self.rng.integers(7, 13)))
        if kind == "text":
            return ("text", self.say(self.rng.integers(14, 24)))
        if kind == "tags":
            return ("tags", tuple(self.rng.choice(self.words[300:], self.rng.integers(3, 6), replace=False)))
        a = author or self.rng.choice(self.people)
        text = self.say(self.rng.integers(9, 20))
        pid = self.post(a, t, text)
        return ("repost", pid or f"x{self.n_item}", text) if pid else self.new_item(t, "link", site)

    # --- ordinary people
    def awake(self, t, tz, night=0.05):
        h = (t / 3600 + tz) % 24
        wk = int(t // 86400) % 7 >= 5
        base = (
            night
            + (1 - night) * np.exp(-(((h - (21 if not wk else 15)) / 5.5) ** 2))
            + 0.6 * np.exp(-(((h - 8 - 2 * wk) / 1.5) ** 2))
        )
        return base / 1.6

    def ordinary(self, n, per_day=2.5, fmix=(0.6, 0.25, 0.1, 0.05), holiday=None):
        r = self.rng
        self.people = self.accounts("ordinary", n)
        tz = dict(
            zip(self.people, r.choice([0, 1, 3.5, 8], n, p=[0.4, 0.3, 0.2, 0.1]) + r.normal(0, 1, n), strict=False)
        )
        taste = r.dirichlet(np.full(8, 0.3), n)
        act = r.gamma(0.7, 1, n) + 0.05
        total = n * per_day * self.days * 0.55
        made = 0
        while made < total:
            t = r.uniform(0, self.days * 86400)
            if holiday and holiday[0] <= t / 86400 < holiday[1] and r.random() < 0.7:
                continue
            kind = r.choice(["link", "repost", "text", "tags"], p=fmix)
            item = self.new_item(t, kind)
            k = min(int(2 + r.pareto(0.9) * 2), n // 6)
            topic = r.integers(8)
            p = act * (taste[:, topic] + 0.03)
            p = p / p.sum()
            who = r.choice(n, min(k, (p > 0).sum()), replace=False, p=p)
            scale = np.exp(r.normal(np.log(4000), 1.1))
            wave2 = r.uniform(6, 40) * 3600 if r.random() < 0.15 else None
            self.items.append((t, item, k, scale))
            for w in who:
                a = self.people[w]
                for _ in range(8):
                    d = scale * (r.random() ** (-1 / 1.3) - 1) + r.exponential(40)
                    if wave2 and r.random() < 0.4:
                        d += wave2
                    if r.random() < self.awake(t + d, tz[a]):
                        break
                if self.share(a, t + d, item):
                    made += 1
        for w in r.choice(n, int(n * per_day * self.days * 0.45), p=act / act.sum()):
            a = self.people[w]
            for _ in range(8):
                t = r.uniform(0, self.days * 86400)
                if r.random() < self.awake(t, tz[a]):
                    break
            reply = self.rows[r.integers(len(self.rows))][0] if r.random() < 0.4 else ""
            self.post(a, t, self.say(r.integers(3, 18)), reply_to=reply)
        self.tz = tz

    def chatter(self, accounts, per_day, hours=(7, 24)):
        """Ordinary other posts and shares of other accounts."""
        r = self.rng
        for a in accounts:
            for _ in range(r.poisson(per_day * self.days)):
                t = r.integers(self.days) * 86400 + r.uniform(hours[0], hours[1]) * 3600
                self.post(a, t, self.say(r.integers(3, 18)))

    def popular(self, lo=8):
        if (lo, len(self.items)) not in self.cache:
            self.cache[lo, len(self.items)] = [x for x in self.items if x[2] >= lo]
        return self.cache[lo, len(self.items)]

    def takes_part(self, accounts, per_day):
        """Accounts also share what everybody shares, in its own time."""
        r = self.rng
        pop = self.popular(5)
        for a in accounts:
            n = min(r.poisson(per_day * self.days), len(pop))
            for i in r.choice(len(pop), n, replace=False):
                t, item, _k, scale = pop[i]
                self.share(a, t + scale * (r.random() ** (-1 / 1.3) - 1) + r.exponential(60), item)

    # --- files
    def save(self, path, form="csv", unit=1):
        r = self.rng
        rows = [self.rows[i] for i in r.permutation(len(self.rows))]

        def stamp(t):
            t = int(START + (t // unit) * unit)
            return (
                np.datetime64(t, "s").astype(str) + "Z"
                if unit < 60
                else np.datetime64(t, "s").astype(str)[:16] + ":00Z"
            )

        with Path(path).open("w", newline="", encoding="utf-8") as f:
            if form == "csv":
                w = csv.writer(f)
                w.writerow(["post_id", "account_id", "created_at", "text", "urls", "repost_of", "reply_to", "hashtags"])
                for p, a, t, x, u, ro, re, h in rows:
                    w.writerow([p, a, stamp(t), x, " ".join(u), ro, re, " ".join(h)])
            else:
                for p, a, t, x, u, ro, re, h in rows:
                    f.write(
                        json.dumps(
                            {
                                "id": p,
                                "author_id": a,
                                "created_at": stamp(t),
                                "text": x,
                                "urls": list(u),
                                "repost_of": ro or None,
                                "reply_to": re or None,
                                "hashtags": list(h),
                            }
                        )
                        + "\n"
                    )


def heavy(r, lo=5, hi=90, a=0.8):
    while True:
        d = lo * r.random() ** (-1 / a)
        if d <= hi:
            return d


def base(seed, n=500, days=10, per_day=2.0, **law):
    """Ordinary sharing alone."""
    world = World(seed, days)
    world.ordinary(n, per_day, **law)
    return world


# ---------- crowds without a campaign
