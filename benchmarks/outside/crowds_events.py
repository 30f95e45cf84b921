"""Crowds that events, applications and public programs bring together; nobody among them acts in concert."""

from __future__ import annotations

import numpy as np
from world import heavy

D = 86400.0


def _people(w, role, n, talk=1.5, shares=1.0):
    some = w.accounts(role, n)
    w.chatter(some, talk)
    w.takes_part(some, shares)
    return some


def _others(w, t, item, rate, slow=8.5):
    """Ordinary people share the same thing later."""
    for a in w.rng.choice(w.people, w.rng.poisson(rate)):
        w.share(a, t + w.rng.lognormal(slow, 1.3), item)


def push_zones(w):
    """Readers of an application in four zones: news of the world at once, morning and evening digests by local time."""
    r = w.rng
    sites = [f"paper{i}.example" for i in range(25)]
    for zone in (-5, 0, 3.5, 8):
        crowd = _people(w, "crowd:zone", 12)
        keen, pace = r.beta(1.5, 4, 12), r.lognormal(3.6, 0.9, 12)
        for day in range(w.days):
            for hour in (7.0, 19.0):
                t = day * D + ((hour - zone) % 24) * 3600
                for item in [w.new_item(t, "link", r.choice(sites)) for _ in range(3)]:
                    for a, p, d in zip(crowd, keen, pace, strict=True):
                        if r.random() < 0.6 * p:
                            w.share(a, t + d * r.lognormal(0, 0.8), item)
                    _others(w, t, item, 4)
    world = [a for a, role in w.role.items() if role == "crowd:zone"]
    likes = dict(zip(world, r.beta(1, 4, len(world)), strict=True))
    for t in np.sort(r.uniform(0, w.days * D, 7 * w.days)):
        item = w.new_item(t, "link", r.choice(sites))
        for a in world:
            if r.random() < likes[a]:
                w.share(a, t + heavy(r, 8, 900, 0.6), item)
        _others(w, t, item, 8)


def trends(w):
    """An application tells forty people of what is popular, at any age: one in eight shares it, at any pace."""
    r = w.rng
    crowd = _people(w, "crowd:trend", 40)
    keen, pop = r.beta(1, 5, 40), w.popular(8)
    for i in r.choice(len(pop), min(len(pop), 6 * w.days), replace=False):
        t, item, _k, scale = pop[i]
        t0 = t + scale * (r.random() ** (-1 / 1.3) - 1) + 600
        for a, p in zip(crowd, keen, strict=True):
            if r.random() < p:
                w.share(a, t0 + heavy(r, 15, 7200, 0.5), item)


def quakes(w):
    """Programs that poll two agencies for earthquakes and weather, and people who felt it and share the page."""
    r = w.rng
    bots = w.accounts("crowd:quakebot", 14)
    takes = r.uniform(0.5, 1, 14)
    polls, phase = r.choice([15, 30, 60, 60, 120, 300], 14), r.uniform(0, 300, 14)
    cities = [_people(w, "crowd:quakecity", 12, 1.0, 0.7) for _ in range(4)]
    for t in np.sort(r.uniform(0, w.days * D, 9 * w.days)):
        link = w.new_item(t, "link", r.choice(["quake.example", "weather.example"]))
        known = t + r.uniform(60, 400)
        for b, p, per, ph in zip(bots, takes, polls, phase, strict=True):
            if r.random() < p:
                at = ph + np.ceil((known - ph) / per) * per + r.exponential(2)
                w.post(b, at, f"{link[2]} M{r.uniform(2, 6):.1f} {link[1]}", urls=[link[1]])
        if r.random() < 0.25:
            for a in cities[r.integers(4)]:
                if r.random() < 0.5:
                    w.post(a, t + r.exponential(60), w.say(4))
                if r.random() < 0.4:
                    w.share(a, known + r.lognormal(4.6, 0.9), link)
            _others(w, known, link, 6, 6.5)


def deals(w):
    """Price trackers and people who hunt bargains: alerts of one shop after another, passed on for minutes."""
    r = w.rng
    shops = [f"shop{i}.example" for i in range(12)]
    hunters = _people(w, "crowd:hunter", 30)
    bots = w.accounts("crowd:dealbot", 6)
    eager, pace = r.beta(1, 3, 30), r.lognormal(4.4, 0.8, 30)
    poll = r.choice([60, 120, 180], 6)
    for t in np.sort(r.uniform(0, w.days * D, 14 * w.days)):
        item = w.new_item(t, "link", r.choice(shops))
        for b, per in zip(bots, poll, strict=True):
            if r.random() < 0.55:
                w.share(b, np.ceil(t / per) * per + r.exponential(3), item, comment=0)
        awake = w.awake(t, 2)
        for a, p, d in zip(hunters, eager, pace, strict=True):
            if r.random() < p * awake:
                w.share(a, t + d * r.lognormal(0, 0.7), item)
        _others(w, t, item, 2)


def feed_tool(w, n_feeds=3, others=2.0):
    """One tool polls each feed once for all customers and posts for them within seconds; strangers chose like feeds."""
    r = w.rng
    feeds = [f"feed{i}.example" for i in range(9)]
    users = _people(w, "crowd:tool", 27, 1.0, 0.6)
    mine = [set(r.choice(9, n_feeds, replace=False).tolist()) for _ in users]
    for f, site in enumerate(feeds):
        phase = r.uniform(0, 900)
        for t in np.sort(r.uniform(0, w.days * D, 7 * w.days)):
            item = w.new_item(t, "link", site)
            at = phase + np.ceil((t - phase) / 900) * 900
            for a, chosen in zip(users, mine, strict=True):
                if f in chosen and r.random() < 0.97:
                    w.share(a, at + r.exponential(4), item, comment=0)
            _others(w, t, item, others)


def one_digest(w):
    """Readers of a newsletter that goes out at no fixed hour with six links to many sites; each reads when it comes."""
    r = w.rng
    crowd = _people(w, "crowd:letter", 18)
    open_, pace = r.uniform(0.2, 0.7, 18), r.lognormal(5.5, 1.0, 18)
    for day in range(w.days):
        t0 = day * D + r.uniform(6, 20) * 3600
        pop = [x[1] for x in w.items if 3600 < t0 - x[0] < 1.5 * D and x[2] > 3]
        if len(pop) < 6:
            continue
        items = [pop[i] for i in r.choice(len(pop), 6, replace=False)]
        for a, p, d in zip(crowd, open_, pace, strict=True):
            if r.random() < p:
                t = t0 + d * r.lognormal(0, 0.7)
                for item in items:
                    if r.random() < 0.45:
                        w.share(a, t, item)
                    t += r.exponential(70)


def sports(w):
    """Clubs with line-ups an hour before the match, fans with goals, and tables at the end; many matches at once."""
    r = w.rng
    clubs = [_people(w, "crowd:clubfan", 9) for _ in range(6)]
    pace = [r.lognormal(4, 0.7, 9) for _ in range(6)]
    for day in range(0, w.days, 2):
        kick = day * D + r.choice([14, 17, 19.5]) * 3600
        for c, fans in enumerate(clubs):
            marks = [kick - 3600, *np.sort(kick + r.uniform(0, 6600, r.poisson(2.5))), kick + 6900]
            for t in marks:
                item = w.new_item(t + r.uniform(0, 20), r.choice(["link", "repost", "tags"]))
                for a, d in zip(fans, pace[c], strict=True):
                    if r.random() < 0.4:
                        w.share(a, t + d * r.lognormal(0, 0.6), item)
                    if r.random() < 0.2:
                        w.post(a, t + r.exponential(300), w.say(5))
                _others(w, t, item, 5, 7)


def timetable(w):
    """Classes with bells at fixed minutes on weekdays; marks and homework come on a page that all are told of."""
    r = w.rng
    bells = [8.75, 9.6, 10.6, 11.5, 12.4, 14.2]
    for school in range(3):
        for _ in range(3):
            crowd = w.accounts("crowd:pupil", 12)
            w.chatter(crowd, 0.8, (15, 23))
            look = r.uniform(0.1, 0.5, 12)
            for day in range(w.days):
                if day % 7 >= 5:
                    continue
                for bell in bells:
                    t0 = day * D + bell * 3600 + 120 * school
                    fresh = [x[1] for x in w.items if 0 < t0 - x[0] < 8 * 3600 and x[2] > 5]
                    for a, p in zip(crowd, look, strict=True):
                        if fresh and r.random() < p:
                            t = t0 + r.uniform(0, 600)
                            w.share(a, t, fresh[r.integers(len(fresh))])
                            if r.random() < 0.5:
                                w.post(a, t + r.exponential(60), w.say(4))
                if r.random() < 0.5:
                    t0 = day * D + r.uniform(13, 18) * 3600
                    item = w.new_item(t0, "link", f"school{school}.example")
                    for a in crowd:
                        if r.random() < 0.6:
                            w.share(a, t0 + r.lognormal(6, 1.2), item)


def ramadan(w):
    """Adhan by city, moving by the day: greetings, prayers in set words, an application that posts verses for users."""
    r = w.rng
    verses = [w.say(r.integers(12, 20)) for _ in range(60)]
    for city in range(5):
        crowd = _people(w, "crowd:ramadan", 14, 0.8, 0.6)
        pace = r.lognormal(5.3, 0.9, 14)
        app = r.random(14) < 0.35
        hours = [4.4, 12.2, 18.1]
        for day in range(w.days):
            said = [verses[(3 * day + k) % 60] for k in range(3)]
            for k, hour in enumerate(hours):
                t0 = day * D + (hour + 0.13 * city) * 3600 + (60 * day if k == 2 else -50 * day)
                picture = w.new_item(t0, "repost" if r.random() < 0.5 else "link")
                for a, d, by_app in zip(crowd, pace, app, strict=True):
                    if by_app:
                        w.post(a, t0 + r.exponential(3), said[k])
                    elif r.random() < 0.3:
                        w.post(a, t0 + d * r.lognormal(0, 0.7), said[k] if r.random() < 0.4 else w.say(6))
                    if r.random() < 0.15:
                        w.share(a, t0 + d * r.lognormal(0.3, 0.8), picture)
                _others(w, t0, picture, 3, 7)


def power_cuts(w, n_zones=4, n=22):
    """Light goes for two hours at hours that nobody knows; when it is back all catch up with what is popular."""
    r = w.rng
    for _ in range(n_zones):
        crowd = w.accounts("crowd:powercut", n)
        w.chatter(crowd, 1.2)
        w.takes_part(crowd, 0.5)
        for day in range(w.days):
            for _ in range(2):
                t0 = day * D + r.uniform(9, 22) * 3600
                old = [x for x in w.items if 0 < t0 - x[0] < 9 * 3600 and x[2] > 4]
                if not old:
                    continue
                q = np.array([x[2] for x in old], float)
                for a in crowd:
                    if r.random() < 0.55:
                        t = t0 + r.lognormal(4.6, 0.9)
                        if r.random() < 0.6:
                            w.post(a, t, w.say(r.integers(2, 8)))
                        for i in r.choice(len(old), min(len(old), 1 + r.poisson(0.8)), replace=False, p=q / q.sum()):
                            t += r.exponential(45)
                            w.share(a, t, old[i][1])


def be_real(w):
    """A notification at a random minute of the day: all take up their telephone, post a picture, and look around."""
    r = w.rng
    crowd = _people(w, "crowd:bereal", 60, 0.8, 0.6)
    late = r.lognormal(4.6, 0.8, 60)
    for day in range(w.days):
        t0 = day * D + r.uniform(8, 22) * 3600
        old = [x[1] for x in w.items if 0 < t0 - x[0] < 8 * 3600 and x[2] > 5]
        for a, d in zip(crowd, late, strict=True):
            if r.random() < 0.7:
                t = t0 + d * r.lognormal(0, 0.5)
                w.post(a, t, w.say(3) + " #bereal", hashtags=["bereal"])
                if old and r.random() < 0.45:
                    w.share(a, t + r.exponential(80), old[r.integers(len(old))])


def answerers(w):
    """People who answer any of eight famous accounts within a minute, by notification; others answer later."""
    r = w.rng
    famous = w.accounts("crowd:famous", 8)
    guys = _people(w, "crowd:answerer", 26, 1.5, 1)
    follows = [set(r.choice(8, r.integers(2, 6), replace=False).tolist()) for _ in guys]
    keen, pace = r.beta(2, 3, 26), r.lognormal(3.8, 0.7, 26)
    for f, star in enumerate(famous):
        for t in np.sort(r.uniform(0, w.days * D, 5 * w.days)):
            if (t / 3600) % 24 < 6:
                continue
            pid = w.post(star, t, w.say(12))
            for a, mine, p, d in zip(guys, follows, keen, pace, strict=True):
                if f in mine and r.random() < p:
                    w.post(a, t + d * r.lognormal(0, 0.5), w.say(7), reply_to=pid)
            for a in r.choice(w.people, r.poisson(10)):
                w.post(a, t + r.lognormal(7.5, 1.4), w.say(7), reply_to=pid)


def shows(w):
    """Viewers of six shows use the tags of the evening when adverts come, and the words that were just said."""
    r = w.rng
    for s in range(6):
        crowd = _people(w, "crowd:viewer", 16)
        there = r.beta(2, 2, 16)
        for day in range(w.days):
            if (day + s) % 2:
                continue
            t0 = day * D + (19 + 0.5 * (s % 4)) * 3600
            tags = ("tags", (f"show{s}", f"e{day}", str(w.words[50 + s])))
            now = [a for a, p in zip(crowd, there, strict=True) if r.random() < p]
            for advert in t0 + np.sort(r.uniform(300, 5000, 5)):
                line = ("text", w.say(15))
                for a in now:
                    if r.random() < 0.35:
                        w.share(a, advert + r.uniform(0, 150), tags)
                    if r.random() < 0.15:
                        w.share(a, advert + r.lognormal(3.6, 0.6), line)


def traders(w):
    """Traders with screens of one sort: a halt, a level, a filing; a word with the sign of the stock soon after."""
    r = w.rng
    crowd = _people(w, "crowd:trader", 28, 1.5, 1)
    signs = [f"${x.upper()[:4]}" for x in w.words[600:760]]
    eye, pace = r.beta(1, 4, 28), r.lognormal(3.9, 0.9, 28)
    for day in range(w.days):
        if day % 7 >= 5:
            continue
        for t in day * D + np.sort(r.uniform(13.5, 20, 22)) * 3600:
            sign, page = signs[r.integers(len(signs))], w.new_item(t, "link", "exchange.example")
            for a, p, d in zip(crowd, eye, pace, strict=True):
                if r.random() < p:
                    at = t + d * r.lognormal(0, 0.6)
                    if r.random() < 0.5:
                        w.post(a, at, f"{sign} {w.say(5)}")
                    else:
                        w.share(a, at, page)
            _others(w, t, page, 1.5, 7)


def giveaways(w):
    """Hunters of prizes sit down when they like, and repost what one search shows, in its order; some by a program."""
    r = w.rng
    hosts = w.accounts("crowd:host", 20)
    prizes = [
        (t, w.new_item(t, "repost", author=r.choice(hosts))) for t in np.sort(r.uniform(0, w.days * D, 12 * w.days))
    ]
    crowd = _people(w, "crowd:prize", 24, 1.0, 0.5)
    for k, a in enumerate(crowd):
        taken = set()
        per = r.choice([600, 900, 1800])
        starts = (
            np.arange(r.uniform(0, per), w.days * D, per)
            if k % 4 == 0
            else np.sort(r.uniform(0, w.days * D, 3 * w.days))
        )
        for t0 in starts:
            t = t0
            for s, item in reversed(prizes):
                if t0 - D < s < t0 and item[1] not in taken:
                    taken.add(item[1])
                    if r.random() < 0.6:
                        w.share(a, t, item)
                        t += r.exponential(8)
    for t, item in prizes:
        _others(w, t, item, 4)


def conference(w):
    """Three rooms of a conference for three days: slides shared as they are shown, breaks for all at once."""
    r = w.rng
    for room in range(3):
        crowd = _people(w, "crowd:talks", 14)
        keen, pace = r.beta(1.5, 3, 14), r.lognormal(4.2, 0.7, 14)
        for day in range(2, min(5, w.days)):
            for t in day * D + np.sort(r.uniform(9, 17, 26)) * 3600:
                item = w.new_item(t, r.choice(["link", "tags", "repost"]))
                for a, p, d in zip(crowd, keen, pace, strict=True):
                    if r.random() < p:
                        w.share(a, t + d * r.lognormal(0, 0.5), item)
                _others(w, t, item, 2, 8)
        _ = room


def live_blogs(w):
    """Readers of live coverage by three papers pass on its entries, each some minutes late, evening after evening."""
    r = w.rng
    crowd = _people(w, "crowd:live", 30)
    late = r.lognormal(4.5, 1.0, 30)
    reads = r.integers(0, 3, 30)
    for day in range(w.days):
        t0 = day * D + 17 * 3600
        here = r.random(30) < 0.6
        for t in t0 + np.sort(r.uniform(0, 4 * 3600, 24)):
            entries = [w.new_item(t, "link", f"live{p}.example") for p in range(3)]
            words = ("text", w.say(16))
            for i, a in enumerate(crowd):
                if here[i] and r.random() < 0.22:
                    w.share(a, t + late[i] * r.lognormal(0, 0.6), entries[reads[i]] if r.random() < 0.7 else words)
            _others(w, t, entries[0], 3, 7)
