"""What rows answer and who published them, where columns are called as no other program calls them; chats by days."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dideban.errors import InputError

N = 12
FIRST = datetime(2026, 5, 11, 9, 3, 7, tzinfo=UTC)
TEXTS = [f"word {n} of the market" for n in range(N)]
ANSWERS = {5: 2, 7: 5, 9: 2, 11: 0}
"""Number of a row to the one that it answers."""


def at(n: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return (FIRST + timedelta(hours=5 * n, seconds=3 * n)).strftime(form)


def table(head: str, *rows: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head.split("|"), *rows])
    return out.getvalue()


@pytest.mark.parametrize("none", ["root", "0", "\\N", ""])
@pytest.mark.parametrize("name", ["parent", "replied_post", "in_response_to_key", "پاسخ به"])
def test_the_post_that_a_row_answers_is_found_by_the_ids_it_holds(intake, name: str, none: str) -> None:
    rows = [[f"m{n}", f"u{n % 4}", at(n), TEXTS[n], f"m{ANSWERS[n]}" if n in ANSWERS else none] for n in range(N)]
    got = intake(table(f"id|author|created_at|text|{name}", *rows))
    assert got.column("reply_to") == [f"m{ANSWERS[n]}" if n in ANSWERS else None for n in range(N)]


def test_a_row_that_is_called_nought_is_answered(intake) -> None:
    rows = [[n, f"u{n % 4}", at(n), TEXTS[n], max(n - 1, 0) if n else ""] for n in range(N)]
    got = intake(table("id|author|created_at|text|reply_to", *rows))
    assert got.column("reply_to") == [None] + [str(n - 1) for n in range(1, N)]


def test_a_column_of_answers_that_holds_other_things_is_none(intake) -> None:
    for cells in (["7"] * N, [f"m{n}" for n in range(N)], ["yes", "no"] * 6, [f"w{n}" for n in range(N)]):
        rows = [[f"m{n}", f"u{n % 4}", at(n), TEXTS[n], cells[n]] for n in range(N)]
        assert intake(table("id|author|created_at|text|parent", *rows)).column("reply_to") == [None] * N, cells[0]


def test_the_id_of_a_row_is_what_others_answer_whatever_it_is_called(intake) -> None:
    casts = [
        {
            "hash": f"0x{n:040x}", "author": {"fid": 7 + n % 4, "username": f"u{n % 4}"}, "text": TEXTS[n],
            "timestamp": at(n), "parent_hash": f"0x{ANSWERS[n]:040x}" if n in ANSWERS else None,
        }
        for n in range(N)
    ]  # fmt: skip
    got = intake("\n".join(map(json.dumps, casts)))
    assert got.column("post_id") == [f"0x{n:040x}" for n in range(N)]
    assert [got.column("reply_to")[n] for n in ANSWERS] == [f"0x{ANSWERS[n]:040x}" for n in ANSWERS]


@pytest.mark.parametrize("source", ["Source", "Publication", "منبع", "Media outlet"])
def test_an_article_is_of_its_paper_where_nobody_else_is_named(intake, source: str) -> None:
    rows = [[f"Paper {n % 3}", at(n), TEXTS[n], f"https://paper{n % 3}.example/{n}"] for n in range(N)]
    got = intake(table(f"{source}|Date|Headline|URL", *rows))
    assert got.column("account_id") == [f"Paper {n % 3}" for n in range(N)]
    assert got.column("urls") == [[]] * N, "the address of an article is not shared by it"


def test_an_article_is_of_its_paper_where_few_name_who_wrote(intake) -> None:
    articles = [
        {"source": {"id": None, "name": f"Paper {n % 3}"}, "author": "J" if n % 3 == 1 else None, "title": TEXTS[n],
         "url": f"https://paper{n % 3}.example/{n}", "publishedAt": at(n, "%Y-%m-%dT%H:%M:%SZ")}
        for n in range(N)
    ]  # fmt: skip
    got = intake(json.dumps({"status": "ok", "articles": articles}))
    assert got.column("account_id") == [f"Paper {n % 3}" for n in range(N)]
    assert got.rejects == []


@pytest.mark.parametrize("cells", [["Twitter for iPhone", "Twitter Web App"], ["twitter", "facebook"], ["one", "one"]])
def test_a_source_that_is_a_program_or_a_platform_is_nobody(intake, cells: list[str]) -> None:
    rows = [[cells[n % 2], at(n), TEXTS[n], f"https://n.example/{n}"] for n in range(N)]
    with pytest.raises(InputError):
        intake(table("Source|Date|Headline|URL", *rows))


def test_a_short_id_of_an_account_is_met_again_and_that_of_a_row_is_not(intake) -> None:
    rows = [[f"9{n % 4}", at(n), TEXTS[n]] for n in range(N)]
    assert intake(table("uid|ctime|content", *rows)).column("account_id") == [f"9{n % 4}" for n in range(N)]
    with pytest.raises(InputError):
        intake(table("uid|ctime|content", *[[f"9{n:03d}", at(n), TEXTS[n]] for n in range(N)]))


def test_an_address_of_the_post_that_stands_twice_is_shared_by_neither(intake) -> None:
    posts = [
        {"uuid": f"k{n}", "thread": {"uuid": f"t{n}", "url": f"https://forum.example/t/{n}"}, "author": f"u{n % 4}",
         "url": f"https://forum.example/t/{n}", "published": at(n), "text": TEXTS[n],
         "external_links": [f"https://news.example/{n % 2}"] if n % 3 else []}
        for n in range(N)
    ]  # fmt: skip
    got = intake(json.dumps({"posts": posts}))
    assert got.column("urls") == [[f"https://news.example/{n % 2}"] if n % 3 else [] for n in range(N)]


def test_another_address_on_the_site_of_the_post_in_each_row_is_not_shared(intake) -> None:
    posts = [
        {"id": 70 + n, "date": at(n), "guid": {"rendered": f"https://b.example/?p={n}"}, "link": f"https://b.example/{n}/",
         "author": n % 4, "content": {"rendered": f"<p>{TEXTS[n]} https://news.example/{n % 3}</p>"}}
        for n in range(N)
    ]  # fmt: skip
    assert intake(json.dumps(posts)).column("urls") == [[f"https://news.example/{n % 3}"] for n in range(N)]


def test_a_message_was_made_before_it_arrived(intake) -> None:
    rows = [
        {"topic": "posts", "timestamp": at(n, "%Y-%m-%d %H:%M:59"), "value": {
            "id": f"m{n}", "username": f"u{n % 4}", "created_at": at(n), "text": TEXTS[n]}}
        for n in range(N)
    ]  # fmt: skip
    got = intake("\n".join(map(json.dumps, rows)))
    assert [f"{one:%Y-%m-%d %H:%M:%S}" for one in got.column("created_at")] == [at(n) for n in range(N)]


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "[%Y-%m-%d %H:%M:%S]", "%Y/%m/%d %H:%M -"])
def test_logs_of_irc_name_who_speaks_between_angles(intake, form: str) -> None:
    got = intake("".join(f"{at(n, form)} <u{n % 4}> {TEXTS[n]}: more\n" for n in range(N)))
    assert got.column("account_id") == [f"u{n % 4}" for n in range(N)]
    assert got.column("text") == [f"{text}: more" for text in TEXTS]


def test_words_that_stand_as_json_beside_account_and_time_are_read_with_them(intake) -> None:
    cells = [json.dumps({"text": TEXTS[n], "links": [f"https://news.example/{n % 3}"]}) for n in range(N)]
    got = intake(table("event_ts|actor|payload", *[[at(n), f"u{n % 4}", cells[n]] for n in range(N)]))
    assert got.column("account_id") == [f"u{n % 4}" for n in range(N)]
    assert got.column("text") == TEXTS
    assert got.column("urls") == [[f"https://news.example/{n % 3}"] for n in range(N)]


def test_a_cell_of_json_that_is_broken_is_one_reject(intake) -> None:
    cells = [json.dumps({"text": TEXTS[n]}) for n in range(N)]
    cells[4] = '{"text": '
    got = intake(table("event_ts|actor|payload", *[[at(n), f"u{n % 4}", cells[n]] for n in range(N)]))
    assert got.law
    assert got.column("text") == [text for n, text in enumerate(TEXTS) if n != 4]
    assert len(got.rejects) == 1


@pytest.mark.parametrize("depth", [253, 254, 300, 1_100, 100_000])
def test_a_cell_of_json_that_is_nested_without_end_is_one_reject_at_most(intake, depth: int) -> None:
    cells = [json.dumps({"text": TEXTS[n]}) for n in range(N)]
    cells[4] = '{"text": "deep", "a": ' + "[" * depth + "]" * depth + "}"
    got = intake(table("event_ts|actor|payload", *[[at(n), f"u{n % 4}", cells[n]] for n in range(N)]))
    assert got.law
    assert [text for text in got.column("text") if text != "deep"] == [t for n, t in enumerate(TEXTS) if n != 4]
    assert len(got.rejects) <= 1


def test_hours_are_hours_with_their_word_behind_them(intake) -> None:
    rows = [[f"m{n}", f"u{n}", at(n, "%d.%m.%Y"), at(n, "%H:%M Uhr"), TEXTS[n]] for n in range(N)]
    got = intake(table("id|Verfasser|Datum|Uhrzeit|Beitrag", *rows))
    assert [f"{one:%H:%M}" for one in got.column("created_at")] == [at(n, "%H:%M") for n in range(N)]


EVENT = {"id": "e1", "pubkey": "k1", "created_at": 1777636800, "kind": 1, "tags": [], "content": "word", "sig": "s"}


def nostr(**more: Any) -> str:
    return json.dumps({**EVENT, **more})


def test_events_of_nostr_say_what_they_answer_and_repeat(intake) -> None:
    marked = [["e", "r", "", "root"], ["e", "a", "", "reply"], ["p", "k9"], ["t", "town"], ["q", "z"], ["r"], "odd"]
    got = intake("\n".join([
        nostr(),
        nostr(id="e2", tags=marked, content="more https://n.example/1"),
        nostr(id="e3", tags=[["e", "r"], ["e", "b"]]),
        nostr(id="e4", kind=6, tags=[["e", "e1", "wss://x"], ["p", "k1"]], content="{}"),
        nostr(id="e5", kind=7, tags=[["e", "e1"]], content="+"),
        nostr(id="e6", tags=[["e", "m", "", "mention"]]),
        nostr(id="e7", kind="note"),
        nostr(id="e8", kind=6, tags=[]),
    ]))  # fmt: skip
    rows = {post["post_id"]: post for post in got.posts.to_dicts()}
    assert rows.keys() == {"e1", "e2", "e3", "e4", "e6"}
    assert rows["e2"]["reply_to"] == "a"
    assert rows["e2"]["mentions"] == ["k9"]
    assert rows["e2"]["hashtags"] == ["town"]
    assert rows["e2"]["quote_of"] == "z"
    assert rows["e2"]["urls"] == ["https://n.example/1"]
    assert rows["e3"]["reply_to"] == "b", "old programs write no marks: the last is answered"
    assert rows["e4"]["repost_of"] == "e1"
    assert rows["e6"]["reply_to"] is None
    assert got.law
    assert len(got.rejects) == 1, "a repost of nothing; a like and an unknown kind are counted as what they are"


LINE = """[LINE] Chat history in "Town"
Saved on: 05/20/2026, 10:00

Mon, 05/11/2026
09:03\tSara: the first\tword one https://news.example/1
09:04\tOmar\t"word two
goes on"
09:05\t\tOmar joined the group.

Tue, 12/05/2026
11:30 PM\tSara: the first\tword three
"""


def test_a_chat_of_line_has_its_days_above_its_messages(intake) -> None:
    got = intake(LINE)
    assert [f"{one:%Y-%m-%d %H:%M}" for one in got.column("created_at")] == [
        "2026-05-11 09:03", "2026-05-11 09:04", "2026-05-12 23:30",
    ]  # fmt: skip
    assert got.column("text") == ["word one https://news.example/1", "word two\ngoes on", "word three"]
    assert got.posts["account_id"].n_unique() == 2
    assert set(got.column("platform")) == {"line"}
    assert got.rejects == []


@pytest.mark.parametrize("day", ["2026/05/11(月)", "2026.05.11 月曜日", "2026年5月11日 星期一", "2026. 5. 11."])
@pytest.mark.parametrize("clock", ["21:03", "午後9:03", "오후 9:03", "9:03 PM"])
def test_days_and_hours_of_line_in_other_languages(intake, day: str, clock: str) -> None:
    got = intake(f"[LINE] Townのトーク履歴\n保存日時:2026/05/20 10:00\n\n{day}\n{clock}\tSara\tword\n")
    assert [f"{one:%Y-%m-%d %H:%M}" for one in got.column("created_at")] == ["2026-05-11 21:03"]
