"""A third set of crowds, of people: prizes, streams, scores, sales, desks, nights of counting, queues for results."""

from __future__ import annotations

import numpy as np
from crowds_events import _others, _people
from world import heavy

D = 86400.0


def repost_within(w):
    """Shops draw a prize among those who repost within a quarter of an hour; the same hunters enter again and again."""
    r = w.rng
    hosts = w.accounts("crowd:shop", 15)
    hunters = _people(w, "crowd:entrant", 32, 1.0, 0.7)
    keen, pace = r.beta(1.5, 4, 32), r.lognormal(5.2, 0.7, 32)
    for t in np.sort(r.uniform(0, w.days * D, 7 * w.days)):
        if (t / 3600) % 24 < 8:
            continue
        item = w.new_item(t, "repost", author=r.choice(hosts))
        tags = ("tags", ("giveaway", str(w.words[r.integers(300, 900)]), f"win{r.integers(40)}"))
        for a, p, d in zip(hunters, keen, pace, strict=True):
            if r.random() < p:
                at = t + min(d * r.lognormal(0, 0.6), r.uniform(840, 900))
                w.share(a, at, item)
                if r.random() < 0.5:
                    w.share(a, at + r.uniform(5, 40), tags)
        _others(w, t, item, 4, 6.5)


def stream_chat(w):
    """Regular viewers of four live streams; the streamer shows a page or a clip, and some pass it on at once."""
    r = w.rng
    for _s in range(4):
        viewers = _people(w, "crowd:streamview", 18)
        here, keen, pace = r.beta(2, 2, 18), r.beta(1, 3, 18), r.lognormal(4.0, 0.7, 18)
        hour = r.uniform(17, 22)
        for day in range(w.days):
            if r.random() < 0.4:
                continue
            t0 = day * D + (hour + r.normal(0, 0.4)) * 3600
            now = [i for i in range(18) if r.random() < here[i]]
            for t in t0 + np.sort(r.uniform(0, 3 * 3600, 7)):
                shown = w.popular(8)
                old = [x[1] for x in shown if 0 < t - x[0] < D]
                item = old[r.integers(len(old))] if old and r.random() < 0.5 else w.new_item(t, "link")
                for i in now:
                    if r.random() < keen[i]:
                        w.share(viewers[i], t + pace[i] * r.lognormal(0, 0.6), item)
                _others(w, t, item, 3, 7)


def scores(w):
    """Fans type the score by hand at each goal, in the few words that everybody uses, with the tag of the match."""
    r = w.rng
    clubs = [str(x) for x in w.words[700:716]]
    fans = {c: _people(w, "crowd:scorer", 7, 0.8, 0.6) for c in clubs[:12]}
    pace = {a: r.lognormal(3.4, 0.7) for some in fans.values() for a in some}
    for day in range(w.days):
        kicks = day * D + np.array([13.5, 16, 18.5]) * 3600
        pairs = r.permutation(12).reshape(6, 2)
        for k, (x, y) in enumerate(pairs):
            one, two, goals = clubs[x], clubs[y], [0, 0]
            for t in kicks[k % 3] + np.sort(r.uniform(0, 6600, r.poisson(2.8))):
                goals[int(r.random() < 0.5)] += 1
                text = f"goal {one} {goals[0]} {goals[1]} {two}"
                for a in [*fans[one], *fans[two]]:
                    if r.random() < 0.4:
                        more = ["", "!!!", " come on", f" {int((t - kicks[k % 3]) // 60)}'"][r.integers(4)]
                        w.post(a, t + pace[a] * r.lognormal(0, 0.5), f"{text}{more} #{one}{two}", hashtags=[one + two])


def flash_sales(w):
    """A shop begins a sale at ten each day; partners announce it with an address of their own, some by a scheduler."""
    r = w.rng
    partners = _people(w, "crowd:affiliate", 26, 1.2, 0.7)
    by_tool, late = r.random(26) < 0.4, r.lognormal(5.6, 1.0, 26)
    picks = r.beta(2, 3, 26)
    for day in range(w.days):
        for hour in (10, 18):
            t0 = day * D + hour * 3600
            goods = [w.new_item(t0, "link", "bigshop.example") for _ in range(5)]
            for k, a in enumerate(partners):
                t = t0 + (r.uniform(0, 3) if by_tool[k] else late[k] * r.lognormal(0, 0.5))
                for item in goods:
                    if r.random() < picks[k]:
                        own = f"{item[1]}?ref=p{k}&utm_source=aff"
                        w.post(a, t, f"{item[2]} {own}" if r.random() < 0.6 else f"{w.say(6)} {own}", urls=[own])
                        t += r.exponential(4 if by_tool[k] else 60)
            for item in goods:
                _others(w, t0, item, 3, 7.5)


def agency_desks(w):
    """Desks of ten papers see one agency's push at once; each posts what is for its readers, as quickly as it can."""
    r = w.rng
    desks = _people(w, "crowd:agencydesk", 20, 3, 1)
    beat = r.random((20, 6)) < 0.55
    pace, keen = r.lognormal(4.6, 0.6, 20), r.uniform(0.3, 0.8, 20)
    for t in np.sort(r.uniform(0, w.days * D, 13 * w.days)):
        kind = r.integers(6)
        item = w.new_item(t, "link", "agency.example")
        on_duty = (t / 3600) % 24 > 6
        for k, a in enumerate(desks):
            if beat[k, kind] and on_duty and r.random() < keen[k]:
                w.share(a, t + pace[k] * r.lognormal(0, 0.5), item, comment=0.3)
        _others(w, t, item, 5, 8)


def transit(w):
    """Lines of trains with programs that post delays, and riders who share the notice while they wait."""
    r = w.rng
    for _line in range(6):
        bot = w.account("crowd:transitbot")
        riders = _people(w, "crowd:rider", 11, 1, 0.7)
        rides = r.beta(2, 3, 11)
        for day in range(w.days):
            if day % 7 >= 5:
                continue
            for hour in (7.7, 17.4):
                if r.random() < 0.45:
                    continue
                t = day * D + (hour + r.normal(0, 0.5)) * 3600
                item = w.new_item(t, "repost", author=bot)
                for again in range(1 + r.poisson(0.7)):
                    for i, a in enumerate(riders):
                        if r.random() < rides[i] * 0.6:
                            w.share(a, t + again * 600 + r.lognormal(5, 0.9), item)
                            if r.random() < 0.3:
                                w.post(a, t + again * 600 + r.lognormal(5.3, 0.9), w.say(5))
                    item = w.new_item(t + (again + 1) * 600, "repost", author=bot)
                _others(w, t, item, 2, 7)


def exam_results(w):
    """Marks of three examinations appear at a fixed minute; all who wait post the page, the tag and glad words."""
    r = w.rng
    pupils = _people(w, "crowd:examinee", 120, 0.7, 0.5)
    phrases = [w.say(r.integers(5, 9)) for _ in range(6)]
    for exam, day in enumerate(np.linspace(1, w.days - 1, 3).astype(int)):
        t0 = day * D + 12 * 3600
        page = w.new_item(t0, "link", "results.example")
        memes = [w.new_item(t0 - 3600 * k, "repost") for k in range(1, 5)]
        for a in pupils:
            if r.random() < 0.6:
                t = t0 + r.lognormal(5.5, 1.2)
                w.share(a, t, page)
                if r.random() < 0.7:
                    w.post(a, t + r.exponential(120), f"{phrases[r.integers(6)]} #exam{exam}", hashtags=[f"exam{exam}"])
                for item in memes:
                    if r.random() < 0.25:
                        w.share(a, t0 - r.exponential(3000), item)


def election_night(w):
    """Counts come every few minutes for two evenings; followers of the count post each by hand within minutes."""
    r = w.rng
    crowd = _people(w, "crowd:counter", 45)
    keen, pace = r.beta(1, 3, 45), r.lognormal(3.9, 0.7, 45)
    names = [str(x) for x in w.words[1200:1206]]
    for day in range(min(2, w.days)):
        t0 = (w.days - 1 - day) * D + 18 * 3600
        here = r.random(45) < 0.75
        for n, t in enumerate(t0 + np.cumsum(r.uniform(120, 420, 60))):
            page = w.new_item(t, "link", "count.example")
            text = f"{n * 1.6:.1f} % counted: " + ", ".join(f"{x} {r.uniform(5, 35):.1f}" for x in names)
            for i, a in enumerate(crowd):
                if here[i] and r.random() < keen[i]:
                    at = t + pace[i] * r.lognormal(0, 0.5)
                    w.share(a, at, ("text", text) if r.random() < 0.5 else page)
            _others(w, t, page, 4, 6)


def podcasts(w):
    """Episodes come out at six; an app posts 'listened to' when an episode ends: who starts early ends together."""
    r = w.rng
    shows = [f"pod{i}.example" for i in range(9)]
    crowd = _people(w, "crowd:listener", 40, 1, 0.7)
    subs = r.random((40, 9)) < 0.4
    auto, starts = r.random(40) < 0.35, r.normal(7.6, 0.7, 40)
    for day in range(w.days):
        for s, site in enumerate(shows):
            if (day + s) % 2:
                continue
            item, length = w.new_item(day * D + 6 * 3600, "link", site), r.uniform(1200, 5400)
            for i, a in enumerate(crowd):
                if subs[i, s] and r.random() < 0.6:
                    begin = 6 + r.exponential(0.03) if auto[i] else starts[i] + r.normal(0, 0.25)
                    w.share(a, day * D + begin * 3600 + length + r.exponential(4), item, comment=0)
            _others(w, day * D + 6 * 3600, item, 2.5, 9)


def game_reset(w):
    """Players of three games post codes and finds after the reset of the day; guilds have hours of their own."""
    r = w.rng
    for g in range(3):
        crowd = _people(w, "crowd:gamer", 24, 1, 0.7)
        plays, late = r.beta(2, 3, 24), r.lognormal(6, 1.2, 24)
        for day in range(w.days):
            t0 = day * D + 3600 * 4 * g
            code = "".join(r.choice(list("ABCDEFGHJKLMNPQ"), 10))
            news = [("text", f"{w.wl[900 + g]} code today {code} gives 60 gems go and redeem it before the reset")]
            news += [w.new_item(t0, "link", f"game{g}.example"), ("tags", (f"game{g}", f"day{day}", "reset"))]
            for i, a in enumerate(crowd):
                for item in news:
                    if r.random() < plays[i] * 0.7:
                        w.share(a, t0 + late[i] * r.lognormal(0, 0.6), item)
            _others(w, t0, news[1], 2, 8)
            hour = t0 + r.uniform(14, 20) * 3600
            find = w.new_item(hour, "repost")
            for a in crowd[:9]:
                if r.random() < 0.5:
                    w.share(a, hour + r.lognormal(5, 0.9), find)


def birthdays(w):
    """Fans of ten stars wish a happy birthday at midnight in their zone; the same tags and pictures."""
    r = w.rng
    for star in range(10):
        fans = _people(w, "crowd:wisher", 16, 0.8, 0.6)
        zone = r.choice([0, 3.5, 8], 16)
        for day in r.choice(w.days, min(3, w.days), replace=False):
            tags = ("tags", (f"happy{star}", f"{w.words[star]}day", f"d{day}"))
            picture = w.new_item(day * D, r.choice(["repost", "link"]))
            for i, a in enumerate(fans):
                if r.random() < 0.7:
                    t = day * D + ((-zone[i]) % 24) * 3600 + r.exponential(240)
                    for item in (tags, picture):
                        if r.random() < 0.7:
                            w.share(a, t, item)
                            t += r.exponential(60)
            _others(w, day * D, picture, 5, 8.5)


def _lately_shared(w, t, *, hours):
    """Things of the hours before that more than five share, and the chance of each to be seen."""
    old = [x for x in w.items if 0 < t - x[0] < hours * 3600 and x[2] > 5]
    n = np.array([x[2] for x in old], float)
    return old, n / n.sum()


def shifts(w):
    """Nurses and drivers on three shifts look at what happened when theirs ends, minute by minute the same each day."""
    r = w.rng
    for ends in (6.0, 14.0, 22.0):
        for _ward in range(3):
            crowd = w.accounts("crowd:shift", 10)
            w.chatter(crowd, 0.6)
            for day in range(w.days):
                t0 = day * D + ends * 3600 + r.normal(0, 200)
                old, chance = _lately_shared(w, t0, hours=10)
                if not old:
                    continue
                for a in crowd:
                    if r.random() < 0.65:
                        t = t0 + r.lognormal(5, 0.8)
                        for i in r.choice(len(old), min(len(old), 1 + r.poisson(1.3)), replace=False, p=chance):
                            w.share(a, t, old[i][1])
                            t += r.exponential(60)


def flights(w):
    """Fans who follow a tour, and delegations: hours in the air, and when the aeroplane lands all look at once."""
    r = w.rng
    for _ in range(5):
        crowd = w.accounts("crowd:landed", 12)
        w.chatter(crowd, 1)
        w.takes_part(crowd, 0.6)
        for t0 in np.sort(r.uniform(0, w.days * D, int(1.5 * w.days))):
            old, chance = _lately_shared(w, t0, hours=7)
            if not old:
                continue
            for a in crowd:
                if r.random() < 0.75:
                    t = t0 + r.lognormal(4.3, 0.8)
                    w.post(a, t, w.say(3))
                    for i in r.choice(len(old), min(len(old), 2 + r.poisson(1.5)), replace=False, p=chance):
                        t += r.exponential(30)
                        w.share(a, t, old[i][1])


def deadlines(w):
    """Classes that must post their work and answer each other's by midnight; most do it in the last hour."""
    r = w.rng
    for _c in range(4):
        crowd = _people(w, "crowd:deadline", 14, 0.7, 0.5)
        last = r.exponential(2400, 14)
        for day in range(1, w.days, 2):
            t0 = day * D + 23.95 * 3600
            sources = [w.new_item(t0 - D, "link") for _ in range(4)]
            works = {}
            for i, a in enumerate(crowd):
                if r.random() < 0.85:
                    t = t0 - last[i] * r.lognormal(0, 0.5)
                    works[w.post(a, t, w.say(20))] = t
                    for item in sources:
                        if r.random() < 0.5:
                            w.share(a, t - r.exponential(200), item)
            for a in crowd:
                for pid in r.permutation([one for one in works if one])[:3]:
                    w.post(a, max(works[pid], t0 - r.exponential(1800)) + r.exponential(100), w.say(9), reply_to=pid)


def quizzes(w):
    """A quiz on air each evening: all answer each question within half a minute, in a word, under its post."""
    r = w.rng
    host = w.account("crowd:quizhost")
    crowd = _people(w, "crowd:quiz", 40)
    plays, pace = r.beta(1.5, 2.5, 40), r.lognormal(2.8, 0.5, 40)
    for day in range(w.days):
        here = r.random(40) < plays
        for n in range(12):
            t = day * D + 20 * 3600 + n * 150
            pid = w.post(host, t, w.say(10) + " a b c")
            for i, a in enumerate(crowd):
                if here[i] and r.random() < 0.8:
                    w.post(
                        a,
                        t + pace[i] * r.lognormal(0, 0.4),
                        f"{'abc'[r.integers(3)]} #quiz",
                        reply_to=pid or "",
                        hashtags=["quiz"],
                    )


def outage(w):
    """The platform is down three times for hours; what people saved and what tools queued goes out at the return."""
    r = w.rng
    stops = [(t, t + r.uniform(1.5, 5) * 3600) for t in np.sort(r.uniform(1, w.days - 1, 3)) * D]
    kept = []
    for row in w.rows:
        p, a, t, *rest = row
        for begin, end in stops:
            if begin <= t < end:
                tool = int(a[1:]) % 4 == 0
                t = end + (r.uniform(0, 40) if tool else r.lognormal(5.5, 1.2))
        kept.append((p, a, t, *rest))
    w.rows = [row for row in kept if row[2] < w.days * D]


def radio(w):
    """Listeners of five stations share the song that plays, by a button; two programs of fans post every song."""
    r = w.rng
    songs = [w.new_item(0, "link", "songs.example") for _ in range(90)]
    for _s in range(5):
        bots = w.accounts("crowd:songbot", 2)
        crowd = _people(w, "crowd:radio", 14, 1, 0.7)
        hour, likes = r.uniform(7, 21, 14), r.random((14, 90)) < 0.25
        t = 0.0
        while t < w.days * D:
            n = int(r.integers(90))
            for b in bots:
                if 6 < (t / 3600) % 24 < 23 and r.random() < 0.12:
                    w.share(b, t + r.uniform(3, 20), songs[n], comment=0)
            for i, a in enumerate(crowd):
                if likes[i, n] and abs((t / 3600) % 24 - hour[i]) < 1 and r.random() < 0.35:
                    w.share(a, t + r.uniform(10, 200), songs[n])
            t += r.uniform(180, 260)


def sheet_of_requests(w):
    """Volunteers pass on calls for help from one sheet, which all of them have open (a tool outside)."""
    r = w.rng
    crowd = _people(w, "crowd:sheet", 16, 1.5, 1)
    keen, pace = r.uniform(0.15, 0.6, 16), r.lognormal(4.8, 0.8, 16)
    for t in np.sort(r.uniform(0, w.days * D, 10 * w.days)):
        item = w.new_item(t - 1800, r.choice(["repost", "text", "link"]))
        for i, a in enumerate(crowd):
            if r.random() < keen[i]:
                w.share(a, t + pace[i] * r.lognormal(0, 0.7), item)
        _others(w, t, item, 3, 7.5)


def group_chats(w):
    """Six chats of friends: a link dropped in the chat is posted by some within a minute, by some in the evening."""
    r = w.rng
    for _ in range(6):
        crowd = _people(w, "crowd:groupchat", 6, 2, 1.2)
        keen = r.uniform(0.2, 0.7, 6)
        for t in r.uniform(0, w.days * D, int(1.5 * w.days)):
            old = [x for x in w.items if 0 < t - x[0] < D and x[2] > 3]
            item = old[r.integers(len(old))][1] if old and r.random() < 0.6 else w.new_item(t, "link")
            for i, a in enumerate(crowd):
                if r.random() < keen[i]:
                    w.share(a, t + (heavy(r, 5, 120) if r.random() < 0.6 else r.lognormal(9, 1)), item)
            _others(w, t, item, 1.5)
