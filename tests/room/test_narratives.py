"""Narratives of a room: followed tick by tick, told of, forgotten on request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace

import polars as pl
import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import conditional_escape

from dideban.findings.narratives.incremental import members_path
from dideban.room.alerts.actions import add_webhook, save_rule
from dideban.room.alerts.deliver import payload_of
from dideban.room.alerts.models import Alert, Delivery, RuleKind
from dideban.room.alerts.narratives import watch_narratives
from dideban.room.alerts.words import link, sentence
from dideban.room.cases.models import Case
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Membership
from dideban.room.narratives import follow
from dideban.room.narratives.follow import last_step
from dideban.room.narratives.lines import read_lines
from dideban.room.narratives.models import Narrative
from dideban.room.posts.intake import Origin, keep_frame
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure
from dideban.room.posts.search import Query, Scope, search_posts
from dideban.room.roles import Role
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source
from dideban.room.ticks.run import run_tick
from dideban.room.upkeep.erasure import run_erasure
from dideban.room.upkeep.maintenance import retain
from dideban.simulate.stories import make_stories
from dideban.store.delta import PostTable
from room.cast import client_of, join

ENGINE = {"proof.n_shuffles": 0, "proof.leads": False, "traces.kinds": ["text"]}
SAID = "The old library on Mill Street opens again on Monday with longer evening hours for all of its readers."


@lru_cache(maxsize=1)
def stories() -> pl.DataFrame:
    posts = make_stories(seed=5, n_posts=2_500, n_stories=12, days=6).posts.with_columns(place=pl.lit("north"))
    shift = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5) - posts["created_at"].max()
    return posts.with_columns(created_at=pl.col("created_at") + shift)


@pytest.fixture
def watch(room: Room, north: Place, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(follow, "SHARE", 0)
    monkeypatch.setattr(follow, "WAIT", timedelta(0))
    change_room(room, engine=ENGINE, horizon_days=10, by=None)
    return room


def arrive(posts: pl.DataFrame, source: str = "wire") -> None:
    keep_frame(posts, origin=Origin(room="watch", source=source))
    merge_all("watch")


def burst(n: int = 30, *, text: str = SAID, mark: str = "b") -> pl.DataFrame:
    """Posts of the last minutes by as many accounts, all of one thing."""
    now = datetime.now(UTC).replace(microsecond=0)
    return stories().head(n).with_columns(
        post_id=pl.format(f"{mark}{{}}", pl.int_range(pl.len())), account_id=pl.format(f"{mark}-{{}}", pl.int_range(pl.len())),
        text=pl.format(f"{text} ({{}})", pl.int_range(pl.len())), urls=pl.lit([], pl.List(pl.String)),
        created_at=pl.lit(now) - pl.duration(seconds=pl.int_range(pl.len())),
    )  # fmt: skip


def tick(room: Room) -> None:
    done = run_tick(room)
    assert done is not None
    assert (done.status, done.error) in {("done", ""), ("unchanged", "")}
    assert last_step("watch") is not None


def members() -> pl.DataFrame:
    path = members_path(folder_of("watch").narratives)
    assert path is not None
    return pl.read_parquet(path)


def test_a_tick_follows_narratives_and_the_next_reads_only_what_is_new(watch: Room) -> None:
    arrive(stories().head(2_000))
    tick(watch)
    first = last_step("watch")
    assert first
    assert (first.n_taken, first.n_waiting, first.is_anew) == (2_000, 0, True)
    before = {one.number: one for one in Narrative.objects.all()}
    assert len(before) >= 5
    assert [place.slug for place in before[1].places.all()] == ["north"]
    arrive(stories().tail(500))
    tick(watch)
    second = last_step("watch")
    assert second
    assert (second.n_taken, second.is_anew) == (500, False)
    after = {one.number: one for one in Narrative.objects.all()}
    assert set(before) <= set(after)
    for number, one in before.items():
        assert (after[number].key is None) == (after[number].merged_into is not None)
        if after[number].terms and one.terms and after[number].described_at == one.described_at:
            assert after[number].terms == one.terms
    assert any(after[number].n_posts > one.n_posts for number, one in before.items())


@pytest.mark.no_cover
def test_what_is_counted_agrees_with_the_posts(watch: Room) -> None:
    arrive(stories())
    tick(watch)
    listed = Narrative.objects.filter(is_active=True)
    step = last_step("watch")
    assert step
    assert listed.count() == step.n_listed
    for one in listed:
        mine = members().filter(pl.col("narrative") == one.key)
        assert (mine.height, mine["account_id"].n_unique(), mine["text_id"].n_unique()) == (
            one.n_posts,
            one.n_accounts,
            one.n_texts,
        )
        assert sum(one.counts) == sum(one.days.values()) == one.n_posts >= 10
        assert one.source_counts == {"wire": one.n_posts}
        assert one.place_counts == {"north": one.n_posts}
        assert len(one.terms) >= 1
        assert one.described_at is not None
        assert [row["at"] for row in one.spread] == sorted(row["at"] for row in one.spread)
        assert one.spread[0]["at"] == mine["created_at"].min().isoformat()
        assert len({row["account"] for row in one.spread}) == len(one.spread)
        found = search_posts("watch", Query(narrative=str(one.number)), scope=Scope(), limit=500)
        assert found.n_total == one.n_posts
        assert {row["post"] for row in one.examples} <= {
            f"{p}/{i}" for p, i in mine.select("platform", "post_id").iter_rows()
        }
        for kept in (one.spread, one.examples, one.bursts):
            assert SAID not in str(kept)
    assert search_posts("watch", Query(narrative="99999"), scope=Scope()).n_total == 0
    assert search_posts("watch", Query(narrative="1'; --"), scope=Scope()).n_total == 0
    assert search_posts("watch", Query(narrative="1"), scope=Scope(places=("south",))).n_total == 0


def test_a_burst_is_told_once_and_delivered(watch: Room, lead: Membership) -> None:
    hook = add_webhook(watch, name="desk", url="https://desk.example/in", by=lead)
    lead.member.email = "alice@example.org"
    lead.member.save()
    save_rule(watch, kind=RuleKind.NARRATIVE_BURST, name="Burst", emails=[lead.member], webhooks=[hook], by=lead)
    quiet = stories().filter(pl.col("created_at") < datetime.now(UTC) - timedelta(hours=4))
    arrive(quiet)
    tick(watch)
    told = Alert.objects.filter(kind=RuleKind.NARRATIVE_BURST).count()
    arrive(burst(30))
    tick(watch)
    alert = Alert.objects.filter(kind=RuleKind.NARRATIVE_BURST).latest("pk")
    assert Alert.objects.filter(kind=RuleKind.NARRATIVE_BURST).count() == told + 1
    one = alert.narrative
    assert one is not None
    assert one.burst_at is not None
    assert one.burst_posts == alert.params["n_posts"] == 30
    assert alert.decided_at is not None
    assert set(one.terms) & set(SAID.split())
    assert all(term in sentence(alert) for term in one.terms[:3])
    assert "30" in sentence(alert)
    assert link(alert).endswith(f"/r/watch/narratives/{one.number}/")
    assert b"narrative-burst" in payload_of(alert)
    assert set(Delivery.objects.filter(alert=alert).values_list("channel", flat=True)) == {"email", "webhook"}
    arrive(burst(60).tail(30))
    tick(watch)
    assert Alert.objects.filter(narrative=one).count() == 1


def test_a_rule_for_another_place_or_more_posts_stays_silent(watch: Room, south: Place) -> None:
    save_rule(watch, kind=RuleKind.NARRATIVE_BURST, name="South", places=[south], by=None)
    save_rule(watch, kind=RuleKind.NARRATIVE_BURST, name="Many", params={"min_posts": 500}, by=None)
    arrive(stories().filter(pl.col("created_at") < datetime.now(UTC) - timedelta(hours=4)))
    arrive(burst(30))
    tick(watch)
    assert Narrative.objects.filter(burst_at__isnull=False).exists()
    assert not Alert.objects.filter(kind=RuleKind.NARRATIVE_BURST).exists()


def test_many_bursts_at_once_are_told_over_several_steps(watch: Room) -> None:
    save_rule(watch, kind=RuleKind.NARRATIVE_BURST, name="All", params={"min_posts": 1}, by=None)
    now = timezone.now()
    stories = [
        Narrative.objects.create(
            room=watch, number=n, key=n, terms=["x"], first_at=now, last_at=now, found_at=now, start_at=now, n_posts=9,
            burst_at=now, burst_posts=n,
        )
        for n in range(1, 26)
    ]  # fmt: skip
    steps = [[one.narrative.number for one in watch_narratives(watch, stories, now) if one.narrative] for _ in range(3)]
    assert steps == [list(range(25, 5, -1)), [5, 4, 3, 2, 1], []]


@pytest.mark.parametrize("harm", ["damaged", "gone"])
@pytest.mark.no_cover
def test_a_lost_state_is_made_anew_and_numbers_stay(watch: Room, harm: str) -> None:
    arrive(stories())
    tick(watch)
    before = {one.number: set(one.terms) for one in Narrative.objects.filter(is_active=True)}
    path = members_path(folder_of("watch").narratives)
    assert path is not None
    if harm == "damaged":
        path.write_bytes(b"PAR1")
    else:
        (folder_of("watch").narratives / "current.json").unlink()
    arrive(burst(1))
    tick(watch)
    step = last_step("watch")
    assert step
    assert step.is_anew
    after = {one.number: set(one.terms) for one in Narrative.objects.filter(is_active=True, number__in=before)}
    assert len(after) >= 0.8 * len(before)
    assert all(after[number] & before[number] for number in after)


@pytest.mark.no_cover
def test_many_posts_are_read_over_several_ticks(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MAX_STEP", 900)
    arrive(stories())
    waiting = []
    for _ in range(3):
        tick(watch)
        step = last_step("watch")
        assert step
        waiting.append(step.n_waiting)
    assert waiting == [1_600, 700, 0]
    assert members().height == 2_500


def test_a_step_that_took_long_is_followed_by_a_pause(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(stories().head(300))
    tick(watch)
    monkeypatch.setattr(follow, "SHARE", 10_000)
    monkeypatch.setattr(follow, "FREE_S", 0.0)
    arrive(stories().tail(300))
    tick(watch)
    assert members().height == 300


def test_trouble_with_narratives_never_fails_a_tick(watch: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(follow, "follow_narratives", broken)
    arrive(stories().head(300))
    done = run_tick(watch)
    assert done is not None
    assert done.status == "done"


def said_anywhere(word: str) -> list[str]:
    """Return the files of narratives and signatures that hold a word, and rows of the database that do."""
    root, found = folder_of("watch").root, []
    for path in [*root.glob("narratives/**/*"), folder_of("watch").signatures]:
        if path.suffix == ".parquet" and path.exists():
            table = pl.read_parquet(path)
            columns = [name for name, dtype in table.schema.items() if dtype == pl.String]
            if table.select(pl.any_horizontal(pl.col(columns).str.contains(word, literal=True)).any()).item():
                found.append(str(path))
        elif path.is_file() and word.encode() in path.read_bytes():
            found.append(str(path))
    for one in Narrative.objects.all():
        if word in str([one.terms, one.spread, one.examples, one.domains]):
            found.append(f"narrative {one.number}")
    return found


def test_deletion_on_request_takes_signatures_and_memberships_too(watch: Room, lead: Membership) -> None:
    arrive(stories().head(1_500))
    own = (
        "Nobody but zanzibarquux writes of the marmalade lighthouse and of its seven hundred blue doors every evening."
    )
    arrive(burst(12, text=own, mark="z").with_columns(account_id=pl.lit("zed")))
    arrive(burst(12))
    tick(watch)
    row = PostTable(folder_of("watch").posts).scan().filter(pl.col("post_id") == "z0").collect().row(0, named=True)
    account = row["account_id"]
    assert said_anywhere("zanzibarquux")
    assert said_anywhere(account)
    other = sum("readers" in one.terms for one in Narrative.objects.all())
    assert other == 1
    erasure = Erasure.objects.create(
        room=watch, account_id=account, reason="asked", member=lead.member, asked_at=timezone.now()
    )
    run_erasure(erasure)
    assert erasure.n_posts == 12
    assert said_anywhere("zanzibarquux") == []
    assert said_anywhere(account) == []
    assert not members().filter(pl.col("account_id") == account).height
    tick(watch)
    assert said_anywhere("zanzibarquux") == []
    assert said_anywhere(account) == []
    assert sum("readers" in one.terms for one in Narrative.objects.all()) == other
    arrive(stories().tail(200))
    tick(watch)
    assert said_anywhere(account) == []


def test_retention_takes_signatures_and_memberships_too(watch: Room) -> None:
    change_room(watch, horizon_days=400, by=None)
    add_source(watch, kind="upload", name="wire", by=None)
    old = burst(
        15, text="Long ago zanzibarquux told all of us of the marmalade lighthouse and its many blue doors.", mark="o"
    )
    arrive(old.with_columns(pl.col("created_at") - timedelta(days=60)))
    arrive(stories().head(1_000))
    tick(watch)
    one = Narrative.objects.get(first_at__lt=timezone.now() - timedelta(days=30))
    assert one.spread
    assert said_anywhere("zanzibarquux")
    change_room(watch, retention_days=30, by=None)
    watch.refresh_from_db()
    assert retain(watch) == 15
    one.refresh_from_db()
    assert one.spread == one.examples == []
    assert [where for where in said_anywhere("zanzibarquux") if not where.startswith("narrative")] == []
    assert members().height == 1_000
    tick(watch)
    one.refresh_from_db()
    assert one.key is None
    assert not one.is_active
    assert one.n_accounts == 15


def test_narratives_that_turn_out_to_be_one_are_one(watch: Room) -> None:
    from dideban.room.narratives.write import _join

    arrive(stories())
    tick(watch)
    young, old = Narrative.objects.filter(is_active=True).order_by("-number")[0], Narrative.objects.get(number=1)

    _join([old, young], SimpleNamespace(joined={young.key: old.key}))  # type: ignore[arg-type]
    assert young.merged_into == old
    assert young.key is None
    assert not young.is_active
    assert old.spread[0]["at"] <= old.spread[-1]["at"]


def test_pages_and_programs_show_a_narrative_as_far_as_a_member_may_see_it(
    watch: Room, lead: Membership, south: Place
) -> None:
    north_only = join(watch, "nora", Role.ANALYST, Place.objects.get(room=watch, slug="north"))
    south_only = join(watch, "sam", Role.ANALYST, south)
    arrive(stories().head(1_500))
    arrive(burst(25))
    tick(watch)
    one = Narrative.objects.filter(burst_at__isnull=False).latest("burst_posts")
    address = f"/r/watch/narratives/{one.number}/"
    html = client_of(lead).get(address).content.decode()
    assert "library on Mill Street" in html
    assert all(row["account"] in html for row in one.spread)
    assert one.terms[0] in client_of(lead).get("/r/watch/").content.decode()
    word = client_of(lead).get(f"/r/watch/narratives/?state=bursting&word={one.terms[0].upper()}").content.decode()
    assert f'href="{address}"' in word
    assert f'href="{address}"' not in client_of(lead).get("/r/watch/narratives/?word=zanzibar").content.decode()
    near = client_of(north_only).get(address)
    assert near.status_code == 200
    assert client_of(south_only).get(address).status_code == 404
    found = client_of(lead).get(f"/r/watch/posts/?narrative={one.number}").content.decode()
    assert "library on Mill Street" in found
    made = client_of(lead).post(f"{address}act/", {"do": "case", "title": "موج کتابخانه"})
    assert made.status_code == 303
    case = Case.objects.get(room=watch)
    assert case.origin == {"kind": "narrative", "narrative": one.number}
    assert [place.slug for place in case.places.all()] == ["north"]
    line = read_lines("watch", [one], places=None)[one.number]
    for path in (f"cases/{case.number}/", f"search/?q={one.number}", f"search/?q={one.terms[0]}"):
        html = client_of(lead).get(f"/r/watch/{path}").content.decode()
        assert address in html
        assert conditional_escape(line) in html, "a narrative is named by what people wrote, not by loose words"
    assert "موج کتابخانه" in client_of(lead).get(address).content.decode()
    secret = make_api_token(name="t", scopes=["read", "posts"], days=1, by=lead)[1]
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    listed = program.get("/api/v1/rooms/watch/narratives?bursting=true").json()
    assert one.number in [row["number"] for row in listed["items"]]
    whole = program.get(f"/api/v1/rooms/watch/narratives/{one.number}").json()
    assert sum(whole["counts"]) == whole["n_posts"] == one.n_posts
    assert [row["account"] for row in whole["spread"]] == [row["account"] for row in one.spread]
    posts = program.get(f"/api/v1/rooms/watch/posts?narrative={one.number}&limit=500").json()
    assert posts["count"] == one.n_posts
    assert program.get("/api/v1/rooms/watch/narratives/99999").status_code == 404
