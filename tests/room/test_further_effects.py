"""Whether activity moved and whether posts are gone: found where it is known, and said to be unknown where it is not."""

from __future__ import annotations

import io
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from room.cast import NOW, client_of, join  # isort: skip - makes Django ready
from django.urls import reverse
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.board.presenters.further import reading_of
from dideban.room.cases.actions import open_case
from dideban.room.cases.models import Case
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Membership
from dideban.room.posts.actions import bring_removals
from dideban.room.posts.removals import heard_of, note_removals
from dideban.room.responses.models import EffectRun, FurtherKind, FurtherRun
from dideban.room.responses.targets import Target
from dideban.room.roles import Role
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.upkeep.effects import work_out_effects
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys
from room.test_effects import AT, HOUR, START, plenty, posts_of, respond


@pytest.fixture
def case(room: Room, analyst: Membership) -> Case:
    Room.objects.filter(pk=room.pk).update(created_at=timezone.now() - timedelta(days=30))
    room.refresh_from_db()
    return open_case(room, title="Bridge", by=analyst)


def fill(room: Room, posts: pl.DataFrame) -> None:
    """Put posts into the table and their keys beside it, as a merge does."""
    PostTable(folder_of(room.slug).posts).append(posts, batch=1)
    named = posts.with_columns(day=pl.col("created_at").dt.strftime("%Y-%m-%d"))
    PostKeys(folder_of(room.slug).index).claim(named, batch=1, committed=0)


def codes(what: FurtherKind) -> list[str]:
    return [reason["code"] for reason in FurtherRun.objects.get(what=what).reasons]


def remove(room: Room, posts: pl.DataFrame, *, tag: str, after_h: float) -> None:
    """Half of the posts of a hashtag go after the response, and a few of all others anyway."""
    some = posts.filter(pl.col("post_id").hash(7) % 25 == 0)
    usual = [(one, at + 40 * HOUR) for one, at in some.select("post_id", "created_at").iter_rows()]
    mine = posts.filter((pl.col("created_at") < AT) & pl.col("post_id").str.starts_with(f"{tag}-"))
    gone = [(one, AT + after_h * HOUR) for one in mine.filter(pl.col("post_id").hash(3) % 2 == 0)["post_id"]]
    note_removals(room.slug, "x", posts=[(one, round(at.timestamp() * 1e6)) for one, at in [*usual, *gone]])


def test_where_no_removal_was_heard_of_it_says_so_and_what_would_change_it(case: Case, analyst: Membership) -> None:
    fill(case.room, posts_of(plenty()))
    made = respond(case, analyst, 3)
    work_out_effects(case.room, now=NOW)
    assert codes(FurtherKind.GONE) == ["room.gone-unheard"]
    assert codes(FurtherKind.TEXTS) == ["room.moved-nothing-there"]
    for language, words in (
        ("en", ("the room knows of no removal at all", "the stream of Bluesky")),
        ("fa", ("اتاق از حذف هیچ فرسته‌ای خبر ندارد", "جریان بلواسکای")),
        ("ar", ("لا علم للغرفة بأي حذف", "بثّ بلوسكاي")),
    ):
        analyst.member.language = language
        analyst.member.save()
        html = client_of(analyst).get(reverse("board:response", args=["watch", made.number])).content.decode()
        assert all(word in html for word in words), language


def test_posts_that_go_after_a_report_are_seen_on_every_page(case: Case, analyst: Membership) -> None:
    posts = posts_of(plenty())
    fill(case.room, posts)
    remove(case.room, posts, tag="3", after_h=5)
    made, other = respond(case, analyst, 3, kind="report"), respond(case, analyst, 8, kind="bulletin")
    work_out_effects(case.room, now=NOW)
    found = {one.run.response_id: one for one in FurtherRun.objects.filter(what="gone").select_related("run")}
    assert (reading_of(found[made.pk]), reading_of(found[other.pk])) == ("gone-more", "gone-open")
    one = found[made.pk]
    assert one.gone is not None
    assert one.expected is not None
    assert one.posts is not None
    assert one.expected * 3 < one.gone < one.posts
    client = client_of(analyst)
    for name, args, words in (
        ("response", [made.number], "They went sooner than chance explains."),
        ("responses", [], "removed sooner than chance explains"),
        ("case", [case.number], "removed: sooner"), ("handovers", [], "removed: sooner"),
        ("case_report", [case.number], "removed: sooner"),
    ):  # fmt: skip
        assert words in client.get(reverse(f"board:{name}", args=["watch", *args])).content.decode(), name
    table = pl.read_csv(io.BytesIO(client.get(reverse("board:responses_file", args=["watch"])).content))
    row = table.filter(pl.col("response") == made.number).row(0, named=True)
    assert (row["gone_gone"], row["gone_posts"]) == (one.gone, one.posts)
    _, token = make_api_token(name="t", scopes=["read"], days=1, by=analyst)
    asked = client_of(None).get(
        f"/api/v1/rooms/watch/responses/{made.number}", headers={"Authorization": f"Bearer {token}"}
    )
    said = {part["what"]: part for part in asked.json()["effect"]["further"]}
    assert said["gone"]["gone"] == one.gone
    assert said["gone"]["statements"][1]["text"]["en"] == "They went sooner than chance explains."


def test_what_happened_before_removals_were_known_says_nothing(case: Case, analyst: Membership) -> None:
    posts = posts_of(plenty())
    fill(case.room, posts)
    note_removals("watch", "x", posts=[("3-50-0", round((AT + 9 * HOUR).timestamp() * 1e6))])
    respond(case, analyst, 3)
    work_out_effects(case.room, now=NOW)
    assert codes(FurtherKind.GONE) == ["room.gone-not-yet-heard"]


def test_an_account_that_was_taken_down_takes_its_posts_along(room: Room) -> None:
    keys = PostKeys(folder_of("watch").index)
    keys.seal([("known", b"x")])
    keys.note_gone_accounts([("known", "x", 5), ("known", "x", 9), ("stranger", "x", 5)])
    assert keys.gone_accounts().rows() == [("known", "x", 5)]
    keys.erase("known")
    assert keys.gone_accounts().is_empty()


def test_accounts_that_go_on_elsewhere_are_seen(case: Case, analyst: Membership) -> None:
    counts = plenty()
    posts = posts_of(counts)
    copies = posts.filter(pl.col("post_id").str.starts_with("3-") & (pl.col("created_at") < AT)).head(120)
    moved = copies.with_columns(
        post_id=pl.col("post_id") + "-m", hashtags=pl.lit([], pl.List(pl.String)),
        created_at=pl.lit(AT) + pl.duration(minutes=60 + pl.int_range(pl.len()) * 7),
    )  # fmt: skip
    fill(case.room, pl.concat([posts, moved.select(posts.columns)]))
    respond(case, analyst, 3)
    work_out_effects(case.room, now=NOW)
    assert reading_of(FurtherRun.objects.get(what="accounts")) == "moved-more"
    assert EffectRun.objects.get().reasons == []


def test_a_group_cannot_move_and_that_is_said(case: Case, analyst: Membership) -> None:
    from dideban.room.responses.further import FurtherLook

    look = FurtherLook(None, None, "group")  # type: ignore[arg-type]
    assert [one.reasons[0].code for one in look._moved(None)] == ["room.moved-group"]  # type: ignore[arg-type]
    assert Target.of_object("hashtag", "#x").object_id == "x"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "effect.target-none"), (b"\x00\xff\xfe" * 50, "effect.target-none"),
        (b"post_id,gone_at\n", "room.gone-nothing-usable"), (b"post_id,gone_at\nx/1-1-0,soon\n", "room.gone-nothing-usable"),
        (f"post_id,gone_at\nx/1-1-0,{NOW + timedelta(days=2):%Y-%m-%d}\n".encode(), "room.gone-future"),
        (b"post_id,gone_at\n" + b"x" * (21 * 1024**2), "room.file-too-large"),
    ],
    ids=["empty", "binary", "no row", "no time", "future", "large"],
)  # fmt: skip
def test_lists_that_are_none_are_refused(room: Room, analyst: Membership, body: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        bring_removals(room, file=io.BytesIO(body), by=analyst)
    assert caught.value.message.code == code
    assert "/tmp" not in str(caught.value)


def test_a_list_is_taken_for_posts_of_the_room_and_forgotten_with_them(case: Case, lead: Membership) -> None:
    fill(case.room, posts_of(np.full((2, 3), 2)))
    body = "post_id,gone_at\n1-1-0,2026-01-02\nx/0-1-1,2026-01-01\nx/0-1-1,2026-01-03\nnever/seen,2026-01-01\n"
    answer = client_of(lead).post(
        reverse("board:removals_bring", args=["watch"]), {"file": io.BytesIO(body.encode())}, follow=True
    )
    html = answer.content.decode()
    assert "Posts of the room on the list: 2; new: 2." in html
    assert "Removals are known of:" in html
    (heard,) = heard_of("watch")
    assert (heard.platform, heard.n, heard.since.date().isoformat()) == ("x", 2, "2026-01-01")
    keys = PostKeys(folder_of("watch").index)
    gone = pl.DataFrame({"platform": ["x"], "post_id": ["1-1-0"]})
    keys.forget_gone(gone)
    assert keys.gone().height == 1
    keys.forget_before((START + timedelta(days=9)).date().isoformat())
    assert heard_of("watch") == []


def test_a_member_of_one_place_brings_no_list(room: Room, north: Place) -> None:
    north_lead = join(room, "nora", Role.COORDINATOR, north)
    sent = {"file": io.BytesIO(b"post_id,gone_at\n1,2026-01-01\n")}
    assert client_of(north_lead).post(reverse("board:removals_bring", args=["watch"]), sent).status_code == 404
    assert "Bring a list" not in client_of(north_lead).get(reverse("board:responses", args=["watch"])).content.decode()
