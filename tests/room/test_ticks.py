"""Ticks: the engine over the horizon, groups followed, alerts, lateness noted."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from dideban.config import Config, ProofConfig
from dideban.pipelines.scan import scan
from dideban.room.alerts.actions import add_webhook, handle_alerts, save_rule
from dideban.room.alerts.deliver import deliver_due, sign
from dideban.room.alerts.models import Alert, Delivery, Rule, RuleKind
from dideban.room.alerts.room_state import watch_rooms
from dideban.room.alerts.words import sentence
from dideban.room.cases.actions import add_task, open_case
from dideban.room.findings.actions import give_verdict
from dideban.room.findings.follow import is_equivalent
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.findings.packages import joint_posts, package_of, read_shares
from dideban.room.members.models import Membership
from dideban.room.posts.actions import save_search
from dideban.room.posts.intake import Origin, keep_frame, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure
from dideban.room.posts.search import Query
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source, change_source, remove_source
from dideban.room.ticks.heartbeat import WORKER, beat_worker
from dideban.room.ticks.models import Heartbeat, Tick, WatchGap
from dideban.room.ticks.narrative_step import is_overdue
from dideban.room.ticks.run import run_tick
from dideban.room.ticks.tick_loop import run_tick_loop
from dideban.room.upkeep.erasure import run_erasure
from dideban.room.upkeep.maintenance import drop_packages, retain, run_maintenance
from dideban.room.wording.problems import said
from dideban.simulate import make_sample
from dideban.store import verify_package
from dideban.store.delta import PostTable
from room.cast import post
from room.hostile import Server, fixed

ENGINE = {"proof.n_shuffles": 0, "proof.leads": False}
ORIGIN = Origin(room="watch", source="wire")


@lru_cache(maxsize=1)
def sample() -> pl.DataFrame:
    """Posts of four days up to now with campaigns in them; ids already hidden."""
    posts = make_sample(seed=5, n_posts=5_000, days=4).posts.with_columns(place=pl.lit("north"))
    shift = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5) - posts["created_at"].max()
    return posts.with_columns(created_at=pl.col("created_at") + shift).sort("created_at", "post_id")


@pytest.fixture
def watch(room: Room, north: Place) -> Room:
    """A room with settings that make ticks quick."""
    change_room(room, engine=ENGINE, horizon_days=10, by=None)
    return room


def arrive(posts: pl.DataFrame) -> None:
    keep_frame(posts, origin=ORIGIN)
    merge_all("watch")


@pytest.mark.slow
def test_a_tick_finds_what_a_scan_of_the_same_posts_finds(watch: Room, tmp_path: Path) -> None:
    arrive(sample())
    tick = run_tick(watch)
    assert tick
    assert (tick.status, tick.error, tick.n_missed) == ("done", "", 0)
    stored = PostTable(folder_of("watch").posts).scan().collect()
    table = tmp_path / "same.parquet"
    stored.drop("norm", "arrived_at").write_parquet(table)
    config = Config(proof=ProofConfig(n_shuffles=0, leads=False))
    batch = scan(table, out=tmp_path / "out", config=config, key=bytes(32))
    assert batch.findings
    assert sorted(f.id for f in batch.findings) == sorted(KeptFinding.objects.values_list("finding_id", flat=True))
    group = FollowedGroup.objects.first()
    assert group
    assert group.current
    assert verify_package(package_of("watch", group.current.finding_id)).ok
    assert group.current.n_posts == len(joint_posts("watch", group.current.finding_id)) > 0
    assert group.current.sources == ["wire"]
    assert [place.slug for place in group.places.all()] == ["north"]
    assert group.current.decided_at is not None
    assert read_shares("watch", group.current.finding_id).height >= group.current.n_posts


def test_nothing_new_makes_no_work_and_new_posts_keep_the_number_of_a_group(watch: Room) -> None:
    posts = sample()
    early = posts.height - 700
    arrive(posts.head(early))
    first = run_tick(watch)
    again = run_tick(watch)
    assert first
    assert again
    assert (first.status, again.status) == ("done", "unchanged")
    before = {g.number: g.group_id for g in FollowedGroup.objects.all()}
    assert before
    arrive(posts.tail(700))
    third = run_tick(watch)
    assert third
    assert third.status == "done"
    after = {g.number: g.group_id for g in FollowedGroup.objects.all()}
    assert before.items() <= after.items()
    assert third.n_changed > 0
    kept = FollowedGroup.objects.filter(number__in=before, is_active=True)
    assert kept.count() >= len(before) // 2
    assert any(group.findings.count() > 1 for group in kept)


def test_strengths_that_move_in_their_last_digits_are_no_new_finding() -> None:
    one = {"id": "f1", "accounts": ["a"], "e_value": 100.0, "traces": [{"n_pairs": 3, "expected_pairs": 2.0}]}
    again = {**one, "id": "f2", "e_value": 100.5, "traces": [{"n_pairs": 3, "expected_pairs": 1.999}]}
    assert is_equivalent(one, again)
    assert not is_equivalent(one, {**again, "e_value": 102.0})
    assert not is_equivalent(one, {**again, "accounts": ["a", "b"]})
    assert not is_equivalent(one, {**again, "traces": [{"n_pairs": 4, "expected_pairs": 2.0}]})
    assert not is_equivalent(one, {**again, "e_value": None})
    assert not is_equivalent(one, {key: value for key, value in again.items() if key != "traces"})


@pytest.mark.slow
def test_packages_that_were_left_are_written_by_the_next_tick(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    change_room(watch, engine={"method": "threshold"}, by=None)
    arrive(sample())
    with monkeypatch.context() as patch:
        patch.setattr("dideban.room.ticks.packages.AT_ONCE", 1)
        patch.setattr("dideban.room.ticks.run.awaited", lambda *_: True)
        assert run_tick(watch)
    folder = folder_of("watch")
    names = set(KeptFinding.objects.values_list("finding_id", flat=True))
    assert {path.parent.name for path in folder.findings.glob("*/manifest.json")} < names
    assert all((folder.findings / f"{name}.shares.parquet").exists() for name in names)
    arrive(sample().head(1).with_columns(post_id=pl.lit("another")))
    assert run_tick(watch)
    active = set(KeptFinding.objects.filter(current_of__is_active=True).values_list("finding_id", flat=True))
    assert active <= {path.parent.name for path in folder.findings.glob("*/manifest.json")}


def test_ticks_that_were_missed_are_counted_and_made_up_for(watch: Room) -> None:
    arrive(sample().head(50))
    first = run_tick(watch)
    assert first
    Tick.objects.update(due_at=timezone.now() - timedelta(seconds=60 * 11 + 5), started_at=timezone.now())
    arrive(sample().slice(50, 50))
    late = run_tick(watch)
    assert late
    assert (late.n_missed, late.status, late.n_posts) == (10, "done", 100)


def test_a_tick_that_fails_says_why_and_the_next_goes_on(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(sample().head(50))
    with monkeypatch.context() as patch:
        patch.setattr("dideban.room.ticks.run.analyse_horizon", lambda *a, **k: 1 / 0)
        failed = run_tick(watch)
    assert failed
    assert (failed.status, failed.error) == ("failed", "ZeroDivisionError: division by zero")
    good = run_tick(watch)
    assert good
    assert good.status == "done"


def test_a_tick_interrupted_by_death_is_noted(watch: Room) -> None:
    Tick.objects.create(room=watch, due_at=timezone.now(), started_at=timezone.now())
    arrive(sample().head(20))
    assert run_tick(watch)
    assert sorted(Tick.objects.values_list("status", "error")) == [("done", ""), ("failed", "interrupted")]


def test_a_sleeping_watch_is_noticed_and_told(watch: Room) -> None:
    save_rule(watch, kind="room-late", name="late", params={"late_s": 600}, by=None)
    beat_worker()
    Heartbeat.objects.filter(name=WORKER).update(at=timezone.now() - timedelta(hours=2))
    gap = beat_worker()
    assert gap
    run_maintenance()
    run_maintenance()
    assert WatchGap.objects.count() == 1
    (alert,) = Alert.objects.all()
    assert alert.kind == RuleKind.ROOM_LATE
    assert 7100 < alert.params["seconds"] < 7300


def test_a_new_finding_is_told_once_to_whom_it_concerns(
    watch: Room, lead: Membership, south: Place, north: Place
) -> None:
    save_rule(watch, kind="new-finding", name="all", emails=[lead.member], by=lead)
    save_rule(watch, kind="new-finding", name="south", places=[south], by=lead)
    save_rule(watch, kind="new-finding", name="huge", params={"min_accounts": 5000}, by=lead)
    arrive(sample())
    run_tick(watch)
    n = FollowedGroup.objects.filter(current__is_lead=False).count()
    assert Alert.objects.count() == n > 0
    arrive(sample().head(1).with_columns(post_id=pl.lit("one-more")))
    run_tick(watch)
    assert (
        Alert.objects.filter(kind="new-finding").count() == FollowedGroup.objects.filter(current__is_lead=False).count()
    )
    alert = Alert.objects.order_by("pk")[0]
    assert alert.decided_at is not None
    assert f"finding {alert.params['group']}" in sentence(alert)
    assert deliver_due() >= n
    assert len(mail.outbox) >= n
    assert mail.outbox[0].to == ["alice@example.org"]
    assert handle_alerts(watch, alerts=[alert], by=lead) == 1
    assert handle_alerts(watch, alerts=[alert], by=lead) == 0


def test_a_saved_search_tells_of_what_arrives_after_it(watch: Room, lead: Membership) -> None:
    search = save_search(watch, name="wheat", query=Query(text="wheat"), by=lead)
    save_rule(watch, kind="saved-search", name="wheat", search=search, by=lead)

    def say(n: int, text: str) -> None:
        take_bytes(json.dumps(post(n, text=text)).encode(), name="p.ndjson", origin=ORIGIN)
        merge_all("watch")
        run_tick(watch)

    say(1, "wheat before the rule looked")
    assert Alert.objects.count() == 0
    say(2, "barley")
    assert Alert.objects.count() == 0
    say(3, "more WHEAT")
    (alert,) = Alert.objects.all()
    assert alert.params == {"name": "wheat", "n": 1}
    say(4, "barley again")
    assert Alert.objects.count() == 1
    say(5, "wheat while it is quiet")
    say(6, "wheat once more")
    assert Alert.objects.count() == 1
    rule = Rule.objects.get(kind="saved-search")
    told = (timezone.now() - timedelta(hours=2)).isoformat()
    Rule.objects.filter(pk=rule.pk).update(state={**rule.state, "told": told})
    say(7, "barley at last")
    assert Alert.objects.latest("pk").params["n"] == 2


def test_a_silent_source_is_told_once_per_silence(watch: Room) -> None:
    save_rule(watch, kind="source-silent", name="silent", by=None)
    source = add_source(watch, kind="intake", name="Wire", by=None)
    watch_rooms()
    assert not Alert.objects.exists()
    type(source).objects.filter(pk=source.pk).update(last_post_at=timezone.now() - timedelta(days=2))
    watch_rooms()
    watch_rooms()
    assert Alert.objects.get().params["health"] == "silent"
    assert source.gaps.get().until_at is None


def test_a_task_reminds_its_owner_once(watch: Room, analyst: Membership) -> None:
    save_rule(watch, kind="task-due", name="tasks", by=None)
    case = open_case(watch, title="A case", by=analyst)
    add_task(case, title="Call the station", owner=analyst.member, due_at=timezone.now(), by=analyst)
    add_task(case, title="Later", owner=analyst.member, due_at=timezone.now() + timedelta(days=1), by=analyst)
    watch_rooms()
    watch_rooms()
    assert Alert.objects.get().params["title"] == "Call the station"
    deliver_due()
    assert [m.to for m in mail.outbox] == [["ben@example.org"]]


def test_a_webhook_is_signed_and_tried_again(watch: Room, lead: Membership) -> None:
    with Server().running() as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        hook = add_webhook(watch, name="desk", url=f"{server.url}/hook", by=lead)
        save_rule(watch, kind="source-silent", name="silent", webhooks=[hook], by=lead)
        source = add_source(watch, kind="intake", name="Wire", by=None)
        type(source).objects.filter(pk=source.pk).update(last_post_at=timezone.now() - timedelta(days=2))
        watch_rooms()
        server.answers["/hook"] = fixed(b"", status=500)
        assert deliver_due() == 0
        delivery = Delivery.objects.get()
        assert (delivery.n_tries, delivery.delivered_at) == (1, None)
        assert "HTTP 500" in said(delivery.last_error)
        assert delivery.next_at
        assert delivery.next_at > timezone.now()
        server.answers["/hook"] = fixed(b"ok")
        Delivery.objects.update(next_at=timezone.now())
        assert deliver_due() == 1
        headers = {name.lower(): value for name, value in server.asked[-1][1].items()}
        body, at = server.bodies[-1], int(headers["dideban-timestamp"])
        assert headers["dideban-signature"] == sign(hook.secret, at=at, body=body)
        assert headers["dideban-signature"] != sign(hook.secret, at=at + 1, body=body)
        assert json.loads(body)["kind"] == "source-silent"
        assert hook.secret not in body.decode()


def test_a_webhook_into_a_private_network_is_refused(watch: Room, lead: Membership) -> None:
    hook = add_webhook(watch, name="desk", url="http://127.0.0.1:9/hook", by=lead)
    save_rule(watch, kind="source-silent", name="silent", webhooks=[hook], by=lead)
    source = add_source(watch, kind="intake", name="Wire", by=None)
    type(source).objects.filter(pk=source.pk).update(last_post_at=timezone.now() - timedelta(days=2))
    watch_rooms()
    assert deliver_due() == 0
    assert "private network" in said(Delivery.objects.get().last_error)


def test_old_posts_are_removed_by_room_and_by_source(watch: Room) -> None:
    days = pl.Series([1, 20, 60, 90])
    rows = sample().head(4).with_columns(created_at=pl.lit(datetime.now(UTC)) - pl.duration(days=days))
    keep_frame(rows.head(2), origin=Origin(room="watch", source="short"))
    keep_frame(rows.tail(2), origin=Origin(room="watch", source="long"))
    merge_all("watch")
    source = add_source(watch, kind="intake", name="short", by=None)
    type(source).objects.filter(pk=source.pk).update(retention_days=10)
    change_room(watch, retention_days=75, by=None)
    watch.refresh_from_db()
    assert retain(watch) == 2
    left = PostTable(folder_of("watch").posts).scan().collect()
    assert sorted(left["source"].to_list()) == ["long", "short"]
    assert left["created_at"].min() > datetime.now(UTC) - timedelta(days=61)  # type: ignore[operator]


def test_posts_of_a_removed_source_are_kept_as_long_as_it_said(room: Room) -> None:
    rows = sample().head(2).with_columns(
        created_at=pl.lit(datetime.now(UTC)) - pl.duration(days=pl.Series([1, 20]))
    )  # fmt: skip
    keep_frame(rows, origin=Origin(room="watch", source="short"))
    merge_all("watch")
    source = add_source(room, kind="intake", name="short", by=None)
    change_source(source, retention_days=10, by=None)
    remove_source(source, by=None)
    assert add_source(room, kind="intake", name="short", by=None).slug == "short-2"
    assert retain(room) == 1
    assert PostTable(folder_of("watch").posts).scan().collect().height == 1


@pytest.mark.slow
@pytest.mark.no_cover
def test_packages_that_others_took_the_place_of_are_removed_unless_somebody_judged_them(
    watch: Room, lead: Membership
) -> None:
    change_room(watch, engine={"method": "threshold"}, by=None)
    posts = sample()
    for part in (posts.head(4_000), posts.slice(4_000, 300), posts.slice(4_300, 300), posts.tail(400)):
        arrive(part)
        run_tick(watch)
    group = max(FollowedGroup.objects.filter(is_active=True), key=lambda one: one.findings.count())
    versions = list(group.findings.order_by("pk"))
    assert len(versions) >= 3
    give_verdict(group, finding=versions[1], kind="confirmed", reason="Seen.", by=lead)
    assert drop_packages(watch) == 0
    later = timezone.now() + timedelta(days=8)
    drop_packages(watch, now=later)
    kept = [package_of("watch", one.finding_id).is_dir() for one in versions]
    assert kept == [True, True, *[False] * (len(versions) - 3), True]
    assert group.findings.count() == len(versions)
    assert drop_packages(watch, now=later) == 0


@pytest.mark.slow
def test_a_person_leaves_the_packages_of_findings(watch: Room, lead: Membership) -> None:
    arrive(sample())
    run_tick(watch)
    finding = KeptFinding.objects.first()
    assert finding
    account = finding.document["accounts"][0]
    (package := package_of("watch", finding.finding_id)).joinpath("report.html").write_text("made before", "utf-8")
    run_erasure(Erasure.objects.create(room=watch, account_id=account, reason="asked", member=lead.member))
    finding.refresh_from_db()
    assert finding.redacted_at
    assert not {"clusters.parquet", "others.parquet", "report.html"} & {path.name for path in package.iterdir()}
    assert account not in pl.read_parquet(package / "posts.parquet")["account_id"].to_list()
    assert account not in read_shares("watch", finding.finding_id)["account_id"].to_list()
    for path in folder_of("watch").posts.glob("day=*/*.parquet"):
        assert account not in pl.read_parquet(path)["account_id"].to_list()
    tick = run_tick(watch)
    assert tick
    assert tick.status == "done"


@pytest.mark.slow
@pytest.mark.no_cover
def test_a_process_that_stays_makes_every_tick_that_is_due(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    waits, waited = [sample().slice(3_000, 500), sample().slice(3_500, 500)], list[int]()
    arrive(sample().head(3_000))
    Room.objects.update(tick_s=1)

    def wait(_: float) -> None:
        waited.append(Tick.objects.filter(status="done").count())
        if waits and len(waited) > 1:
            arrive(waits.pop())
        if not waits and waited[-1] == 3:
            Room.objects.update(is_paused=True)
        Tick.objects.update(due_at=timezone.now() - timedelta(seconds=2))

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=wait)  # threads of other tests sleep too
    monkeypatch.setattr("dideban.room.ticks.tick_loop.time", clock)
    assert run_tick_loop("watch", threads=1) == 3
    assert [tick.status for tick in Tick.objects.order_by("pk")].count("done") == 3
    assert run_tick_loop("watch", threads=1) == 0  # paused
    Room.objects.update(is_paused=False)
    monkeypatch.undo()
    assert run_tick_loop("watch", threads=1) == 0  # nothing new: another process costs nothing while there is no work
    assert Tick.objects.order_by("pk").last().status == "unchanged"  # type: ignore[union-attr]


@pytest.mark.slow
def test_narratives_wait_for_posts_that_wait_but_not_for_ever(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dideban.room.ticks.run.awaited", lambda *_: True)
    took = []
    for part, is_late in (
        (sample().head(800), True),
        (sample().slice(800, 50), False),
        (sample().slice(850, 50), True),
    ):
        arrive(part)
        monkeypatch.setattr("dideban.room.ticks.run.is_overdue", lambda _, late=is_late: late)
        tick = run_tick(watch)
        assert tick
        took.append("narratives" in tick.seconds)
    assert took[:2] == [True, False]
    assert is_overdue(Room(slug="no-such-room", name="none"))


@pytest.mark.slow
def test_a_verdict_names_the_finding_that_was_seen(watch: Room, analyst: Membership) -> None:
    arrive(sample())
    run_tick(watch)
    group = FollowedGroup.objects.select_related("current")[0]
    assert group.current
    other = FollowedGroup.objects.create(
        room=watch, number=99, first_found_at=timezone.now(), last_found_at=timezone.now()
    )
    values = {f.attname: getattr(group.current, f.attname) for f in KeptFinding._meta.fields if f.name != "id"}
    other.current = KeptFinding.objects.create(**{**values, "group_id": other.pk, "finding_id": "f" + "0" * 16})
    given = give_verdict(group, finding=group.current, kind="false-alarm", reason="a wire", by=analyst)
    assert FollowedGroup.objects.get(pk=group.pk).verdict == "false-alarm"
    assert given.finding_id == group.current_id
    for change in ({"kind": "guilty"}, {"reason": " "}, {"finding": other.current}):
        wrong: dict[str, Any] = {"finding": group.current, "kind": "unsure", "reason": "x", **change}
        with pytest.raises(Exception, match=r"one of|reason|another group"):
            give_verdict(group, by=analyst, **wrong)
