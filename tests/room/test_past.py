"""Past periods: a run of its own, apart from the watch, compared, bounded, resumed, cancelled; deletion reaches it."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from room.cast import client_of, join  # isort: skip - makes Django ready
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.access import access_of
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.actions import link_groups, open_case
from dideban.room.findings.actions import give_verdict
from dideban.room.findings.models import FollowedGroup, GroupMatch, KeptFinding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.members.models import Membership
from dideban.room.past import actions, notes
from dideban.room.past.actions import ask_run, cancel_run, remove_run
from dideban.room.past.models import PastRun, RunStatus
from dideban.room.posts.intake import Origin, keep_frame
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure
from dideban.room.roles import Role
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.ticks import past_period
from dideban.room.ticks.past_period import due_run, make_run
from dideban.room.ticks.run import run_tick
from dideban.room.upkeep.erasure import try_erasure
from dideban.room.upkeep.search_everything import marks_of, prove_gone
from dideban.simulate import make_sample
from dideban.store import verify_package
from dideban.store.delta import PostTable

ENGINE = {"proof.n_shuffles": 0, "proof.leads": False}
DAYS_AGO = 40


@lru_cache(maxsize=1)
def sample() -> pl.DataFrame:
    """Posts of four days, forty days ago, with campaigns in them; ids already hidden."""
    posts = make_sample(seed=5, n_posts=4_000, days=4).posts.with_columns(place=pl.lit("north"))
    last = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS_AGO)
    return posts.with_columns(created_at=pl.col("created_at") + (last - posts["created_at"].max()))


def arrive(posts: pl.DataFrame) -> None:
    keep_frame(posts, origin=Origin(room="watch", source="wire"))
    merge_all("watch")


@pytest.fixture
def watch(room: Room, north: Place) -> Room:
    change_room(room, engine=ENGINE, horizon_days=10, by=None)
    arrive(sample())
    return room


def period() -> dict[str, datetime]:
    at = sample()["created_at"]
    first, last = at.min(), at.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    return {"since": first, "until": last + timedelta(seconds=1)}


def made(room: Room, by: Membership, **asked: datetime) -> PastRun:
    run, is_new = ask_run(room, **(asked or period()), by=by)
    assert is_new
    assert due_run() == run
    assert make_run(run, threads=1)
    return run


def test_a_run_finds_what_the_watch_does_not_and_never_mixes_with_it(watch: Room, lead: Membership) -> None:
    assert (tick := run_tick(watch))
    assert tick.n_findings == 0
    assert "/r/watch/past/?since=" in client_of(lead).get("/r/watch/").content.decode()  # what lies outside is said
    run = made(watch, lead)
    assert (run.status, run.error, run.n_posts) == (RunStatus.DONE, "", sample().height)
    assert run.n_findings > 0
    access = access_of(lead.member, "watch")
    assert access.groups_of(run).count() == run.n_findings
    assert not access.groups().exists()
    assert (tick := run_tick(watch))
    assert (tick.n_findings, access.groups().count()) == (0, 0)
    assert access.groups_of(run).count() == run.n_findings  # the watch leaves them alone
    group = access.groups_of(run)[0]
    assert group.current
    assert verify_package(package_of("watch", group.current.finding_id)).ok
    assert run.stated_rate == 0.05
    client = client_of(lead)
    text = client.get(f"/r/watch/past/{run.number}/").content.decode()
    assert f"/r/watch/findings/{group.number}/" in text
    assert "5%" in text
    page = client.get(f"/r/watch/findings/{group.number}/").content.decode()
    assert f"/r/watch/past/{run.number}/" in page
    for quiet in ("/r/watch/", "/r/watch/findings/", "/r/watch/triage/?show=all"):
        assert f"/findings/{group.number}/" not in client.get(quiet).content.decode()
    give_verdict(group, finding=group.current, kind="unsure", reason="x", by=lead)
    link_groups(open_case(watch, title="old", by=lead), groups=[group], by=lead)
    assert f"/findings/{group.number}/" in client.get("/r/watch/cases/1/").content.decode()
    assert client.get(f"/r/watch/f/{group.current.finding_id}/package/").status_code == 200
    with pytest.raises(InputError, match="in a case"):
        remove_run(run, by=lead)


def test_the_same_period_again_is_the_same_run_and_another_one_is_compared(watch: Room, lead: Membership) -> None:
    other = join(watch, "eve", Role.ANALYST)
    first, _ = ask_run(watch, **period(), by=lead)
    assert ask_run(watch, **period(), by=other) == (first, False)  # two people press at once
    make_run(first, threads=1)
    assert ask_run(watch, **period(), by=other) == (first, False)  # nothing changed since
    assert PastRun.objects.count() == 1
    wider = {**period(), "since": period()["since"] - timedelta(days=1)}
    second = made(watch, other, **wider)
    mine = {m.group_id: m for m in reversed(GroupMatch.objects.filter(group__past_run=second))}
    assert len(mine) == second.n_findings == first.n_findings
    assert {m.kind for m in mine.values()} == {"same"}
    ids = [
        set(KeptFinding.objects.filter(past_run=run).values_list("finding_id", flat=True)) for run in (first, second)
    ]
    assert ids[0] == ids[1]  # the same claim has the same id, and one package
    remove_run(first, by=lead)
    assert all(package_of("watch", name).is_dir() for name in ids[1])
    remove_run(second, by=lead)  # who leads the room may
    assert not any(package_of("watch", name).exists() or shares_path("watch", name).exists() for name in ids[1])
    assert not FollowedGroup.objects.exists()
    assert AuditEvent.objects.filter(action="past.remove").count() == 2


def test_a_claim_of_the_watch_and_of_a_run_are_two_rows_with_one_id(watch: Room, lead: Membership) -> None:
    change_room(watch, horizon_days=60, by=None)
    run_tick(watch)
    live = set(KeptFinding.objects.filter(past_run=None).values_list("finding_id", flat=True))
    run = made(watch, lead)
    both = live & set(KeptFinding.objects.filter(past_run=run).values_list("finding_id", flat=True))
    assert both
    access = access_of(lead.member, "watch")
    one = access.finding(min(both))
    assert one.past_run is None  # a permanent address is of the watch first
    twin = access.finding(min(both), group=access.groups_of(run).get(current__finding_id=min(both)))
    assert twin.past_run == run
    assert client_of(lead).get(f"/r/watch/findings/{twin.group.number}/").status_code == 200
    remove_run(run, by=lead)
    assert package_of("watch", min(both)).is_dir()


@pytest.mark.parametrize(
    ("role", "change", "code"),
    [
        (Role.ANALYST, {"since": datetime(2100, 1, 1, tzinfo=UTC)}, "past.turned-around"),
        (Role.ANALYST, {"until": datetime(2001, 1, 1, tzinfo=UTC), "since": datetime(1991, 1, 1, tzinfo=UTC)}, "past.no-posts"),
    ],
    ids=["future", "nothing there"],
)  # fmt: skip
def test_what_makes_no_sense_is_said_at_once(watch: Room, role: Role, change: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as told:
        ask_run(watch, **{**period(), **change}, by=join(watch, "eve", role))
    assert told.value.message.code == code
    assert not PastRun.objects.exists()


def test_runs_are_bounded_by_role_by_member_and_by_room(
    watch: Room, lead: Membership, analyst: Membership, viewer: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        ask_run(watch, **period(), by=viewer)
    monkeypatch.setattr(actions, "MOST_POSTS", {Role.ANALYST: 100, Role.COORDINATOR: 10**6})
    with pytest.raises(InputError, match="more than 100 posts"):
        ask_run(watch, **period(), by=analyst)
    hours = [timedelta(hours=n) for n in range(6)]
    for n in hours[:3]:
        ask_run(watch, since=period()["since"] - n, until=period()["until"], by=lead)
    with pytest.raises(InputError, match="3 of your runs"):
        ask_run(watch, since=period()["since"] - hours[4], until=period()["until"], by=lead)
    monkeypatch.setattr(actions, "MOST_WAITING", 3)
    monkeypatch.setattr(actions, "MOST_OWN", 9)
    with pytest.raises(InputError, match="3 runs of this room"):
        ask_run(watch, since=period()["since"] - hours[5], until=period()["until"], by=lead)
    cancel_run(PastRun.objects.get(number=2), by=lead)
    with pytest.raises(InputError, match="over already"):
        cancel_run(PastRun.objects.get(number=2), by=lead)
    with pytest.raises(PermissionDenied):
        cancel_run(PastRun.objects.get(number=1), by=analyst)  # another member's
    ten_years = {"since": timezone.now() - timedelta(days=3660), "until": timezone.now()}
    run, _ = ask_run(watch, **ten_years, by=lead)
    make_run(run, threads=1)
    assert run.status == RunStatus.DONE
    assert run.kept_since is not None  # posts that old are not kept
    assert run.kept_since.date() == period()["since"].date()


def test_what_dies_half_way_is_removed_and_begins_again(
    watch: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    run, _ = ask_run(watch, **period(), by=lead)
    with monkeypatch.context() as patch:
        patch.setattr(past_period, "write_packages", die)
        with pytest.raises(Killed):
            make_run(run, threads=1)
    assert KeptFinding.objects.filter(past_run=run).exists()  # stored, and seen by no one
    assert not access_of(lead.member, "watch").groups_of(run).exists()
    number = FollowedGroup.objects.filter(past_run=run).values_list("number", flat=True)[0]
    assert client_of(lead).get(f"/r/watch/findings/{number}/").status_code == 404
    again = due_run()
    assert again == run
    assert again is not None
    assert make_run(again, threads=1)
    assert (again.status, again.n_tries) == (RunStatus.DONE, 2)
    assert access_of(lead.member, "watch").groups_of(run).count() == again.n_findings
    names = set(KeptFinding.objects.values_list("finding_id", flat=True))
    assert {p.name for p in folder_of("watch").findings.iterdir() if p.is_dir()} == names
    PastRun.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, n_tries=notes.MOST_TRIES)
    assert due_run() is None
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert "given up" in client_of(lead).get(f"/r/watch/past/{run.number}/").content.decode()


def test_a_cancelled_run_ends_and_keeps_nothing(watch: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = ask_run(watch, **period(), by=lead)
    real = notes.RunProgress.stage

    def cancelled(self: Any, name: str, **kwargs: Any) -> Any:
        if name == "testing-groups":
            cancel_run(PastRun.objects.get(pk=run.pk), by=lead)
        return real(self, name, **kwargs)

    monkeypatch.setattr(notes.RunProgress, "stage", cancelled)
    assert make_run(run, threads=1)
    assert run.status == RunStatus.CANCELLED
    assert not FollowedGroup.objects.exists()
    PastRun.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING)  # the worker killed it instead
    assert due_run() is None
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_a_full_disk_is_said_and_leaves_nothing(watch: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run, _ = ask_run(watch, **period(), by=lead)
    monkeypatch.setattr(past_period, "write_shares", full)
    make_run(run, threads=1)
    assert run.status == RunStatus.FAILED
    assert not FollowedGroup.objects.exists()
    assert "disk" in client_of(lead).get(f"/r/watch/past/{run.number}/").content.decode()


def test_who_is_limited_to_places_sees_what_touches_them(watch: Room, lead: Membership, south: Place) -> None:
    run = made(watch, lead)
    dora = join(watch, "dora", Role.ANALYST, south)
    client = client_of(dora)
    text = client.get(f"/r/watch/past/{run.number}/").content.decode()
    number = FollowedGroup.objects.values_list("number", flat=True)[0]
    assert f"/findings/{number}/" not in text
    assert f"{sample().height:,}" not in text
    assert client.get(f"/r/watch/findings/{number}/").status_code == 404
    assert not access_of(dora.member, "watch").matches_of(run).exists()


def test_a_deleted_account_leaves_past_runs_too(watch: Room, lead: Membership) -> None:
    run = made(watch, lead)
    group = access_of(lead.member, "watch").groups_of(run)[0]
    assert group.current
    account = sorted(group.members)[0]
    marks = marks_of(PostTable(folder_of("watch").posts), account)
    package = package_of("watch", group.current.finding_id)
    assert account in pl.read_parquet(package / "posts.parquet")["account_id"].to_list()
    erasure = Erasure.objects.create(room=watch, account_id=account, reason="asked", member=lead.member)
    waiting, _ = ask_run(watch, since=period()["since"] - timedelta(hours=1), until=period()["until"], by=lead)
    assert due_run() is None  # what is being deleted goes first
    assert not make_run(waiting, threads=1)
    try_erasure(erasure)
    erasure.refresh_from_db()
    assert erasure.done_at is not None
    assert account not in pl.read_parquet(package / "posts.parquet")["account_id"].to_list()
    assert account not in pl.read_parquet(shares_path("watch", package.name))["account_id"].to_list()
    assert prove_gone("watch", marks) > 0
    assert KeptFinding.objects.get(past_run=run, group=group).redacted_at is not None
    assert due_run() == waiting


def test_a_run_that_saw_what_is_deleted_meanwhile_begins_again(
    watch: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = ask_run(watch, **period(), by=lead)
    account = sample()["account_id"][0]
    erasure = Erasure.objects.create(room=watch, account_id=account, reason="asked", member=lead.member)
    Erasure.objects.filter(pk=erasure.pk).update(done_at=timezone.now() - timedelta(days=1))
    real = past_period.write_shares

    def meanwhile(*args: Any, **kwargs: Any) -> int:
        Erasure.objects.filter(pk=erasure.pk).update(done_at=timezone.now())
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(past_period, "write_shares", meanwhile)
        make_run(run, threads=1)
    assert run.status == RunStatus.WAITING
    assert not KeptFinding.objects.exists()
    assert [p for p in folder_of("watch").findings.iterdir() if p.is_dir()] == []
    make_run(run, threads=1)
    assert run.status == RunStatus.DONE


def test_days_are_those_of_the_member(watch: Room, lead: Membership, data: Path) -> None:
    lead.member.time_zone = "Asia/Tehran"
    lead.member.save()
    first = period()["since"].date()
    form = {"since": first.isoformat(), "until": (first + timedelta(days=6)).isoformat()}
    client = client_of(lead)
    answer = client.post("/r/watch/past/ask/", form)
    assert answer.headers["Location"] == "/r/watch/past/1/"
    run = PastRun.objects.get()
    assert run.since == datetime.combine(first, datetime.min.time(), UTC) - timedelta(hours=3, minutes=30)
    assert run.until - run.since == timedelta(days=7)
    assert client.get("/r/watch/past/1/").status_code == 200
    assert client.post("/r/watch/past/ask/", {"since": form["until"], "until": form["since"]}).status_code == 303
    for bad in ({}, {"since": "x", "until": "\u202e2026-01-01"}, {"since": "0001-01-01", "until": "9999-12-31"}):
        assert client.post("/r/watch/past/ask/", bad).status_code == 303
    assert PastRun.objects.count() == 1
