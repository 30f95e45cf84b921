"""A third set of crowds, of programs and tools: suggestions, queues, relays, mirrors, alarms, clocks that are wrong."""

from __future__ import annotations

import numpy as np
from crowds_events import _others, _people

D = 86400.0


def suggested(w):
    """A tool suggests the same library of posts to its customers, who fill queues from it; slots and offsets."""
    r = w.rng
    library = [w.new_item(d * D, "link") for d in range(w.days) for _ in range(7)]
    slots = np.array([9, 12, 15, 17, 20]) * 3600.0
    for k in range(45):
        a = w.account("crowd:suggested")
        w.chatter([a], 0.8)
        w.takes_part([a], 0.4)
        offset = [0, 120, 420][k % 3]
        mine = slots[r.random(5) < 0.6]
        for day in range(w.days):
            day_list = [x for x in library[7 * day : 7 * day + 7] if r.random() < 0.55]
            for s, item in zip(mine, day_list, strict=False):
                w.share(a, day * D + s + r.uniform(0, 20 + offset), item, comment=0.1)
    for item in library:
        _others(w, r.uniform(0, w.days * D), item, 1)


def retrying_feeds(w):
    """A service posts feeds for customers; a call that fails is tried again after 30 s, 2 min, 8 min, half an hour."""
    r = w.rng
    feeds = [f"blog{i}.example" for i in range(8)]
    users = _people(w, "crowd:retry", 24, 1, 0.6)
    mine = r.random((24, 8)) < 0.4
    for f, site in enumerate(feeds):
        for t in np.sort(r.uniform(0, w.days * D, 6 * w.days)):
            item = w.new_item(t, "link", site)
            seen, bad = t + r.uniform(0, 300), 0.5 if r.random() < 0.2 else 0.1
            for i, a in enumerate(users):
                if mine[i, f]:
                    at = seen + r.exponential(2)
                    for wait in (30, 120, 480, 1800):
                        if r.random() > bad:
                            break
                        at += wait * r.uniform(0.9, 1.1)
                    w.share(a, at, item, comment=0)
            _others(w, t, item, 1.5)


def forwarding(w):
    """Channels that forward from others by a program: a tree of three steps, seconds each; readers forward later."""
    r = w.rng
    tops = w.accounts("crowd:topchannel", 5)
    second = w.accounts("crowd:forwarder", 12)
    third = w.accounts("crowd:forwarder", 14)
    w.chatter([*tops, *second, *third], 3)
    of_top = r.random((12, 5)) < 0.4
    of_second = r.random((14, 12)) < 0.2
    filters = r.uniform(0.4, 0.95, 26)
    lag = r.lognormal(1.8, 1.0, 26)
    for k, top in enumerate(tops):
        for t in np.sort(r.uniform(0, w.days * D, 9 * w.days)):
            item = w.new_item(t, "repost", author=top)
            at = {}
            for i in range(12):
                if of_top[i, k] and r.random() < filters[i]:
                    at[i] = t + lag[i] * r.lognormal(0, 0.3)
                    w.share(second[i], at[i], item)
            for j in range(14):
                first = min((at[i] for i in at if of_second[j, i]), default=None)
                if first is not None and r.random() < filters[12 + j]:
                    w.share(third[j], first + lag[12 + j] * r.lognormal(0, 0.3), item)
            _others(w, t, item, 4)


def mirrors(w):
    """Programs of several owners that bring posts of famous accounts over, each with a period of its own."""
    r = w.rng
    for _star in range(10):
        bots = w.accounts("crowd:mirror", int(r.integers(2, 5)))
        per, down = r.choice([60, 90, 120, 300, 600], len(bots)), r.uniform(0.02, 0.3, len(bots))
        phase = r.uniform(0, 600, len(bots))
        for t in np.sort(r.uniform(0, w.days * D, int(r.uniform(2, 8) * w.days))):
            text = w.say(r.integers(8, 25))
            link = w.url("famous.example")
            for i, b in enumerate(bots):
                if r.random() > down[i]:
                    at = phase[i] + np.ceil((t - phase[i]) / per[i]) * per[i] + r.exponential(2)
                    w.post(b, at, f"{text} {link}" if i % 2 else f"RT {text} {link}", urls=[link])


def tag_relays(w):
    """Programs of many servers that repost whatever bears their tags, some at once and some every five minutes."""
    r = w.rng
    words = [str(x) for x in w.words[2000:2014]]
    bots = w.accounts("crowd:tagrelay", 18)
    takes = r.random((18, 14)) < 0.25
    per = r.choice([2, 5, 60, 300], 18)
    for t in np.sort(r.uniform(0, w.days * D, 45 * w.days)):
        tags = set(r.choice(14, r.integers(1, 4), replace=False).tolist())
        author = r.choice(w.people)
        text = w.say(12) + " " + " ".join("#" + words[k] for k in tags)
        pid = w.post(author, t, text, hashtags=[words[k] for k in tags])
        for i, b in enumerate(bots):
            if pid and any(takes[i, k] for k in tags) and r.random() < 0.97:
                seen = t + r.exponential(1.5)
                w.post(b, np.ceil(seen / per[i]) * per[i] + r.exponential(0.7), text, repost_of=pid)
        _others(w, t, ("repost", pid, text), 1.2)


def weather_bots(w):
    """Programs of forty towns that post the weather on the hour, with the page of their region and wrong clocks."""
    r = w.rng
    regions = [f"region{k}.weather.example" for k in range(6)]
    for k in range(40):
        a = w.account("crowd:weatherbot")
        wrong, per = r.normal(0, 60), r.choice([1, 3, 6])
        for hour in np.arange(r.integers(per), w.days * 24, per):
            page = f"https://{regions[k % 6]}/{int(hour) // 6}"
            text = f"now {w.wl[1300 + k]} {r.integers(2, 19)} degrees wind {r.integers(1, 30)} forecast"
            if r.random() < 0.96:
                w.post(a, hour * 3600 + wrong + r.exponential(4), f"{text} {page}", urls=[page])


def on_this_day(w):
    """Programs and people with an application that shows what happened on this day: the same pages, in the morning."""
    r = w.rng
    bots = w.accounts("crowd:daybot", 8)
    crowd = _people(w, "crowd:memory", 25, 1, 0.7)
    shown = r.normal(8.5, 1.0, 25)
    for day in range(w.days):
        pages = [w.new_item(day * D, "link", "history.example") for _ in range(8)]
        for k, b in enumerate(bots):
            for n, page in enumerate(pages):
                if r.random() < 0.8:
                    w.share(b, day * D + (6 + (1 + k % 2) * n) * 3600 + r.exponential(5), page, comment=0)
        for i, a in enumerate(crowd):
            t = day * D + shown[i] * 3600 + r.normal(0, 900)
            for page in pages[:3]:
                if r.random() < 0.3:
                    w.share(a, t, page)
                    t += r.exponential(40)
        for page in pages:
            _others(w, day * D + 8 * 3600, page, 1, 9)


def alarms(w):
    """One public interface says where there is an alarm; forty channels of towns and regions post it within seconds."""
    r = w.rng
    regions = [str(x) for x in w.words[2500:2512]]
    own = [set(r.choice(12, int(r.choice([1, 1, 2, 4, 12])), replace=False).tolist()) for _ in range(40)]
    bots = w.accounts("crowd:alarm", 40)
    lag, words = r.lognormal(1.2, 0.8, 40), [w.say(5) for _ in range(5)]
    w.chatter(bots, 1.5)
    for t in np.sort(r.uniform(0, w.days * D, 6 * w.days)):
        hit = r.choice(12, 1 + r.poisson(1.2), replace=False)
        for begin, state in ((t, "alarm"), (t + r.uniform(600, 5400), "over")):
            for k in hit:
                page = f"https://alarms.example/{state}/{k}/{int(begin)}"
                for i, b in enumerate(bots):
                    if k in own[i] and r.random() < 0.98:
                        text = f"{state} {regions[k]} {words[i % 5]}"
                        at = begin + lag[i] * r.lognormal(0, 0.4)
                        if i % 2:
                            w.post(b, at, f"{text} {page}", urls=[page])
                        else:
                            w.post(b, at, text)
                for a in r.choice(w.people, r.poisson(1.5)):
                    w.post(a, begin + r.lognormal(5.5, 1), f"{state} {regions[k]} {w.say(3)} {page}", urls=[page])


def listings(w):
    """Programs and people that post each new coin on three exchanges: within seconds, or when they read of it."""
    r = w.rng
    bots = w.accounts("crowd:listingbot", 9)
    people = _people(w, "crowd:coinfan", 22, 1.5, 1)
    poll, watch = r.choice([1, 5, 10, 60], 9), r.random((9, 3)) < 0.7
    keen, pace = r.beta(1, 3, 22), r.lognormal(4.3, 0.8, 22)
    for t in np.sort(r.uniform(0, w.days * D, 10 * w.days)):
        x = r.integers(3)
        coin = "".join(r.choice(list("ABCDEFGHIKLMNOPRSTUVXZ"), 4))
        item = w.new_item(t, "link", f"exchange{x}.example")
        for i, b in enumerate(bots):
            if watch[i, x]:
                at = np.ceil(t / poll[i]) * poll[i] + r.exponential(1.5)
                w.post(b, at, f"${coin} listed now {item[1]}", urls=[item[1]])
        for i, a in enumerate(people):
            if r.random() < keen[i]:
                w.post(a, t + pace[i] * r.lognormal(0, 0.6), f"${coin} {w.say(5)} {item[1]}", urls=[item[1]])
        _others(w, t, item, 2.5, 7)


def helper_bots(w):
    """Programs that unroll, translate, save and archive what people ask them to, each answering in its own seconds."""
    r = w.rng
    bots = w.accounts("crowd:helper", 8)
    lag = r.lognormal(2.2, 0.8, 8)
    used = r.dirichlet(np.full(8, 1.5))
    pop = w.popular(5)
    for _ in range(25 * w.days):
        t0, item, _k, scale = pop[r.integers(len(pop))]
        t = t0 + scale * (r.random() ** (-1 / 1.3) - 1) + 120
        asked = r.choice(8, min(8, 1 + r.poisson(0.8)), replace=False, p=used)
        asker = r.choice(w.people)
        pid = w.post(asker, t, w.say(4), reply_to=item[1] if item[0] == "repost" else "")
        for i in asked:
            at = t + lag[i] * r.lognormal(0, 0.4)
            if item[0] == "repost":
                w.share(bots[i], at, item)
            else:
                w.post(
                    bots[i],
                    at,
                    w.say(5) + (" " + item[1] if item[0] == "link" else ""),
                    reply_to=pid or "",
                    urls=[item[1]] if item[0] == "link" else (),
                )


def wrong_clocks(w):
    """Readers of a live page and of an application, a third of whom have clocks that are minutes fast or slow."""
    r = w.rng
    crowd = _people(w, "crowd:skewed", 30)
    keen, pace = r.beta(1, 3, 30), r.lognormal(4.2, 0.8, 30)
    skew = np.where(r.random(30) < 0.35, r.normal(0, 240, 30), 0)
    for t in np.sort(r.uniform(0, w.days * D, 11 * w.days)):
        item = w.new_item(t, r.choice(["link", "repost", "text"], p=[0.6, 0.3, 0.1]))
        for i, a in enumerate(crowd):
            if r.random() < keen[i]:
                w.share(a, t + 5 + pace[i] * r.lognormal(0, 0.6) + skew[i], item)
        _others(w, t, item, 4, 7.5)


def drained_queues(w):
    """A tool posts what its customers queued at any time; now and then it stands still, then sends all."""
    r = w.rng
    users = _people(w, "crowd:drained", 30, 1, 0.5)
    stops = [(t, t + r.uniform(0.7, 3) * 3600) for t in np.sort(r.uniform(0.5, w.days - 0.5, 8)) * D]
    pop = w.popular(5)
    for a in users:
        for _ in range(r.poisson(4 * w.days)):
            t0, item, _k, scale = pop[r.integers(len(pop))]
            t = np.ceil((t0 + scale * (r.random() ** (-1 / 1.3) - 1) + 60) / 300) * 300
            for begin, end in stops:
                if begin <= t < end:
                    t = end + r.exponential(25)
            w.share(a, t, item)


def two_zones(w):
    """A file made of two exports, one in local time, so that a quarter of it stands twice, 3.5 h apart."""
    r = w.rng
    wrong_clocks(w)
    extra = []
    for p, a, t, *rest in w.rows:
        if int(a[1:]) % 4 == 0 and r.random() < 0.9:
            extra.append((f"{p}x" if r.random() < 0.5 else p, a, t + 3.5 * 3600, *rest))
    w.rows += [row for row in extra if row[2] < w.days * D]


def push_alarms_people(w):
    """People of one town who are all told of an alarm by an application: three words, at any hour of day and night."""
    r = w.rng
    towns = [_people(w, "crowd:town", 20, 1, 0.7) for _ in range(4)]
    for crowd in towns:
        pace, keen = r.lognormal(4.0, 0.8, 20), r.beta(1.2, 3, 20)
        for t in np.sort(r.uniform(0, w.days * D, 5 * w.days)):
            page, text = w.new_item(t, "link", "alarms.example"), ("text", w.say(14))
            old = [x[1] for x in w.items if 0 < t - x[0] < 6 * 3600 and x[2] > 5]
            for i, a in enumerate(crowd):
                if r.random() < keen[i]:
                    at = t + pace[i] * r.lognormal(0, 0.6)
                    some = [page, text, *([old[r.integers(len(old))]] if old else [])]
                    w.share(a, at, some[r.integers(len(some))])
            _others(w, t, page, 2, 7)
