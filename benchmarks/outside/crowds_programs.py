"""Crowds of programs and of accounts that keep to a tool, in which nobody acts in concert."""

from __future__ import annotations

import numpy as np

D = 86400.0


def queue_tools(w):
    """Strangers whose posts wait in queues with slots at fixed minutes, with jitter."""
    r = w.rng
    for tool in range(3):
        crowd = w.accounts("crowd:queue", 40)
        slots = np.sort(r.choice(np.arange(7 * 60, 23 * 60, 15), 6, replace=False)) * 60.0
        jit = [0, 5, 45][tool]
        for a in crowd:
            mine = slots if r.random() < 0.6 else np.sort(r.choice(np.arange(7 * 12, 23 * 12), 5)) * 300.0
            for day in range(w.days):
                old = [x for x in w.popular(5) if 0 < day * D + 43200 - x[0] < 1.5 * D]
                for s in mine:
                    if old and r.random() < 0.7:
                        w.share(a, day * D + s + r.uniform(0, jit + 1), old[r.integers(len(old))][1])


def rss_bots(w, overlap=True):
    """Programs that poll feeds every 7, 10, 13, 17 minutes on drifting clocks and post what is new."""
    r = w.rng
    feeds = [
        [
            (t, w.new_item(t, "link", None if i % 2 else f"feed{i}.example"))
            for t in np.sort(r.uniform(0, w.days * D, 9 * w.days))
        ]
        for i in range(6)
    ]
    for items in feeds:
        for t, item in items:
            for a in r.choice(w.people, r.poisson(1.5)):
                w.share(a, t + r.lognormal(8, 1.3), item)
    for b in range(18):
        a = w.account("crowd:rss")
        per = [7, 10, 13, 17][b % 4] * 60 * (1 + r.normal(0, 2e-4))
        ph = r.uniform(0, per)
        got = r.choice(6, 3, replace=False)
        for i in got:
            for t, item in feeds[i]:
                w.share(a, ph + np.ceil((t - ph) / per) * per + r.exponential(2), item, comment=0)


def copy_bots(w):
    """Aggregators that copy each other's output, each polling the others at its own period."""
    r = w.rng
    bots = w.accounts("crowd:copybot", 7)
    per = r.choice([60, 120, 180, 300, 420], 7) * 1.0
    ph = r.uniform(0, per)
    likes = r.uniform(0.3, 0.8, (7, 7))
    sites = [w.new_item(0)[1].split("/")[2] for _ in range(40)]
    for _ in range(12 * w.days):
        t = r.uniform(0, w.days * D)
        item = w.new_item(t, "link", r.choice(sites))
        at = {r.integers(7): t}
        frontier = list(at)
        while frontier:
            i = frontier.pop(0)
            for j in range(7):
                if j not in at and r.random() < likes[i, j] * 0.6:
                    at[j] = ph[j] + np.ceil((at[i] - ph[j]) / per[j]) * per[j] + r.exponential(3)
                    frontier.append(j)
        for i, x in at.items():
            w.share(bots[i], x, item, comment=0)
        for a in r.choice(w.people, r.poisson(1)):
            w.share(a, t + r.lognormal(8, 1.3), item)
    w.takes_part(bots, 3)


def minute_bots(w):
    """Prayer times, quotes, weather, prices: templates at marks of the clock, by many owners."""
    r = w.rng
    tmpl = {k: w.say(10) for k in range(12)}
    for b in range(30):
        a = w.account("crowd:infobot")
        k = b % 12
        late = r.uniform(0, 20)
        hours = np.sort(r.choice(24, [5, 24, 4, 12][k % 4], replace=False))
        for day in range(w.days):
            drift = day * 45 if k % 4 == 0 else 0
            for h in hours:
                if r.random() < 0.95:
                    w.post(
                        a,
                        day * D + h * 3600 + drift + (k % 4 == 0) * 1200 + late + r.exponential(1),
                        f"{tmpl[k]} {day}.{h}: {r.integers(10, 99) if k % 2 else w.words[day * 24 + h]}",
                    )


def translators(w):
    """Relays of one feed: each posts the same item in nearly the same words after its own delay."""
    r = w.rng
    rel = w.accounts("crowd:relay", 12)
    d0 = r.lognormal(4, 1, 12)
    lang = np.arange(12) % 3
    w.chatter(rel, 1)
    for t in np.sort(r.uniform(0, w.days * D, 14 * w.days)):
        texts = [w.say(18) for _ in range(3)]
        for i, a in enumerate(rel):
            if r.random() < 0.8:
                w.post(a, t + d0[i] * r.lognormal(0, 0.2), texts[lang[i]] + " " + w.say(2))
        if r.random() < 0.3:
            w.post(r.choice(w.people), t + r.lognormal(8, 1), texts[0])


def imports(w):
    """Backfilled archives: the posts of an account all within seconds of its import, several a minute apart."""
    r = w.rng
    pop = w.popular(5)
    for _batch in range(5):
        t0 = r.uniform(2, w.days - 1) * D
        for _j in range(8):
            a = w.account("crowd:import")
            t = t0 + r.uniform(0, 1800)
            old = [x for x in pop if x[0] < t]
            for i in r.choice(len(old), min(len(old), 25), replace=False):
                t += r.exponential(0.3)
                w.share(a, t, old[i][1])
    w.takes_part([a for a, k in w.role.items() if k == "crowd:import"], 1)


def wire_copy(w):
    """Outlets post the words of a wire with addresses of their own, minutes after it."""
    r = w.rng
    out = w.accounts("crowd:outlet", 12)
    d0 = r.lognormal(5.5, 0.8, 12)
    take = r.uniform(0.3, 0.8, 12)
    for t in np.sort(r.uniform(0, w.days * D, 16 * w.days)):
        head = w.say(14)
        for i, a in enumerate(out):
            if r.random() < take[i]:
                w.post(a, t + d0[i] * r.lognormal(0, 0.5), head + f" https://outlet{i}.example/{w.n}")
    for i, a in enumerate(out):
        for _ in range(10 * w.days):
            t = r.uniform(0, w.days * D)
            w.post(a, t, w.say(12) + f" https://outlet{i}.example/{w.n}")


def tickers(w):
    """Price bots and traders: cashtags and coin names at marks of the clock, by strangers."""
    r = w.rng
    coins = ["$" + x.upper()[:4] for x in w.words[500:530]]
    for _b in range(25):
        a = w.account("crowd:ticker")
        per = r.choice([5, 15, 30, 60]) * 60
        mine = r.choice(coins, 4)
        for t in np.arange(0, w.days * D, per * r.integers(4, 20)):
            w.post(a, t + r.exponential(2), f"{r.choice(mine)} {r.integers(1, 999)} {w.say(3)}")


def resellers(w):
    """Sellers of one scheme: the same number or invite link in everybody's posts, each at its own time."""
    r = w.rng
    nums = [f"+4479460{r.integers(10000, 99999)}" for _ in range(5)]
    for k in range(40):
        a = w.account("crowd:reseller")
        h = r.normal(19, 2)
        for day in range(w.days):
            for _ in range(r.poisson(1.5)):
                w.post(
                    a,
                    day * D + (h + r.normal(0, 1.5)) * 3600,
                    w.say(8) + " " + nums[k % 5] + f" https://t.me/+{'abcdefgh'[k % 8]}Qw3rTyUiOp",
                )


def game(w):
    """Players of a game: an app posts scores in one template when a round ends; daily puzzle at midnight."""
    r = w.rng
    pl = w.accounts("crowd:player", 60)
    w.chatter(pl, 1)
    w.takes_part(pl, 0.5)
    t1 = w.say(9)
    for a in pl:
        h = r.normal(20, 2)
        for day in range(w.days):
            if r.random() < 0.8:
                w.post(
                    a,
                    day * D + (h + r.normal(0, 0.4)) * 3600,
                    f"{t1} #{200 + day} {r.integers(1, 7)}/6 https://game.example/r/{200 + day}",
                )
    for g in range(4):
        team = pl[g * 6 : g * 6 + 6]
        for _ in range(4 * w.days):
            t = r.uniform(0, w.days * D)
            m = r.integers(1e6)
            for a in team:
                if r.random() < 0.8:
                    w.post(
                        a,
                        t + r.exponential(8),
                        f"{w.words[g]} {w.words[40 + g]} match {m} finished: {r.integers(100, 999)} points https://match.example/{m}",
                    )


def migration(w):
    """A mass of new accounts in one day; all repost the same how-tos and lists of whom to follow."""
    r = w.rng
    new = w.accounts("crowd:migrant", 250)
    t0 = 3 * D + 9 * 3600
    guides = [w.new_item(t0, "link") for _ in range(12)] + [w.new_item(t0, "repost") for _ in range(6)]
    for a in new:
        t = t0 + r.exponential(6 * 3600)
        w.post(a, t, w.say(5))
        for i in r.choice(18, r.integers(1, 7), replace=False):
            t += r.exponential(120)
            w.share(a, t, guides[i])
        for _ in range(r.poisson(6)):
            w.post(a, t + r.exponential(3 * D), w.say(8))
    w.takes_part(new, 0.6)
