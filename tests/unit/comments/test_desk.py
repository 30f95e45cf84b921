"""What readers and moderators can do, and what nobody can."""

from __future__ import annotations

import json
import sqlite3

import pytest

from dideban.comments import limits
from dideban.comments.clean import clean, count_links
from dideban.comments.proof_of_work import age_of, is_done, work
from dideban.comments.sealing import make_keys, unseal
from dideban.comments.service import Sent
from dideban.comments.words import LANGUAGES, words_of
from dideban.errors import InputError
from unit.comments.desk import PAGE, START, make_desk, send


@pytest.fixture
def desk(tmp_path):
    return make_desk(tmp_path)


def refused(call, code):
    with pytest.raises(InputError) as error:
        call()
    assert error.value.message.code == f"comments.{code}"


def shown(desk):
    path = desk.store.folder / "shown.json"
    return json.loads(path.read_text())["pages"] if path.exists() else {}


def decide(desk, do, **more):
    groups, _ = desk.queue()
    return desk.decide([(one.cluster, one.last_id) for one in groups], do=do, by="mina", **more)


def test_nothing_is_shown_before_a_moderator_has_read_it(desk):
    desk, clock = desk
    number, key = send(desk, clock, "پل را هر سال می‌بینم.", name="مینا")
    assert shown(desk) == {}
    assert desk.own(number, key)["state"] == "waiting"
    assert decide(desk, "show") == 1
    (one,) = shown(desk)[PAGE]["comments"]
    assert (one["name"], one["body"]) == ("مینا", "پل را هر سال می‌بینم.")
    assert desk.own(number, key)["state"] == "shown"


def test_a_refusal_has_a_reason_that_the_writer_reads(desk):
    desk, clock = desk
    number, key = send(desk, clock, "He lives at 4 Mill Street.")
    refused(lambda: decide(desk, "refuse"), "no-reason")
    decide(desk, "refuse", reason="person")
    assert (desk.own(number, key)["state"], desk.own(number, key)["reason"]) == ("refused", "person")
    for lang in LANGUAGES:
        assert words_of(lang)("reason.person")
        assert set(words_of(lang).part("reason")) == set(limits.REASONS)


def test_the_key_alone_edits_and_deletes_and_only_its_hash_is_kept(desk):
    desk, clock = desk
    number, key = send(desk, clock, "First words of mine.")
    assert len(key) >= 22  # 128 bits
    assert key.encode() not in (desk.store.folder / "comments.sqlite3").read_bytes()
    for wrong in ("", key[:-1], key + "x", "é"):
        refused(lambda wrong=wrong: desk.own(number, wrong), "not-yours")
        refused(lambda wrong=wrong: desk.delete(number, wrong), "not-yours")
    refused(lambda: desk.own(number + 1, key), "not-yours")
    decide(desk, "show")
    desk.edit(number, key, name="", body="Other words of mine.")
    assert shown(desk) == {}  # it has to be read again
    decide(desk, "show")
    assert shown(desk)[PAGE]["comments"][0]["body"] == "Other words of mine."
    desk.delete(number, key)
    assert shown(desk) == {}
    refused(lambda: desk.own(number, key), "not-yours")
    assert "Other words" not in _dump(desk)


def _dump(desk):
    with sqlite3.connect(desk.store.path) as link:
        return "\n".join(link.iterdump())


def test_limits_of_one_network(desk):
    desk, clock = desk
    for n in range(limits.PER_HOUR):
        send(desk, clock, f"Comment number {n} of this network.", address=f"203.0.113.{n}")
    refused(lambda: send(desk, clock, "One more.", address="203.0.113.200"), "too-many")
    send(desk, clock, "From elsewhere.", address="198.51.100.1")
    send(desk, clock, "From the new net.", address="2001:db8:1::1")
    for n in range(limits.PER_HOUR - 1):
        send(desk, clock, f"More of the same {n}.", address=f"2001:db8:1:{n}::9")
    refused(lambda: send(desk, clock, "A sixth.", address="2001:db8:1:ffff::1"), "too-many")
    clock.at += 3_700
    send(desk, clock, "An hour later.", address="203.0.113.9")


def test_networks_are_forgotten_after_two_days(desk):
    desk, clock = desk
    send(desk, clock, "Words that stay.")
    with desk.store.connect() as link:
        before = link.execute("SELECT net_hash FROM comments").fetchone()[0]
        assert before is not None
    assert b"203.0.113" not in desk.store.path.read_bytes()
    clock.at += limits.NETWORK_S + 60
    desk.upkeep()
    with desk.store.connect() as link:
        assert link.execute("SELECT count(*) FROM comments WHERE net_hash IS NOT NULL").fetchone()[0] == 0
        assert link.execute("SELECT count(*) FROM days").fetchone()[0] == 0
    send(desk, clock, "Other words.")
    with desk.store.connect() as link:
        assert link.execute("SELECT max(net_hash) FROM comments").fetchone()[0] != before  # another key: no link


def test_the_key_of_a_day_is_kept_as_long_as_hashes_made_with_it_and_no_longer(desk):
    desk, clock = desk
    for hour in range(0, 120, 5):
        clock.at = START + hour * 3_600
        send(desk, clock, f"Words of hour {hour}.", page=PAGE)
        desk.upkeep()
        with desk.store.connect() as link:
            days = {row[0] for row in link.execute("SELECT day FROM days").fetchall()}
            ages = [
                clock.at - row[0]
                for row in link.execute("SELECT at FROM comments WHERE net_hash IS NOT NULL").fetchall()
            ]
        assert clock.at // 86_400 in days
        assert max(ages) <= limits.NETWORK_S
        assert all(clock.at - (day + 1) * 86_400 < limits.NETWORK_S for day in days)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"wait": 2}, "too-quick"), ({"trap": "x"}, "form-old"), ({"answer": "nonsense"}, "form-old"),
        ({"answer": ""}, "wait"), ({"body": "x" * 2_001}, "too-long"), ({"body": "  \u200b\u202e \n"}, "empty"),
        ({"body": "www.a.example.com https://b.example"}, "links"), ({"name": "see www.a.com"}, "links"),
        ({"page": "/fa/about/"}, "no-page"),
    ],
    ids=["quick", "trap", "wrong work", "no work", "long", "empty", "links", "link as name", "no article"],
)  # fmt: skip
def test_what_a_form_can_do_wrong(desk, change, code):
    desk, clock = desk
    given = {"body": "Plain words."} | change
    body = given.pop("body")
    refused(lambda: send(desk, clock, body, **given), code)
    assert desk.queue() == ([], 0)


def test_without_a_script_waiting_is_the_work_and_fewer_are_taken(desk):
    desk, clock = desk
    for n in range(limits.PER_HOUR_WITHOUT_SCRIPT):
        send(desk, clock, f"No script here, take {n}.", wait=61, answer="")
    refused(lambda: send(desk, clock, "One more.", wait=61, answer=""), "too-many")


def test_a_form_is_sent_once_for_one_page_and_not_for_ever(desk):
    desk, clock = desk
    token = desk.new_token(PAGE)
    clock.at += 10
    sent = {"lang": "fa", "token": token, "answer": work(token, bits=desk.bits), "address": "203.0.113.7"}
    desk.submit(Sent(page=PAGE, body="Once.", **sent))
    refused(lambda: desk.submit(Sent(page=PAGE, body="Twice.", **sent)), "form-used")
    refused(lambda: desk.submit(Sent(page="/fa/bulletins/harbour/", body="Elsewhere.", **sent)), "form-old")
    clock.at += limits.MOST_FORM_S
    refused(lambda: desk.submit(Sent(page=PAGE, body="Later.", **sent)), "form-old")
    assert age_of("1.2.3", page=PAGE, key=b"k", now=9) is None
    assert age_of("", page=PAGE, key=b"k", now=9) is None


def test_the_work_is_what_it_says():
    token = "1.abc.def"
    answer = work(token, bits=10)
    assert is_done(token, answer, bits=10)
    assert not any(is_done(token, str(n), bits=10) for n in range(int(answer)))
    assert not is_done(token, "9" * 21, bits=0)


def test_pages_close_after_thirty_days(desk):
    desk, clock = desk
    clock.at += limits.OPEN_S - 8_000
    send(desk, clock, "In time.")
    clock.at += 8_000
    refused(lambda: desk.new_token(PAGE), "closed")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "/",
        "/fa/../../etc/",
        "/fa/bulletins/none/",
        "/fa/bulletins/bridge",
        "/fa//x/",
        "/FA/x/",
        "/fa/" + "x" * 90 + "/",
        "/fa/%2e%2e/",
    ],
)
def test_only_articles_of_the_site_take_comments(desk, page):
    refused(lambda: desk[0].new_token(page), "no-page")


def test_a_page_that_leads_out_of_the_site_is_none(desk, tmp_path):
    secret = tmp_path / "secret" / "index.html"
    secret.parent.mkdir()
    secret.write_text('"datePublished":"2026-11-01T10:00:00Z"')
    (tmp_path / "site" / "fa" / "linked").symlink_to(secret.parent)
    refused(lambda: desk[0].new_token("/fa/linked/"), "no-page")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("می\u200cروم", "می\u200cروم"), ("\u202eevil\u202c", "evil"), ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("a\u200cb", "ab"), ("\u2066x\u2069", "x"), ("👩\u200d🔬", "👩\u200d🔬"), ("a\x00\x07b", "ab"), ("a\u0301" * 2, "a\u0301a\u0301"),
        ("e" + "\u0301" * 90, "e" + "\u0301" * 4), ("x\n\n\n\n\ny", "x\n\ny"), ("  \u00a0x ", "x"), ("\U000e0041x", "x"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_text(text, seen):
    assert clean(text, limit=2_000) == seen


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("no link. really.", 0), ("https://a.example", 1), ("h\u200bttp\u200cs://a.example x", 1), ("ｈｔｔｐｓ://a.example", 1),
        ("see a.com and b.ir", 2), ("hxxps://a.example", 1), ("a . com", 1), ("3.5 و 4.2", 0), ("www.a.example", 1),
    ],
)  # fmt: skip
def test_links_are_counted_whatever_stands_unseen_inside_them(text, n):
    assert count_links(text) == n


def test_words_of_the_filter_are_found_whatever_stands_inside_them(desk):
    desk, clock = desk
    (desk.store.folder / "filter.txt").write_text("# words\nبدنام\nviagra\n", "utf-8")
    for n, body in enumerate(["او بد\u200cنام است", "او بَدنام است", "buy v\u200bi a g r a", "VIAGRA!", "nothing here"]):
        send(desk, clock, body + " " * n, address=f"198.51.{n}.1")
    flags = {one.first["body"]: one.flags for one in desk.queue()[0]}
    assert [bool(flag) for flag in flags.values()] == [body != "nothing here" for body in flags]


def test_campaigns_in_the_queue_are_one_group_and_decided_at_once(desk):
    desk, clock = desk
    words = (
        "The council sold our bridge to a friend of the mayor and nobody is told about it, share this with everybody"
    )
    for n in range(30):
        send(desk, clock, f"{words} {'!' * n} {'😀' * (n % 3)}", address=f"198.{n}.1.1")
    send(
        desk,
        clock,
        "I walk over the bridge every day and it looks fine to me, thank you for the report.",
        address="192.0.2.1",
    )
    groups, total = desk.queue()
    assert (total, sorted(one.n for one in groups)) == (31, [1, 30])
    large = max(groups, key=lambda one: one.n)
    send(desk, clock, f"{words} one more", address="198.99.1.1")  # came after the moderator looked
    assert desk.decide([(large.cluster, large.last_id)], do="refuse", reason="repeated", by="mina") == 30
    assert desk.queue()[1] == 2


def test_networks_that_comment_together_are_pointed_out(desk):
    desk, clock = desk
    pages = [PAGE, "/fa/bulletins/harbour/", "/en/bulletins/bridge/"]
    for turn, page in enumerate(pages):
        clock.at += 4_000
        for net in range(3):
            send(
                desk,
                clock,
                f"Opinion {turn} of writer {net}, in words of its own number {turn * 7 + net}.",
                page=page,
                address=f"198.{net}.1.1",
            )
    send(desk, clock, "A reader who has nothing to do with them writes this.", address="192.0.2.1")
    marks = {one.first["body"][:9]: one.is_together for one in desk.queue()[0]}
    assert sum(marks.values()) >= 1
    assert not marks["A reader "]


def test_a_hold_keeps_a_sealed_copy_that_deleting_does_not_reach(desk):
    desk, clock = desk
    number, key = send(desk, clock, "A threat that a court asks for.")
    private = make_keys(desk.store.folder).read_bytes()
    desk.hold(number, reason="court, 4 K 12/26", days=30, by="mina")
    desk.delete(number, key)
    assert "A threat" not in _dump(desk)
    with desk.store.connect() as link:
        sealed = link.execute("SELECT sealed FROM holds").fetchone()[0]
    assert b"threat" not in sealed
    assert json.loads(unseal(private, sealed))["body"] == "A threat that a court asks for."
    clock.at += 31 * 86_400
    desk.upkeep()
    with desk.store.connect() as link:
        assert link.execute("SELECT count(*) FROM holds").fetchone()[0] == 0


def test_what_is_shown_is_text_and_nothing_else(desk):
    desk, clock = desk
    send(desk, clock, "<script>alert(1)</script>\n<img src=x onerror=alert(1)>", name="<b>&\"'")
    decide(desk, "show")
    html = shown(desk)[PAGE]["html"]
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>&amp;" not in html.replace('<b><bdi dir="auto">', "")
    assert html.count('<bdi dir="auto">') == 3


def test_a_decision_can_be_taken_back(desk):
    desk, clock = desk
    number, key = send(desk, clock, "Shown by mistake.")
    decide(desk, "show")
    desk.take_back(number, by="mina")
    assert shown(desk) == {}
    assert desk.own(number, key)["state"] == "waiting"
    assert desk.queue()[1] == 1


def test_a_full_queue_says_so(desk, monkeypatch):
    desk, clock = desk
    monkeypatch.setattr(limits, "MOST_WAITING", 2)
    for n in range(2):
        send(desk, clock, f"Words {n}.", address=f"198.{n}.1.1")
    refused(lambda: send(desk, clock, "One more.", address="198.9.1.1"), "full")


def test_moderators_have_keys_that_end(desk):
    desk, _ = desk
    old = desk.add_moderator("mina")
    assert desk.moderator(old) == "mina"
    new = desk.add_moderator("mina")
    assert (desk.moderator(old), desk.moderator(new), desk.moderator("")) == ("", "mina", "")


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_every_language_says_the_same_things(lang):
    from unit.exercises.test_exercises import _shape

    assert _shape(words_of(lang).texts) == _shape(words_of("en").texts)
