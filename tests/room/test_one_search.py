"""The one search box and comparisons: what is recognised, what is marked, what is counted, who may see it."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from room.cast import client_of, join, post  # isort: skip - makes Django ready
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import InputError
from dideban.room.access import access_of
from dideban.room.board.presenters.comparison import asked_of, compare_searches
from dideban.room.board.presenters.marked import marked
from dideban.room.cases.actions import open_case
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.findings.packages import shares_path
from dideban.room.members.models import Membership
from dideban.room.posts import comparisons
from dideban.room.posts.actions import save_comparison
from dideban.room.posts.box import AskedKind, read_box
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.marks import find_spans
from dideban.room.posts.matches import find_matches
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Comparison
from dideban.room.posts.query import Query, Scope
from dideban.room.posts.terms import terms
from dideban.room.posts.volumes import count_proved, count_steps
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from dideban.schema import SHARES

PERSIAN = "مدرسه‌ها از كتاب پر است"


@pytest.mark.parametrize(
    ("text", "kind", "clean"),
    [
        ("", AskedKind.NOTHING, ""), ("\u202e\u2066 \u200f", AskedKind.NOTHING, ""), ("two words", AskedKind.WORDS, "two words"),
        ("https://example.org/a?b=1", AskedKind.LINK, "https://example.org/a?b=1"), ("www.example.org", AskedKind.LINK, "www.example.org"),
        ("\u202aexample.org\u202c", AskedKind.DOMAIN, "example.org"), ("خبر.ایران", AskedKind.DOMAIN, "خبر.ایران"),
        ("#سیل", AskedKind.HASHTAG, "#سیل"), ("a" + "b2" * 8, AskedKind.ACCOUNT, "a" + "b2" * 8),
        ("f0123456789abcdef", AskedKind.FINDING, "f0123456789abcdef"), ("۱۲", AskedKind.NUMBER, "۱۲"), ("12", AskedKind.NUMBER, "12"),
        ("x/p17", AskedKind.POST, "x/p17"), ("3.5", AskedKind.WORDS, "3.5"), ("x" * 10_000, AskedKind.WORDS, "x" * 500),
    ],
    ids=range(15),
)  # fmt: skip
def test_what_is_written_is_recognised(text: str, kind: AskedKind, clean: str) -> None:
    box = read_box(text)
    assert (box.kind, box.text) == (kind, clean)
    assert box.number == (12 if kind is AskedKind.NUMBER else None)


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The school, then a School.", "school", "The <mark>school</mark>, then a <mark>School</mark>."),
        ("preschool", "school", "preschool"),
        (PERSIAN, "کتاب", "مدرسه‌ها از <mark>كتاب</mark> پر است"),
        (PERSIAN, "مدرسهها", "<mark>مدرسه‌ها</mark> از كتاب پر است"),
        ("والمدرسة", "مدرسة", "<mark>والمدرسة</mark>"),
        ("of the road", '"of the"', "<mark>of the</mark> road"),
        ("<b>cafe</b> Café", "cafe", "&lt;b&gt;<mark>cafe</mark>&lt;/b&gt; <mark>Café</mark>"),
        ("a b", "-a", "a b"),
        ("۱۲ نفر", "12", "<mark>۱۲</mark> نفر"),
    ],
    ids=range(9),
)
def test_hits_are_marked_in_all_spellings(text: str, words: str, expected: str) -> None:
    assert marked([text], words) == [expected]


@given(st.text(max_size=80), st.text(max_size=40))
def test_marks_lie_in_the_text_in_order_and_nothing_of_it_is_lost(text: str, words: str) -> None:
    try:
        wanted = terms(words)
    except InputError:
        return
    (spans,) = find_spans([text], wanted)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def send(*rows: dict[str, Any]) -> None:
    import json

    body = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    take_bytes(body, name="p.ndjson", origin=Origin(room="watch", source="wire"))
    merge_all("watch")


@pytest.fixture
def told(room: Room, north: Place, lead: Membership) -> FollowedGroup:
    """Posts of two days, and a finding that pushes a link with two of them."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    send(
        *(
            post(n, text=f"The bridge is open {n}", lang="en", created_at=(now - timedelta(hours=n)).isoformat(),
                 urls=["https://bridge.example/a"], place="north")
            for n in range(6)
        ),
        *(post(20 + n, text=f"{PERSIAN} {n}", lang="fa", created_at=(now - timedelta(hours=n)).isoformat()) for n in range(4)),
    )  # fmt: skip
    group = FollowedGroup.objects.create(room=room, number=7, first_found_at=now, last_found_at=now)
    document = {
        "statement": {},
        "objects": [{"kind": "urls", "id": "https://bridge.example/a", "label": "bridge.example/a"}],
    }
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id="f0123456789abcdef", found_at=now, method="synchrony", label="unexplained",
        n_accounts=3, n_posts=2, n_objects=1, first_at=now, last_at=now, document=document,
    )  # fmt: skip
    group.save()
    group.places.add(north)
    path = shares_path("watch", "f0123456789abcdef")
    path.parent.mkdir(parents=True, exist_ok=True)
    names = pl.DataFrame({"post_id": ["x/p1", "x/p2", "x/gone"], "is_joint": [True, True, True]})
    names = names.with_columns(created_at=pl.lit(now))
    pl.concat([SHARES.empty(), names], how="diagonal_relaxed").write_parquet(path)
    return group


def test_the_box_finds_by_kind(told: FollowedGroup, room: Room, lead: Membership) -> None:
    open_case(room, title="پل و مدرسه", by=lead)
    client = client_of(lead)

    def page(q: str) -> str:
        answer = client.get("/r/watch/search/", {"q": q})
        assert answer.status_code == 200
        return answer.content.decode()

    words = page("bridge")
    assert "<mark>bridge</mark> is open" in words
    assert "/findings/7/" in words
    assert "/findings/7/" in page("7")
    assert "/cases/1/" in page("۱")
    assert "/cases/1/" in page("مدرسة")
    assert "/findings/7/" in page("bridge.example")
    assert "/findings/7/" in page("f0123456789abcdef")
    assert "bridge is open 3" in page("x/p3")
    assert "Nothing fits" in page("xyzzyplugh")
    assert "more than 12" in page(" ".join(f"w{n}" for n in range(13))) or 'role="alert"' in page(
        "a b c d e f g h i j k l m n"
    )
    assert client.get("/r/watch/search/", {"q": "z" * 10_000}).status_code == 200
    assert "\u202e" not in page("\u202ebridge")


def test_who_is_limited_finds_what_is_theirs(told: FollowedGroup, room: Room, south: Place) -> None:
    client = client_of(join(room, "dora", Role.ANALYST, south))
    for q in ("bridge", "7", "f0123456789abcdef", "bridge.example", "x/p3"):
        text = client.get("/r/watch/search/", {"q": q}).content.decode()
        assert "is open" not in text
        assert "/findings/7/" not in text
    dora = access_of(join(room, "dana", Role.ANALYST, south).member, "watch")
    compared = compare_searches(dora, {"q": ["bridge"]}, names={})
    assert compared
    assert (compared.searches[0].n, compared.searches[0].n_proved) == (0, 0)


def test_volumes_are_those_of_the_posts(told: FollowedGroup) -> None:
    found = find_matches("watch", Query(), Scope())
    since = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    counts = count_steps(found, since=since, step=timedelta(hours=1), n=24)[""]
    assert sum(counts) == 10
    by = count_steps(found, since=since, step=timedelta(hours=1), n=24, by="lang")
    assert {kind: sum(row) for kind, row in by.items()} == {"en": 6, "fa": 4}
    assert [sum(column) for column in zip(*by.values(), strict=True)] == counts
    later = count_steps(found, since=since + timedelta(hours=20), step=timedelta(hours=1), n=2)[""]
    assert later == counts[20:22]
    assert count_proved("watch", found, findings=["f0123456789abcdef"]) == 2
    assert (
        count_proved("watch", find_matches("watch", Query(text="کتاب"), Scope()), findings=["f0123456789abcdef"]) == 0
    )


def test_a_comparison_is_drawn_kept_bounded_and_forgotten(
    told: FollowedGroup, room: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(lead)
    html = client.get("/r/watch/compare/?q=bridge&q=کتاب").content.decode()
    assert html.count('class="line-') == 4  # two lines, two keys
    assert re.search(r"<td class=\"r\">33(\.\d)?%", html), html[html.find("<tbody>") :][:900]  # two of six
    split = client.get("/r/watch/compare/?q=bridge&by=place").content.decode()
    assert "North" in split
    answer = client.post(
        "/r/watch/compare/act/", {"do": "save", "q": ["bridge", "bridge", " "], "by": "lang", "name": ""}
    )
    kept = Comparison.objects.get()
    assert (kept.name, kept.asked) == ("bridge", {"q": ["bridge"], "by": "lang"})
    assert answer.headers["Location"] == "/r/watch/compare/?q=bridge&by=lang"
    for bad in (
        "q=a&q=b&q=c&q=d&q=e&q=f&q=g",
        "q=a&since=2026-02-02&until=2026-01-01",
        "q=a&since=never",
        "q=a&by=drop",
    ):
        assert client.get(f"/r/watch/compare/?{bad}").status_code == 200
    assert client.get("/r/watch/compare/?q=a&since=1991-01-01").status_code == 200
    monkeypatch.setattr("dideban.room.posts.actions.MOST_KEPT", 1)
    with pytest.raises(InputError, match="1 comparison"):
        save_comparison(room, name="x", asked={"q": ["x"]}, by=lead)
    client.post("/r/watch/compare/act/", {"do": "remove", "comparison": kept.pk})
    assert not Comparison.objects.exists()
    assert comparisons.MOST_KEPT == 200


def test_what_is_asked_is_read_strictly() -> None:
    asked = asked_of(QueryDict("q=%E2%80%AEa&q=&q=b&by=nonsense"))
    assert asked == {"q": ["a", "b"], "by": ""}
    with pytest.raises(InputError):
        asked_of(QueryDict("&".join(f"q={n}x" for n in range(7))))
