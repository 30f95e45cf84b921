"""Crowds of people among whom nobody acts in concert, of kinds that ``dideban.simulate`` does not have."""

from __future__ import annotations

import numpy as np
from crowds_programs import rss_bots
from world import heavy

D = 86400.0


def push_readers(w, others="popular", apps=4, alike=False, p=None):
    """Readers of several news apps post an item 5-90 s after the notification (heavy-tailed)."""
    r = w.rng
    sites = [f"app{i}.example" for i in range(apps)]
    pool = w.accounts("crowd:push", 24)
    w.chatter(pool, 2)
    w.takes_part(pool, 1.5)
    who = {s: [a for a in pool if r.random() < 0.4] for s in sites}
    mine = {a: (p or r.uniform(0.15, 0.55)) for a in pool}
    pace = {a: 1 if alike else r.lognormal(0, 0.5) for a in pool}
    for s in sites:
        for day in range(w.days):
            for _ in range(r.integers(5, 11)):
                t = day * D + r.uniform(6.5, 23.5) * 3600
                site = s if others != "many" else None
                item = w.new_item(t, "link", site)
                for a in who[s]:
                    if r.random() < mine[a]:
                        w.share(a, t + heavy(r) * pace[a], item)
                k = {"popular": r.poisson(8), "many": r.poisson(0.8), "few": r.poisson(0.7), "none": 0}[others]
                for a in r.choice(w.people, k):
                    w.share(a, t + r.lognormal(8, 1.3), item)


def tv_debate(w):
    """Evenings of debate: lines quoted word for word by many within seconds."""
    r = w.rng
    crowd = w.accounts("crowd:tv", 150)
    w.chatter(crowd, 1)
    w.takes_part(crowd, 1)
    keen = {a: r.beta(1, 3) for a in crowd}
    slow = {a: r.lognormal(2.8, 0.7) for a in crowd}
    for day in r.choice(w.days, min(4, w.days), replace=False):
        t0 = day * D + 19.5 * 3600
        present = [a for a in crowd if r.random() < 0.5]
        for m in np.sort(r.uniform(0, 2 * 3600, 40)):
            line = ("text", '"' + w.say(r.integers(9, 16)) + '"')
            tag = ("tags", tuple(r.choice(w.words[300:], 3, replace=False)))
            for a in present:
                if r.random() < keen[a] * 0.5:
                    w.share(a, t0 + m + slow[a] * r.lognormal(0, 0.4), line)
                if r.random() < keen[a] * 0.1:
                    w.share(a, t0 + m + slow[a] * r.lognormal(0.6, 0.4), tag)


def commuters(w):
    """Two zones; people read and share in the train, on weekdays; a late train is late for all."""
    r = w.rng
    for zone in (0, 8):
        for _train in range(5):
            crowd = w.accounts("crowd:commuter", 14)
            w.chatter(crowd, 0.7)
            dep = [(7 + r.uniform(0, 2) - zone) % 24, (17 + r.uniform(0, 2) - zone) % 24]
            for day in range(w.days):
                if day % 7 >= 5:
                    continue
                for h in dep:
                    t0 = day * D + h * 3600 + abs(r.normal(0, 240))
                    old = [x for x in w.popular(6) if 0 < t0 - x[0] < 10 * 3600]
                    if not old:
                        continue
                    q = np.array([x[2] for x in old], float)
                    q /= q.sum()
                    for a in crowd:
                        if r.random() < 0.75:
                            for i in r.choice(len(old), min(len(old), 1 + r.poisson(1.2)), replace=False, p=q):
                                w.share(a, t0 + r.uniform(0, 1500), old[i][1])


def breaks(w, n_groups=4, length=600, per_day=3):
    """Breaks at no fixed hour (classes, crews, intervals): all look at their telephones then."""
    r = w.rng
    for _g in range(n_groups):
        crowd = w.accounts("crowd:breaks", 14)
        w.chatter(crowd, 0.5)
        for day in range(w.days):
            for t0 in day * D + r.uniform(8, 23, per_day) * 3600:
                old = [x for x in w.popular(6) if 0 < t0 - x[0] < 12 * 3600]
                if not old:
                    continue
                q = np.array([x[2] for x in old], float)
                q /= q.sum()
                for a in crowd:
                    if r.random() < 0.5:
                        t = t0 + r.uniform(0, length)
                        for i in r.choice(len(old), min(len(old), 1 + r.poisson(1)), replace=False, p=q):
                            w.share(a, t, old[i][1])
                            t += r.exponential(60)
                        if r.random() < 0.6:
                            w.post(a, t + r.exponential(90), w.say(6))


def breaks_short(w):
    breaks(w, length=240, per_day=4)


def curator(w, n_followers=8, others=True, alike=True, per_day=8):
    """Followers of somebody outside the data who picks popular links at any age (documented: outside call)."""
    r = w.rng
    crowd = w.accounts("crowd:curator", n_followers)
    w.chatter(crowd, 2)
    w.takes_part(crowd, 1.5)
    pace = {a: 1 if alike else r.lognormal(0, 0.7) for a in crowd}
    pop = w.popular(8)
    for i in r.choice(len(pop), min(len(pop), per_day * w.days), replace=False):
        t, item, _k, scale = pop[i]
        t0 = t + scale * (r.random() ** (-1 / 1.3) - 1)
        for a in crowd:
            if r.random() < 0.6:
                w.share(a, t0 + heavy(r) * pace[a], item)


def fan_club(w):
    """Fans repost one star within a minute, and other stars now and then."""
    r = w.rng
    for _ in range(2):
        star = w.account("crowd:star")
        fans = w.accounts("crowd:fan", 30)
        w.chatter(fans, 1.5)
        w.takes_part(fans, 1)
        keen = r.beta(1, 2, 30)
        pace = r.lognormal(2.8, 0.5, 30)
        for t in np.sort(r.uniform(0, w.days * D, 5 * w.days)):
            if (t / 3600) % 24 < 7:
                continue
            item = w.new_item(t, "repost", author=star)
            for i, a in enumerate(fans):
                if r.random() < keen[i]:
                    w.share(a, t + pace[i] * r.lognormal(0, 0.5), item)
            for a in r.choice(w.people, r.poisson(6)):
                w.share(a, t + r.lognormal(7, 1.5), item)


def club_page(w):
    """Members share every post of the page of their club, each when they see it, many by notification."""
    r = w.rng
    for c in range(4):
        page = w.account("crowd:page")
        m = w.accounts("crowd:club", 10)
        w.chatter(m, 1.2)
        w.takes_part(m, 0.7)
        fast = r.random(10) < 0.5
        for t in np.sort(r.uniform(0, w.days * D, 3 * w.days)):
            if (t / 3600) % 24 < 8:
                continue
            item = w.new_item(t, "repost", author=page)
            link = w.new_item(t, "link", f"club{c}.example")
            for i, a in enumerate(m):
                if r.random() < 0.85:
                    w.share(
                        a,
                        t + (heavy(r, 8, 120) if fast[i] else r.lognormal(8.5, 1)),
                        item if r.random() < 0.6 else link,
                    )


def hobby(w):
    """A group with an evening hour: everybody shares what came up during the day, in the hour after a call outside."""
    r = w.rng
    for _g in range(4):
        m = w.accounts("crowd:hobby", 9)
        h = r.uniform(18, 22)
        w.chatter(m, 1)
        w.takes_part(m, 0.7)
        for day in range(w.days):
            things = [w.new_item(day * D + 9 * 3600, "link") for _ in range(4)]
            for a in m:
                if r.random() < 0.6:
                    t = day * D + h * 3600 + r.uniform(0, 3600)
                    for x in things:
                        if r.random() < 0.7:
                            w.share(a, t, x)
                            t += r.exponential(200)
            for x in things:
                for a in r.choice(w.people, r.poisson(2)):
                    w.share(a, day * D + 9 * 3600 + r.lognormal(9, 1), x)


def students(w):
    """An assignment: the same 30 links within a week, in lab hours or at home."""
    r = w.rng
    links = [w.new_item(0, "link") for _ in range(30)]
    st = w.accounts("crowd:student", 40)
    w.chatter(st, 0.6)
    w.takes_part(st, 0.5)
    labs = [(d * D + h * 3600) for d in range(1, min(w.days, 8)) for h in (10, 14)]
    lab = r.integers(0, 2, 40)
    for i, a in enumerate(st):
        todo = list(r.permutation(30))
        while todo:
            if r.random() < 0.5:
                t = labs[r.integers(len(labs) // 2) * 2 + lab[i]] + r.uniform(0, 4500)
            else:
                t = r.integers(1, min(w.days, 8)) * D + r.normal(20, 1.5) * 3600
            for _ in range(min(len(todo), 1 + r.poisson(4))):
                w.share(a, t, links[todo.pop()])
                t += r.exponential(150)


def students_ordered(w):
    """The same with the links in the order of the sheet, at the pace of the class."""
    r = w.rng
    for _c in range(3):
        links = [w.new_item(0, "link") for _ in range(30)]
        st = w.accounts("crowd:student", 14)
        w.chatter(st, 0.6)
        w.takes_part(st, 0.5)
        for s in range(6):
            t0 = (1 + s) * D + r.uniform(9, 15) * 3600
            marks = t0 + np.cumsum(r.uniform(400, 900, 5))
            for a in st:
                if r.random() < 0.85:
                    for j in range(5):
                        w.share(a, marks[j] + r.exponential(60), links[s * 5 + j])
        for x in links:
            for a in r.choice(w.people, r.poisson(1)):
                w.share(a, r.uniform(0, w.days * D), x)


def petition(w):
    """Petitions with words written for whoever signs; mails that remind make bursts."""
    r = w.rng
    for p in range(6):
        text = w.say(16) + " https://petition.example/" + str(p)
        who = r.choice(w.people, 80, replace=False)
        mails = np.sort(r.uniform(1, w.days, 3)) * D
        for a in who:
            w.post(a, r.choice(mails) + r.lognormal(8, 1.4), text)
        ("link", "https://petition.example/" + str(p), text)


def petitions_keen(w):
    """Subscribers of a list of petitions post each within minutes of the mail; sites differ."""
    r = w.rng
    keen = w.accounts("crowd:signer", 20)
    w.chatter(keen, 1)
    w.takes_part(keen, 1)
    p = r.beta(2, 3, 20)
    pace = r.lognormal(5.5, 1, 20)
    for t in np.sort(r.uniform(0, w.days * D, 3 * w.days)):
        item = w.new_item(t, "link")
        for i, a in enumerate(keen):
            if r.random() < p[i]:
                w.share(a, t + pace[i] * r.lognormal(0, 0.6), item, comment=0.1)
        for a in r.choice(w.people, r.poisson(5)):
            w.share(a, t + r.lognormal(9, 1.2), item)


def journalists(w):
    """Journalists of a paper share its articles when they come out, and each other's, some by notification."""
    r = w.rng
    for n in range(3):
        j = w.accounts("crowd:journalist", 10)
        w.chatter(j, 2)
        w.takes_part(j, 1.5)
        keen = r.beta(2, 3, 10)
        for t in np.sort(r.uniform(0, w.days * D, 8 * w.days)):
            if (t / 3600) % 24 < 6:
                continue
            item = w.new_item(t, "link", f"paper{n}.example")
            for i, a in enumerate(j):
                if r.random() < keen[i]:
                    w.share(a, t + r.lognormal(6, 1.6), item)
            for a in r.choice(w.people, r.poisson(4)):
                w.share(a, t + r.lognormal(8.5, 1.3), item)


def friends(w):
    """Circles of friends who have notifications on for each other and repost each other's posts; others seldom do."""
    r = w.rng
    for _g in range(4):
        f = w.accounts("crowd:friend", 6)
        w.chatter(f, 2)
        w.takes_part(f, 1.5)
        pace = r.lognormal(4.5, 0.8, 6)
        keen = r.uniform(0.3, 0.7, 6)
        for _i, x in enumerate(f):
            for t in r.uniform(0, w.days * D, 2 * w.days):
                if (t / 3600) % 24 < 8:
                    continue
                item = w.new_item(t, "repost", author=x)
                for k, a in enumerate(f):
                    if a != x and r.random() < keen[k]:
                        w.share(a, t + pace[k] * r.lognormal(0, 0.8), item)
                for a in r.choice(w.people, r.poisson(0.5)):
                    w.share(a, t + r.lognormal(8, 1.4), item)


def friends_alike(w):
    r = w.rng
    for _g in range(4):
        f = w.accounts("crowd:friend", 7)
        w.chatter(f, 2)
        w.takes_part(f, 1.5)
        for _i, x in enumerate(f):
            for t in r.uniform(0, w.days * D, 2 * w.days):
                if (t / 3600) % 24 < 8:
                    continue
                item = w.new_item(t, "repost", author=x)
                for _k, a in enumerate(f):
                    if a != x and r.random() < 0.6:
                        w.share(a, t + heavy(r, 5, 300, 0.6), item)


def chat_links(w):
    """A private chat: what one of them finds the others share at once."""
    r = w.rng
    f = w.accounts("crowd:chat", 7)
    w.chatter(f, 2)
    w.takes_part(f, 1.5)
    for t in r.uniform(0, w.days * D, 3 * w.days):
        item = w.new_item(t, "link")
        for a in f:
            if r.random() < 0.6:
                w.share(a, t + heavy(r, 5, 300, 0.6), item)
        for a in r.choice(w.people, r.poisson(0.6)):
            w.share(a, t + r.lognormal(8.5, 1.3), item)


def matchday(w):
    """Fans who watch a match share the clip of each goal within seconds; sites differ."""
    r = w.rng
    for _c in range(3):
        f = w.accounts("crowd:matchfan", 25)
        w.chatter(f, 1)
        w.takes_part(f, 1)
        pace = r.lognormal(3.5, 0.5, 25)
        for day in range(0, w.days):
            if r.random() < 0.5:
                continue
            t0 = day * D + r.uniform(13, 20) * 3600
            here = [i for i in range(25) if r.random() < 0.6]
            for g in np.sort(r.uniform(0, 5400, r.poisson(4))):
                item = w.new_item(t0 + g, r.choice(["link", "repost"]))
                for i in here:
                    if r.random() < 0.5:
                        w.share(f[i], t0 + g + pace[i] * r.lognormal(0, 0.4), item)
                for a in r.choice(w.people, r.poisson(10)):
                    w.share(a, t0 + g + r.lognormal(7, 1.5), item)


def sitting_pairs(w):
    """Couples and colleagues who sit down together: the same evenings, the same popular things, minutes apart."""
    r = w.rng
    for _g in range(10):
        f = w.accounts("crowd:couple", 3)
        w.chatter(f, 0.6)
        for day in range(w.days):
            for _ in range(2):
                t0 = day * D + r.uniform(8, 23.5) * 3600
                old = [x for x in w.popular(8) if 0 < t0 - x[0] < 10 * 3600]
                if not old:
                    continue
                some = [old[i][1] for i in r.choice(len(old), min(3, len(old)), replace=False)]
                for a in f:
                    if r.random() < 0.7:
                        t = t0 + r.uniform(0, 900)
                        for x in some:
                            if r.random() < 0.5:
                                w.share(a, t, x)
                                t += r.exponential(90)
                        w.post(a, t + r.exponential(200), w.say(5))


def minute_times(w):
    tv_debate(w)
    club_page(w)
    rss_bots(w)


def holiday(w):
    commuters(w)
    hobby(w)
