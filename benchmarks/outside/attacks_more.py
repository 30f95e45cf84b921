"""Further attacks that try to have innocent accounts named, and campaigns of further shapes."""

from __future__ import annotations

import numpy as np
from attacks import attackers, shares_of, victims_ordinary
from crowds_events import answerers, feed_tool
from world import heavy

D = 86400.0


def _victims(w, role_of, n):
    """Name some accounts of a crowd victims."""
    some = [a for a, role in w.role.items() if role == role_of][:n]
    for a in some:
        w.role[a] = "victim"
    return some


def copy_any_delay(w, n_att):
    """Each attacker copies after delays of its own kind: seconds, minutes, the next mark of a clock, or hours."""
    r = w.rng
    att = attackers(w, n_att)
    for v in victims_ordinary(w, 4):
        for t, item in shares_of(w, v)[:60]:
            for i, a in enumerate(att):
                if r.random() < 0.8:
                    late = [
                        r.exponential(15),
                        r.lognormal(4, 1),
                        60 - t % 60 + r.uniform(0, 2),
                        heavy(r, 2, 1800, 0.5),
                        r.uniform(0, 600),
                    ]
                    w.share(a, t + late[i % 5] + 1, item)


def chaff(w, n_att):
    """Attackers copy four people and share forty other things a day, so that no part of what they do looks odd."""
    r = w.rng
    att = attackers(w, n_att)
    w.takes_part(att, 25)
    w.chatter(att, 15)
    for v in victims_ordinary(w, 4):
        for t, item in shares_of(w, v)[:60]:
            for a in att:
                if r.random() < 0.9:
                    w.share(a, t + r.exponential(8) + 1, item)


def sparse(w, n_att):
    """Everything that ten people who share little have ever shared is copied at once."""
    r = w.rng
    att = attackers(w, n_att)
    n = {}
    for _p, a, _t, _x, u, ro, *_ in w.rows:
        if w.role[a] == "ordinary" and (u or ro):
            n[a] = n.get(a, 0) + 1
    for v in [a for a, k in n.items() if 8 <= k <= 16][:10]:
        w.role[v] = "victim"
        for t, item in shares_of(w, v):
            for a in att:
                w.share(a, t + r.uniform(1, 20), item)


def faster_polls(w, n_att):
    """A tool posts many sites for its customers; attackers poll the same sites oftener, and copy."""
    r = w.rng
    att = attackers(w, n_att)
    feed_tool(w)
    vic = _victims(w, "crowd:tool", 4)
    for v in vic:
        for t, item in shares_of(w, v):
            for a in att:
                if r.random() < 0.6:
                    w.share(a, t + (r.uniform(-20, -1) if r.random() < 0.5 else r.uniform(1, 15)), item)


def before_by_years(w, n_att):
    """Shares dated back by hours make popular things old, so that quick people stand among slow ones; and copies."""
    r = w.rng
    att = attackers(w, n_att)
    vic = victims_ordinary(w, 4)
    for v in vic:
        for t, item in shares_of(w, v)[:60]:
            for a in att:
                if r.random() < 0.5:
                    w.share(a, t - r.uniform(3, 40) * 3600, item)
                else:
                    w.share(a, t + r.uniform(0, 10), item)


def post_again(w, n_att):
    """Attackers post early and late, again and again, and delete what met nobody: only the rest is in the file."""
    r = w.rng
    att = attackers(w, n_att)
    for v in victims_ordinary(w, 3):
        for t, item in shares_of(w, v)[:60]:
            for a in att:
                for late in (r.uniform(-1800, -60), r.uniform(1, 8), r.uniform(60, 900)):
                    if r.random() < 0.6:
                        w.share(a, t + late, item)


def surround(w, n_att):
    """Six puppets for each attacker, each around a third of what two people share, and before it at times."""
    r = w.rng
    puppets = attackers(w, 6 * n_att)
    victims = victims_ordinary(w, 2)
    for v in victims:
        for t, item in shares_of(w, v)[:80]:
            for a in puppets:
                if r.random() < 0.33:
                    w.share(a, t + (r.uniform(1, 30) if r.random() < 0.8 else -r.exponential(900)), item)


def flood(w, n_att):
    """Puppets flood popular things late, and attackers copy five people: all others look slow beside them."""
    r = w.rng
    att = attackers(w, n_att)
    puppets = w.accounts("attacker_flood", 80)
    victims = victims_ordinary(w, 5)
    for v in victims:
        for t, item in shares_of(w, v)[:50]:
            for a in att:
                if r.random() < 0.8:
                    w.share(a, t + r.uniform(1, 9), item)
            for a in r.choice(puppets, 15, replace=False):
                w.share(a, t + r.uniform(1200, 4 * 3600), item)


def answer_guys(w, n_att):
    """Attackers answer famous accounts before and after three people who always answer them at once."""
    r = w.rng
    answerers(w)
    att = attackers(w, n_att)
    vic = _victims(w, "crowd:answerer", 3)
    for v in vic:
        for _p, a, t, _x, _u, _ro, re, _h in list(w.rows):
            if a == v and re:
                for one in att:
                    if r.random() < 0.4:
                        w.post(
                            one, t + (r.uniform(-6, -1) if r.random() < 0.3 else r.uniform(1, 8)), w.say(6), reply_to=re
                        )


def summoned(w, n_att):
    """A bot reposts what it is asked to, in two to nine seconds: attackers summon it, and so do others (foreseen)."""
    r = w.rng
    bot = w.account("victim")
    w.chatter([bot], 1)
    att = attackers(w, n_att)
    pop = w.popular(5)
    for t in np.sort(r.uniform(0, w.days * D, 12 * w.days)):
        old = [x[1] for x in pop if 0 < t - x[0] < D]
        if not old:
            continue
        item, by_attackers = old[r.integers(len(old))], r.random() < 0.3
        w.share(bot, t + r.uniform(2, 9), item)
        if by_attackers:
            for a in att:
                if r.random() < 0.8:
                    w.share(a, t + r.uniform(0, 14), item)
        else:
            w.share(r.choice(w.people), t, item)


def campaign(
    w,
    n=8,
    ops=14,
    jitter=40.0,
    takes=(0.6, 0.9),
    shape="even",
    bursts=0,
    part=(0.0, 1.0),
    kinds=("hidden",),
    rate=3.0,
    name="",
):
    """A campaign of members with ordinary lives.

    ``shape``: everybody within the jitter of a call ('even'), each after the one before ('chain'), or after a hub that
    begins two times in three ('hub'). ``bursts``: operations come in so many sittings of two hours; 0 = at any time.
    ``kinds`` of things: popular ones ('hidden'), links of its own ('own'), texts in nearly the same words ('words'),
    tags ('tags').
    """
    r = w.rng
    g = w.accounts(f"plant:{name}", n)
    w.chatter(g, rate * 0.6)
    w.takes_part(g, rate * 0.5)
    part_of = r.uniform(*takes, n)
    begin, end = part[0] * w.days * D, part[1] * w.days * D
    sits = [r.uniform(begin, end - 7200) for _ in range(bursts)]
    for k in range(ops):
        kind = kinds[k % len(kinds)]
        t = sits[k % bursts] + r.uniform(0, 7200) if bursts else r.uniform(begin, end)
        if kind == "hidden":
            live = [x for x in w.items if x[2] >= 10 and 0 < t - x[0] < 8 * x[3] + 1200]
            if not live:
                continue
            item = live[r.integers(len(live))][1]
        else:
            item = w.new_item(t, {"own": "link", "words": "text", "tags": "tags"}[kind])
        order = [int(i) for i in r.permutation(n) if r.random() < part_of[i]]
        if shape == "hub" and r.random() < 0.67:
            order = [0, *(i for i in order if i)]
        at = t
        for place, i in enumerate(order):
            if shape == "chain":
                at += r.exponential(jitter / 3)
            else:
                at = t if shape == "hub" and not place else t + r.uniform(0, jitter)
            if kind == "words":
                words = item[1].split()
                words[r.integers(len(words))] = w.wl[r.integers(4000)]
                w.post(g[i], at, " ".join(words))
            else:
                w.share(g[i], at, item)


def _some(*plants):
    def make(w):
        for k, how in enumerate(plants):
            told = "-".join(str(v).replace(" ", "") for v in how.values())
            campaign(w, name=f"{k}:{told}", **how)

    return make


def _by_two_and_five(*attacks):
    return {f"{one.__name__}_{n}": (lambda w, n=n, one=one: one(w, n)) for one in attacks for n in (2, 5)}


MORE_ATTACKS = _by_two_and_five(copy_any_delay, chaff, sparse, before_by_years, surround, flood)
MORE_FORESEEN = _by_two_and_five(faster_polls, summoned, post_again, answer_guys)
MORE_CAMPAIGNS = {
    "mid_hidden": _some(*({"n": n, "ops": ops} for n in (5, 8, 12) for ops in (8, 12, 18))),
    "mid_own": _some(*({"n": n, "ops": ops, "kinds": ("own",)} for n in (5, 8, 12) for ops in (8, 12))),
    "shapes": _some(
        {"n": 8, "ops": 14, "shape": "chain"},
        {"n": 8, "ops": 14, "shape": "hub"},
        {"n": 4, "ops": 16},
        {"n": 20, "ops": 12, "jitter": 60.0},
        {"n": 8, "ops": 14, "bursts": 4},
        {"n": 8, "ops": 14, "part": (0.5, 0.8)},
    ),
    "mixed_kinds": _some(
        {"n": 8, "ops": 16, "kinds": ("hidden", "own", "words", "tags")},
        {"n": 6, "ops": 16, "kinds": ("hidden", "words")},
        {"n": 10, "ops": 12, "kinds": ("own", "tags")},
        {"n": 8, "ops": 16, "kinds": ("words",)},
    ),
}
