"""Files are looked at before they go in, and what went in can be taken out again."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from dideban.errors import ConfigError, InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.members.models import Member, Membership
from dideban.room.posts.search import Query, Scope, count_posts
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.imports.actions import ask_look, ask_undo, leave, look_again, take_in
from dideban.room.sources.imports.look import drop_waiting, folder_of_run, read_look
from dideban.room.sources.models import Source, SourceRun
from dideban.store.post_keys import PostKeys
from room.cast import client_of, post
from room.sources.helpers import again, stored

EVERYTHING = Scope(places=None)


@pytest.fixture
def files(room: Room) -> Source:
    return again(add_source(room, kind="upload", name="Files", by=None))


def bring(source: Source, body: bytes | str, *, by: Membership, name: str = "p.csv") -> SourceRun:
    data = body.encode() if isinstance(body, str) else body
    return fresh(ask_look(source, files=[(name, [data])], by=by))


def fresh(run: SourceRun) -> SourceRun:
    return SourceRun.objects.select_related("source__room", "source__place").get(pk=run.pk)


def table(*days_ago: float, zone: str = "Z") -> str:
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    rows = "".join(
        f"{n},acc{n},{(now - timedelta(days=days)).isoformat()}{zone},Sentence {n} on wheat\n"
        for n, days in enumerate(days_ago)
    )
    return f"nr,who,moment,said\n{rows}"


MAPPING = {"post_id": "nr", "account_id": "who", "created_at": "moment", "text": "said"}


def test_a_look_keeps_nothing_and_says_what_would_become_of_it(files: Source, analyst: Membership) -> None:
    run = bring(files, table(1, 2, 30, 900) + ",x,never,\n", by=analyst)
    look_again(run, mapping=MAPPING, time_zone="", by=analyst)
    told = read_look(fresh(run))
    assert told is not None
    whole = told["whole"]
    assert (whole["n_rows"], whole["n_posts"], whole["n_rejects"], whole["n_outside"]) == (5, 3, 2, 1)
    assert whole["reasons"] == {"older-than-kept": 1, "time-unreadable": 1}
    assert told["files"][0]["parts"][0]["mapping"]["text"] == "said"
    assert stored().is_empty()
    assert not AuditEvent.objects.filter(action="source.upload").exists()


def test_no_account_is_shown_by_its_name(files: Source, analyst: Membership) -> None:
    run = bring(files, "account_id,created_at,text\nsomebody-known,2026-11-01T10:00:00Z,wheat\n", by=analyst)
    html = client_of(analyst).get(f"/r/watch/sources/files/imports/{run.pk}/").content.decode()
    assert "wheat" in html
    assert "somebody-known" not in html


def test_the_first_rows_are_read_in_the_language_and_calendar_of_the_member(
    files: Source, analyst: Membership
) -> None:  # fmt: skip
    Member.objects.filter(pk=analyst.member_id).update(language="fa", calendar="jalali")
    run = bring(files, "account_id,created_at,text\na,2026-11-23T10:00:00,wheat https://a.example/\n", by=analyst)
    html = client_of(Member.objects.get(pk=analyst.member_id)).get(f"/r/watch/sources/files/imports/{run.pk}/")
    page = html.content.decode()
    assert "۱۴۰۵/۰۹/۰۲" in page
    read = re.sub(r"<[^>]+>", " ", page)
    assert "T10:00" not in read
    assert "p.csv" in read
    assert "01-p.csv" not in read
    assert "urls" not in read, "columns are named by words"
    assert page.index("wheat") < page.index('name="m_text"'), "rows stand before the columns to choose"


def test_a_zone_moves_times_that_carry_none(files: Source, analyst: Membership) -> None:
    run = bring(files, table(2, zone=""), by=analyst)
    look_again(run, mapping=MAPPING, time_zone="Asia/Tehran", by=analyst)
    take_in(fresh(run), by=analyst)
    written = datetime.now(UTC) - timedelta(days=2, hours=3, minutes=30)
    assert abs((stored()["created_at"][0] - written).total_seconds()) < 60


@pytest.mark.parametrize(("mapping", "zone"), [({"author": "who"}, ""), ({}, "Asia/Nowhere")])
def test_a_choice_that_does_not_exist_is_refused(
    files: Source, analyst: Membership, mapping: dict[str, str], zone: str
) -> None:
    run = bring(files, table(1), by=analyst)
    with pytest.raises(ConfigError):
        look_again(run, mapping=mapping, time_zone=zone, by=analyst)


def test_what_is_left_is_gone(files: Source, analyst: Membership) -> None:
    run = bring(files, table(1), by=analyst)
    leave(run, by=analyst)
    assert list(folder_of("watch").uploads.iterdir()) == []
    assert not SourceRun.objects.exists()


def test_what_waits_for_a_day_is_gone(files: Source, analyst: Membership) -> None:
    run = bring(files, table(1), by=analyst)
    assert drop_waiting(files.room, before=run.started_at) == 0
    assert drop_waiting(files.room, before=run.started_at + timedelta(seconds=1)) == 1
    assert list(folder_of("watch").uploads.iterdir()) == []


@pytest.mark.usefixtures("apart")
def test_it_is_taken_in_once(files: Source, analyst: Membership) -> None:
    run = bring(files, "\n".join(json.dumps(post(n)) for n in range(4)), by=analyst, name="p.ndjson")
    take_in(run, by=analyst)
    assert stored().height == 4
    with pytest.raises(InputError, match="already"):
        take_in(fresh(run), by=analyst)
    assert list(folder_of("watch").uploads.iterdir()) == []


def test_undoing_takes_out_these_posts_and_no_others(files: Source, analyst: Membership, lead: Membership) -> None:
    first, second = (
        bring(files, "\n".join(json.dumps(post(n)) for n in rows), by=analyst, name="p.ndjson")
        for rows in (range(0, 5), range(3, 9))
    )
    for run in (first, second):
        take_in(run, by=analyst)
    accounts = set(stored()["account_id"])
    assert stored().height == 9
    Source.objects.filter(pk=files.pk).update(n_posts=9)  # the worker counts what is merged
    ask_undo(fresh(second), by=lead)
    assert sorted(stored()["post_id"]) == ["p0", "p1", "p2", "p3", "p4"]
    assert count_posts("watch", Query(text="number"), scope=EVERYTHING)["n"].sum() == 5
    keys = PostKeys(folder_of("watch").index)
    gone = accounts - set(stored()["account_id"])
    assert gone
    assert [account for account in sorted(accounts) if keys.sealed(account) is None] == sorted(gone)
    assert fresh(second).n_undone == 4
    assert again(files).n_posts == 5, "what was undone is no post of the source"
    done = AuditEvent.objects.get(action="source.undone")
    assert (done.details["posts"], done.details["findings"]) == (4, 0)
    with pytest.raises(InputError, match="already"):
        ask_undo(fresh(second), by=lead)


def test_what_was_undone_can_be_brought_again(files: Source, analyst: Membership) -> None:
    body = "\n".join(json.dumps(post(n)) for n in range(4))
    for _ in range(2):
        run = bring(files, body, by=analyst, name="p.ndjson")
        take_in(run, by=analyst)
        assert stored().height == 4
        ask_undo(fresh(run), by=analyst)
        assert stored().is_empty()


def test_a_colleague_does_not_undo_what_another_brought(files: Source, analyst: Membership, lead: Membership) -> None:
    from django.core.exceptions import PermissionDenied

    run = bring(files, json.dumps(post(1)), by=lead, name="p.ndjson")
    take_in(run, by=lead)
    with pytest.raises(PermissionDenied):
        ask_undo(fresh(run), by=analyst)


@pytest.mark.parametrize(
    ("name", "body"),
    [("bomb.csv.gz", gzip.compress(b"a,b,c\n" + b"0" * 200_000_000, 1)), ("x.xlsx", b"PK\x03\x04broken"),
     ("x.csv", b"\x00\xff\xfe" * 1000), ("x.json", b"[" * 100_000), ("x.csv", "\u202e,\u200f,a\n".encode() * 5)],
    ids=["bomb", "broken-workbook", "noise", "deep", "controls"],
)  # fmt: skip
def test_hostile_files_are_said_in_words(files: Source, analyst: Membership, name: str, body: bytes) -> None:
    run = bring(files, body, by=analyst, name=name)
    page = client_of(analyst).get(f"/r/watch/sources/files/imports/{run.pk}/")
    assert page.status_code == 200
    told = read_look(run)
    assert run.error or (told and (told["whole"].get("refused") or not told["whole"]["n_posts"]))
    assert b"Traceback" not in page.content


@pytest.mark.parametrize("folder", ["", ".", "..", "../..", "a/..", "/", "../../etc"])
def test_no_folder_of_a_restored_run_leads_out_of_the_uploads(files: Source, room: Room, folder: str) -> None:
    run = SourceRun(source=files, folder=folder)
    uploads = folder_of(room.slug).uploads
    assert folder_of_run(run).resolve().parent == uploads.resolve()
