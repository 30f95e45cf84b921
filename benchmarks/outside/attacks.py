"""Attacks that try to have innocent accounts named, and true campaigns."""

from __future__ import annotations

from collections import Counter

from world import heavy

D = 86400.0


def victims_ordinary(w, n=3):
    """The busiest ordinary people."""
    c = Counter(a for _, a, *_ in w.rows if w.role[a] == "ordinary")
    v = [a for a, _ in c.most_common(n)]
    for a in v:
        w.role[a] = "victim"
    return v


def shares_of(w, a):
    """(t, item) of the links and reposts of an account."""
    out = []
    for _p, x, t, text, u, ro, _re, _h in w.rows:
        if x == a and u:
            out.append((t, ("link", u[0], text.rsplit(" ", 1)[0])))
        elif x == a and ro:
            out.append((t, ("repost", ro, text)))
    return out


def attackers(w, n):
    a = w.accounts("attacker", n)
    w.chatter(a, 2)
    w.takes_part(a, 1.5)
    return a


def copy(w, n_att, n_vic=3, lo=1, hi=6, fixed=None, rare=False, both=False, n=45):
    r = w.rng
    att = attackers(w, n_att)
    vic = victims_ordinary(w, n_vic)
    count = {}
    for row in w.rows:
        for k in (*row[4], row[5]):
            count[k] = count.get(k, 0) + 1
    for v in vic:
        s = shares_of(w, v)
        if rare:
            s.sort(key=lambda x: count[x[1][1]])
        else:
            r.shuffle(s)
        for t, item in s[:n]:
            for _i, a in enumerate(att):
                if r.random() < 0.85:
                    d = fixed if fixed else r.uniform(lo, hi)
                    if both and r.random() < 0.5:
                        d = -r.uniform(lo, hi)
                    w.share(a, t + d, item)


def copy_delete(w, n_att):
    """Attackers copy, delete and post again later (both are in the data)."""
    r = w.rng
    att = attackers(w, n_att)
    vic = victims_ordinary(w)
    for v in vic:
        for t, item in shares_of(w, v)[:45]:
            for a in att:
                t2 = t + r.uniform(1, 6)
                w.share(a, t2, item)
                if r.random() < 0.5:
                    w.share(a, t2 + r.uniform(60, 900), item)


def followers_of_feed(w, n_vic=3, per_day=6, spread="curator", p=0.7, rate_own=4):
    """Innocents that follow something outside at once: popular things at any age, or new things of many sites."""
    r = w.rng
    v = w.accounts("victim", n_vic)
    w.chatter(v, 2)
    w.takes_part(v, 1.5)
    acts = []
    if spread == "curator":
        pop = w.popular(8)
        for i in r.choice(len(pop), min(len(pop), per_day * w.days), replace=False):
            t, item, _k, scale = pop[i]
            acts.append((t + scale * (r.random() ** (-1 / 1.3) - 1) + 30, item))
    else:
        for t in r.uniform(0, w.days * D, per_day * w.days):
            item = w.new_item(t, "link")
            acts.append((t, item))
            for a in r.choice(w.people, r.poisson({"seen": 12, "rare": 1, "alone": 0}[spread])):
                w.share(a, t + r.lognormal(8, 1.3), item)
    out = []
    for x in v:
        mine = [(t + heavy(r, 8, 90), item) for t, item in acts if r.random() < p]
        for t, item in mine:
            w.share(x, t, item)
        out.append(mine)
    return v, out, acts


def ahead(w, n_att, spread="curator", n_vic=1, mix=0.0, place="ahead", own=0):
    """Attackers watch the same feed as the innocents, and post before them, after them or around them."""
    r = w.rng
    att = attackers(w, n_att)
    v, mine, _acts = followers_of_feed(w, n_vic, spread=spread)
    jobs = {}
    for one in mine:
        for t, item in one:
            jobs.setdefault(item[1], (item, []))[1].append(t)
    for item, ts in jobs.values():
        for i, a in enumerate(att):
            if r.random() > 0.85:
                continue
            t = min(ts) if place != "after" else max(ts)
            before = {
                "ahead": True,
                "after": False,
                "random": r.random() < 0.5,
                "straddle": i % 2 == 0 if r.random() < 0.8 else r.random() < 0.5,
            }[place]
            w.share(a, t - r.uniform(1, 5) if before else max(ts) + r.uniform(1, 6), item)
    for x in v:
        for _ in range(own):
            t = r.uniform(0, w.days * D)
            item = w.new_item(t, "link")
            w.share(x, t, item)
            for a in att:
                if r.random() < 0.8:
                    w.share(a, t + r.uniform(1, 6), item)


def intersection(w, n_att):
    """Attackers share only what two or more of four innocents share, next to one of them."""
    r = w.rng
    att = attackers(w, n_att)
    _v, mine, _acts = followers_of_feed(w, 4, spread="seen", p=0.5)
    at = {}
    for one in mine:
        for t, item in one:
            at.setdefault(item[1], [item, []])[1].append(t)
    for item, ts in at.values():
        if len(ts) >= 2:
            for a in att:
                if r.random() < 0.85:
                    w.share(a, r.choice(ts) + r.uniform(-4, 5), item)


def same_lag(w, n_att):
    """A wire and its clients at fixed delays; attackers keep the same delay, after them and before."""
    r = w.rng
    att = attackers(w, n_att)
    v = w.accounts("victim", 3)
    w.chatter(v, 2)
    w.takes_part(v, 1.5)
    for _ in range(6 * w.days):
        t = r.uniform(0, w.days * D)
        item = w.new_item(t, "link")
        for i, x in enumerate(v):
            if r.random() < 0.8:
                w.share(x, t + 7 * i + r.uniform(0, 1), item)
        for i, a in enumerate(att):
            if r.random() < 0.8:
                w.share(a, t + 7 * (3 + i) - (28 if r.random() < 0.5 else 0), item)
        for a in r.choice(w.people, r.poisson(5)):
            w.share(a, t + r.lognormal(8, 1.3), item)


def only_others(w, n_att, n_sybil=40):
    """Attackers make the only other shares of what innocents share, late, by sybils: so that innocents look close."""
    r = w.rng
    att = attackers(w, n_att)
    syb = w.accounts("attacker_sybil", n_sybil)
    w.chatter(syb, 1)
    w.takes_part(syb, 1)
    v = w.accounts("victim", 5)
    w.chatter(v, 2)
    w.takes_part(v, 1)
    for _ in range(5 * w.days):  # a club hour that innocents keep loosely
        t = r.uniform(0, w.days * D)
        item = w.new_item(t, "link")
        for x in v:
            if r.random() < 0.6:
                w.share(x, t + r.exponential(300), item)
        for a in r.choice(syb, 12, replace=False):
            w.share(a, t + r.uniform(1800, 3.5 * 3600), item)
        for a in att:
            if r.random() < 0.7:
                w.share(a, t + r.exponential(200), item)


def slow_crowd(w, n_att=0, n_sybil=60):
    """Sybils fill the blocks of popular things late in each stretch, so that five quick friends look quick."""
    r = w.rng
    syb = w.accounts("attacker_sybil", n_sybil)
    w.chatter(syb, 1)
    v = w.accounts("victim", 6)
    w.chatter(v, 2)
    for i in r.permutation(len(w.popular(8)))[: 8 * w.days]:
        t, item, _k, scale = w.popular(8)[i]
        t0 = t + scale * (r.random() ** (-1 / 1.3) - 1)
        for x in v:
            if r.random() < 0.5:
                w.share(x, t0 + r.exponential(900), item)
        for a in r.choice(syb, 15, replace=False):
            w.share(a, t0 + r.uniform(3600, 4 * 3600), item)


def fake_times(w, n_att):
    """Attackers write what times they like: those of the innocents, or one second more or less."""
    r = w.rng
    att = attackers(w, n_att)
    vic = victims_ordinary(w)
    for v in vic:
        for t, item in shares_of(w, v)[:45]:
            for a in att:
                w.share(a, t + r.choice([-1, 0, 0, 1]), item)


def fake_bulk(w, n_att):
    """Attackers date their shares anywhere in the minute and a half in which three innocents come."""
    r = w.rng
    att = attackers(w, n_att)
    _v, _mine, acts = followers_of_feed(w, 3, spread="seen", p=0.6)
    for t, item in acts:
        for a in att:
            if r.random() < 0.7:
                w.share(a, t + r.uniform(0, 95), item)


def plant(w, n=8, ops=14, jitter=40, own=False, rate=3):
    """A campaign: on popular things, hidden among others, or on content of its own."""
    r = w.rng
    g = w.accounts(f"plant:{n}x{ops}x{jitter}{'own' if own else ''}", n)
    w.chatter(g, rate * 0.6)
    w.takes_part(g, rate * 0.5)
    pop = w.popular(10)
    for _ in range(ops):
        if own:
            t = r.integers(w.days) * D + r.uniform(7, 23) * 3600
            item = w.new_item(t, "link")
        else:
            t0, item, _k, scale = pop[r.integers(len(pop))]
            t = t0 + scale * (r.random() ** (-1 / 1.3) - 1) + 60
        for a in g:
            if r.random() < 0.85:
                w.share(a, t + r.uniform(0, jitter), item)


def _by_number(attack, **how):
    return {n: (lambda w, n=n: attack(w, n, **how)) for n in (1, 2, 3, 5)}


SORTS = {
    "copy": _by_number(copy),
    "copy_rare": _by_number(copy, rare=True),
    "copy_fixed": _by_number(copy, fixed=7),
    "copy_instant": _by_number(copy, lo=0.05, hi=0.95),
    "copy_delete": _by_number(copy_delete),
    "ahead_curator": _by_number(ahead),
    "ahead_curators": _by_number(ahead, n_vic=3),
    "ahead_seen": _by_number(ahead, spread="seen"),
    "ahead_rare": _by_number(ahead, spread="rare", own=30),
    "straddle_curator": _by_number(ahead, place="straddle"),
    "straddle_alone": _by_number(ahead, spread="alone", place="straddle", own=30),
    "intersection": _by_number(intersection),
    "same_lag": _by_number(same_lag),
    "only_others": _by_number(only_others),
    "fake_bulk": _by_number(fake_bulk),
    "slow_crowd": _by_number(slow_crowd),
}
ATTACKS = {f"{name}_{n}": attack for name, some in SORTS.items() for n, attack in some.items()}
"""No innocent account may be named."""
FORESEEN = {
    f"{name}_{n}": attack
    for name, some in {
        "copy_both": _by_number(copy, both=True),
        "random_curator": _by_number(ahead, place="random"),
        "fake_times": _by_number(fake_times),
    }.items()
    for n, attack in some.items()
}
"""Attackers know when somebody will post, and come before and after by turns: nothing tells these from a group."""
CAMPAIGNS = {
    "hidden": lambda w: [plant(w, n, o) for n in (5, 8) for o in (8, 12, 18)],
    "own": lambda w: [plant(w, n, o, own=True) for n in (5, 8) for o in (8, 12, 18)],
    "slow": lambda w: [plant(w, n, 18, j) for n in (5, 8, 15) for j in (600, 3600)],
}
