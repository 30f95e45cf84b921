"""Columns that look alike: made or collected, repeated or own, shared or searched for. What they hold decides."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from xlsxwriter import Workbook

N = 12
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TIMES = [START + timedelta(hours=13 * i, seconds=i) for i in range(N)]
"""Twelve posts over a week: no day is above 12."""
LINK = "https://news.example/a"


def table(*columns: tuple[str, Callable[[int], object]], delimiter: str = ",") -> str:
    rows = [[name for name, _ in columns], *([str(cell(i)) for _, cell in columns] for i in range(N))]
    return "\n".join(delimiter.join(row) for row in rows)


def number(i: int) -> str:
    return f"{1790000000000000000 + i}"


def account(i: int) -> str:
    return f"u{i % 4}"


BASE = (
    ("id", number),
    ("user", account),
    ("created_at", lambda i: TIMES[i].isoformat()),
    ("text", lambda i: f"word {i}"),
)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("timestamp", lambda i: "2026-03-12T10:00:00Z"),
        ("timestamp", lambda i: f"2026-03-12T10:00:{i:02d}Z"),
        ("created_at", lambda i: f"201{i % 4}-01-01T00:00:00Z"),
        ("created_at", lambda i: "2026-03-20T00:00:00Z"),
    ],
    ids=["one collection", "while collecting", "of the account", "import"],
)
def test_the_time_of_a_post_is_neither_that_of_its_collection_nor_of_its_account(intake, name, other) -> None:
    got = intake(
        table(
            (name, other),
            ("user", account),
            ("tweetDate", lambda i: TIMES[i].strftime("%a %b %d %H:%M:%S +0000 %Y")),
            ("text", lambda i: f"word {i}"),
        )
    )
    assert got.column("created_at") == TIMES


def test_the_time_of_a_link_is_not_that_of_the_post(intake) -> None:
    got = intake(
        table(
            ("canonical_url", lambda i: f"https://news.example/{i % 3}"),
            ("date_published", lambda i: f"2026-02-0{i % 3 + 1}T00:00:00Z"),
            ("from_user_id", account),
            ("tweet_created_at", lambda i: TIMES[i].isoformat()),
            ("tweet_id", number),
        )
    )
    assert got.column("created_at") == TIMES
    assert got.column("urls") == [[f"https://news.example/{i % 3}"] for i in range(N)]


def test_a_table_with_no_other_time_than_that_of_the_index_has_it(intake) -> None:
    got = intake(table(BASE[0], BASE[1], ("indexed_at", lambda i: f"{TIMES[i]:%Y-%m-%d %H:%M:%S}"), BASE[3]))
    assert got.column("created_at") == TIMES


REPOSTS: dict[str, tuple[tuple[str, Callable[[int], object]], ...]] = {
    "rtweet": (("retweet_status_id", lambda i: number(0) if i > 8 else ""),),
    "nested": (("retweetedTweet.id_str", lambda i: number(0) if i > 8 else ""),),
    "address": (("retweetOf", lambda i: f"http://x.com/u0/statuses/{number(0)}" if i > 8 else ""),),
    "kind": (
        ("sourcetweet_type", lambda i: "retweeted" if i > 8 else "quoted" if i == 8 else "NA"),
        ("sourcetweet_id", lambda i: number(0) if i > 7 else "NA"),
    ),
    "either": (
        ("tweet_type", lambda i: "retweet" if i > 8 else "quote" if i == 8 else "original"),
        ("retweet_or_quote_id", lambda i: number(0) if i > 7 else ""),
    ),
}


@pytest.mark.parametrize("name", REPOSTS)
def test_the_original_of_a_repost_is_found_by_what_a_column_about_reposts_holds(intake, name: str) -> None:
    more = (("retweet_count", lambda i: i), ("retweet_screen_name", account), *REPOSTS[name])
    got = intake(table(*BASE, *more))
    assert got.column("repost_of") == [None] * 9 + [number(0)] * 3
    if len(REPOSTS[name]) > 1:
        assert got.column("quote_of") == [None] * 8 + [number(0)] + [None] * 3


def test_counts_and_marks_of_reposts_name_no_original(intake) -> None:
    got = intake(
        table(
            *BASE, ("retweets", lambda i: 1000 + i), ("is_retweet", lambda i: i % 2), ("retweeted", lambda _: "False")
        )
    )
    assert set(got.column("repost_of")) == {None}


def test_a_forward_of_a_channel_is_a_repost_of_its_message(intake) -> None:
    got = intake(
        table(
            ("channel_id", lambda i: 7000 + i % 3),
            ("id", lambda i: i // 3 + 1),
            ("date", lambda i: TIMES[i].isoformat()),
            ("message", lambda i: f"word {i}"),
            ("fwd_from_channel_id", lambda i: 7000 if i in (4, 5) else ""),
            ("fwd_from_msg_id", lambda i: 1 if i in (4, 5) else ""),
        )
    )
    assert got.column("repost_of") == [None] * 4 + ["7000/1"] * 2 + [None] * 6
    assert got.column("post_id")[0] == "7000/1"


def test_whole_addresses_come_before_short_and_cut_ones(intake) -> None:
    got = intake(
        table(
            *BASE,
            ("urls_url", lambda _: "news.example/a"),
            ("urls_t.co", lambda i: f"https://t.co/{i}"),
            ("urls_expanded_url", lambda i: f"https://news.example/{i}"),
        )
    )
    assert got.column("urls") == [[f"https://news.example/{i}"] for i in range(N)]


def test_what_was_searched_is_not_shared(intake) -> None:
    got = intake(
        table(
            *BASE[:3],
            ("caption", lambda i: f"word {i} {LINK}/{i}"),
            ("inputUrl", lambda _: "https://site.example/tags/x"),
        )
    )
    assert got.column("urls") == [[f"{LINK}/{i}"] for i in range(N)]


def test_a_title_that_is_the_same_for_an_account_or_for_all_is_no_text(intake) -> None:
    got = intake(table(*BASE[:3], ("title", account), ("description", lambda i: f"word {i}")))
    assert got.column("text") == [f"word {i}" for i in range(N)]
    got = intake(table(*BASE[:3], ("title", lambda _: "One video"), ("comment", lambda i: f"word {i}")))
    assert got.column("text") == [f"word {i}" for i in range(N)]


def test_a_title_is_not_an_account(intake) -> None:
    got = intake(
        table(
            ("post.id", number),
            ("post.name", lambda i: f"a rather long title of a post with number {i} of many"),
            ("post.creator_id", account),
            ("post.published", lambda i: TIMES[i].isoformat()),
            ("creator.name", lambda i: f"Ann {i % 4}"),
        )
    )
    assert got.column("account_id") == [account(i) for i in range(N)]


@pytest.mark.parametrize(
    "address", ["https://t.me/s/town{a}/{i}", "t.me/town{a}/{i}", "https://x.com/town{a}/status/17900000{i}"]
)
def test_the_account_is_in_the_address_of_the_post_where_nothing_else_names_it(intake, address: str) -> None:
    got = intake(table(("url", lambda i: address.format(a=i % 4, i=i + 10)), *BASE[2:]))
    assert got.column("account_id") == [f"town{i % 4}" for i in range(N)]
    assert got.column("urls") == [[]] * N


@pytest.mark.parametrize("written", ["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"])
def test_days_in_doubt_are_read_so_that_the_times_lie_together(intake, written: str) -> None:
    got = intake(table(*BASE[:2], ("date", lambda i: TIMES[i].strftime(written)), BASE[3]))
    assert got.column("created_at") == TIMES


def test_dates_without_a_time_of_day_do_not_settle_their_order(intake) -> None:
    got = intake(table(*BASE[:2], ("date", lambda i: f"01/{i + 1:02d}/2026"), BASE[3]))
    assert got.column("created_at")[-1].month == 1


def test_a_moment_beside_a_time_of_day_is_whole(intake) -> None:
    got = intake(
        table(
            ("Date", lambda i: TIMES[i].strftime("%d-%b-%Y %I:%M%p")),
            ("URL", lambda i: f"https://x.com/u/status/{number(i)}"),
            ("Hit Sentence", lambda i: f"word {i}"),
            ("Opening Text", lambda _: ""),
            ("Influencer", account),
            ("Time", lambda i: TIMES[i].strftime("%I:%M %p")),
        )
    )
    assert got.column("created_at") == [time.replace(second=0) for time in TIMES]


def test_days_since_1899_with_a_decimal_comma(intake) -> None:
    got = intake(table(*BASE[:2], ("Datum", lambda i: f"{46083 + i},5"), BASE[3], delimiter=";"))
    assert got.column("created_at")[0] == datetime(2026, 3, 2, 12, tzinfo=UTC)


def rows(**more: Callable[[int], Any]) -> list[dict[str, Any]]:
    return [
        {"id": number(i), "user": account(i), "date": TIMES[i].isoformat(), "text": f"word {i}", **{k: f(i) for k, f in more.items()}}
        for i in range(N)
    ]  # fmt: skip


def columns(records: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [record[name] for record in records] for name in ("id", "user", "date", "text")}


DOCUMENTS: dict[str, Callable[[], str]] = {
    "by column": lambda: json.dumps({k: {str(i): v for i, v in enumerate(c)} for k, c in columns(rows()).items()}),
    "lists": lambda: json.dumps(columns(rows())),
    "split": lambda: json.dumps({"columns": list(columns(rows())), "data": [list(r) for r in zip(*columns(rows()).values(), strict=True)]}),
    "one behind another": lambda: "\n".join(json.dumps(row, indent=2) for row in rows()),
    "under accounts": lambda: json.dumps(
        {f"u{a}": [{k: v for k, v in row.items() if k != "user"} for row in rows() if row["user"] == f"u{a}"] for a in range(4)}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_json_that_is_a_table_or_a_sequence(intake, name: str) -> None:
    got = intake(DOCUMENTS[name]())
    assert (got.column("post_id"), got.column("account_id")) == (
        [number(i) for i in range(N)],
        [account(i) for i in range(N)],
    )
    assert (got.column("created_at"), got.rejects) == (TIMES, [])


def test_a_text_inside_a_list_and_one_that_is_html(intake) -> None:
    nested = [{"node": {"text": f"word {i} {LINK}"}} for i in range(2)]
    got = intake("\n".join(json.dumps({**row, "text": nested[:1]}) for row in rows()))
    assert set(got.column("text")) == {f"word 0 {LINK}"}
    got = intake("\n".join(json.dumps({**row, "text": f"<p>a &amp; b</p><p>{LINK}?a=1&amp;b=2</p>"}) for row in rows()))
    assert set(got.column("text")) == {f"a & b\n\n{LINK}?a=1&b=2"}
    assert got.column("urls")[0] == [f"{LINK}?a=1&b=2"]


def test_columns_inside_columns_of_parquet(intake) -> None:
    frame = pl.DataFrame(rows(author=lambda i: {"id": 70 + i % 4, "username": account(i)})).drop("user")
    file = io.BytesIO()
    frame.write_parquet(file)
    got = intake(file.getvalue())
    assert got.column("account_id") == [str(70 + i % 4) for i in range(N)]


def test_lines_above_the_header_of_a_sheet_and_of_a_table_of_unknown_names(intake) -> None:
    file = io.BytesIO()
    book = Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Post URL", "https://site.example/1"])
    sheet.write_row(2, 0, ["", "Name", "Profile ID", "Date", "Likes", "Comment"])
    for i in range(N):
        sheet.write_row(3 + i, 0, [i, f"Ann {i % 4}", f"ID: {i % 4}", f"{TIMES[i]:%Y-%m-%d %H:%M:%S}", 1, f"word {i}"])
    book.close()
    got = intake(file.getvalue())
    assert (got.column("created_at"), got.column("text")) == (TIMES, [f"word {i}" for i in range(N)])
    head = "Some Cloud\nExported: 3/20/2026\n\n"
    told = table(("News Date", lambda i: f"{TIMES[i]:%Y-%m-%d %H:%M:%S}"), ("Headline Text", lambda i: f"word {i} there"),
                 ("Outlet Name", lambda i: f"s{i % 4}.example"), ("Tone", lambda _: "neutral"))  # fmt: skip
    got = intake(head + told)
    assert (got.column("created_at"), got.column("account_id")[0]) == (TIMES, "s0.example")


@pytest.mark.parametrize(
    "line",
    [
        "{d}\u200f/{m}\u200f/2026، {t} - ",
        "\u200f[{d}\u200f/{m}\u200f/2026، {t}] ",
        "{d}/{m}/26, {t}\u202fam - ",
    ],
    ids=["Arabic", "Arabic, in brackets", "India"],
)
def test_chats_with_marks_between_the_parts_of_a_date(intake, line: str) -> None:
    times = [START + timedelta(days=i) for i in range(6)]
    lines = [line.format(d=t.day, m=t.month, t=f"{t:%H:%M}") + f"Ann {i % 2}: word {i}" for i, t in enumerate(times)]
    got = intake("\n".join(lines))
    assert (got.column("created_at"), set(got.column("account_id"))) == (times, {"Ann 0", "Ann 1"})


@pytest.mark.parametrize("cell", ['c("{a}/1", "{a}/2")', '{"{a}/1","{a}/2"}', "{{a}/1,{a}/2}", "['{a}/1', '{a}/2']"])
def test_lists_of_other_programs_in_cells(intake, cell: str) -> None:
    told = cell.replace("{a}", LINK)
    got = intake(table(*BASE, ("urls_expanded", lambda _: told), delimiter=";"))
    assert got.column("urls") == [[f"{LINK}/1", f"{LINK}/2"]] * N


def test_links_in_texts_that_are_written_for_pages(intake) -> None:
    got = intake(table(*BASE[:3], ("text", lambda _: f"AT&amp;T {LINK}?a=1&amp;b=2")))
    assert got.column("urls") == [[f"{LINK}?a=1&b=2"]] * N
    assert got.column("text")[0] == f"AT&T {LINK}?a=1&b=2"


@pytest.mark.parametrize("name", ["time", "local_time"])
def test_one_offset_for_all_rows_is_the_zone_of_times_that_have_none(intake, name: str) -> None:
    local = [time + timedelta(minutes=210) for time in TIMES]
    times = (name, lambda i: f"{local[i]:%Y-%m-%d %H:%M:%S}")
    assert intake(table(*BASE[:2], times, ("tz", lambda _: "+0330"), BASE[3])).column("created_at") == TIMES
    got = intake(table(*BASE[:2], times, ("utc_offset", lambda i: f"+0{i % 4}30"), BASE[3]))  # of each account
    assert got.column("created_at") == local


def test_a_long_document_with_a_list_of_another_name(intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dideban.ingest.documents.WHOLE_BYTES", 100)
    got = intake(json.dumps({"about": [{"a": 1}], "entradas": rows(), "end": 1}))
    assert (got.column("created_at"), got.rejects) == (TIMES, [])
