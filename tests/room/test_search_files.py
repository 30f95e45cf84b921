"""Flat files say what the table says: the same posts for every search, and nothing of what was deleted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.room.members.models import Membership
from dideban.room.posts import matches, search_files
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure
from dideban.room.posts.search import Query, Scope, count_by, count_posts, first_posts, scan_matching, search_posts
from dideban.room.posts.terms import Term, find, says, try_out
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import pseudonym_of
from dideban.room.upkeep.erasure import run_erasure
from dideban.room.upkeep.maintenance import compact, retain
from dideban.store.delta import PostTable
from dideban.store.flat import KINDS, lay_out, read_flat, write_flat
from room.cast import NOW, post

ALL = Scope()
AT = datetime(2026, 11, 1, tzinfo=UTC)
LETTERS = st.text(alphabet="abو الکف1é ", max_size=24).map(lambda text: " ".join(text.split()))
FORMS = st.text(alphabet="abو الکف1é ", min_size=1, max_size=5).map(lambda text: " ".join(text.split())).filter(bool)
TERMS = st.builds(Term, st.lists(FORMS, min_size=1, max_size=2).map(tuple), st.booleans())


def frame(norms: list[str | None]) -> pl.DataFrame:
    n = len(norms)
    return pl.DataFrame(
        {
            "created_at": pl.Series([AT + timedelta(minutes=ix) for ix in range(n)], dtype=pl.Datetime("us", "UTC")),
            "norm": pl.Series(norms, dtype=pl.String),
            "place": pl.Series([("north", "south", None)[ix % 3] for ix in range(n)], dtype=pl.String),
            "source": pl.Series(["wire"] * n, dtype=pl.String),
            "platform": pl.Series(["x", "telegram"] * n, dtype=pl.String).head(n),
            "lang": pl.Series([None] * n, dtype=pl.String),
        }
    )


@given(norms=st.lists(LETTERS | st.none(), max_size=30), wanted=st.lists(TERMS, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_looking_through_bytes_finds_what_the_pattern_finds(norms: list[str | None], wanted: list[Term]) -> None:
    posts = frame(norms)
    found = find(lay_out(posts), wanted, np.ones(len(norms), np.uint8))
    assert found.astype(bool).tolist() == posts.select(says(wanted)).to_series().to_list()


@given(norms=st.lists(LETTERS, min_size=1, max_size=6), wanted=TERMS, chosen=st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_only_the_texts_that_are_asked_for_are_found(norms: list[str], wanted: Term, chosen: int) -> None:
    norms = norms * 6  # so that few are left, and are looked at on their own
    flat = lay_out(frame(list(norms)))
    asked = np.array([(chosen >> (ix % 32)) & 1 for ix in range(len(norms))], np.uint8)
    every = find(flat, [wanted], np.ones(len(norms), np.uint8))
    assert (find(flat, [wanted], asked) == every * asked).all()


@pytest.mark.parametrize("size", [16_383, 16_384, 16_385, 40_000])
def test_a_word_is_found_wherever_a_block_of_bytes_ends(size: int) -> None:
    for shift in range(-6, 3):
        norms: list[str | None] = ["x" * (size + shift), "harvest", "کتاب خانه"]
        flat = lay_out(frame(norms))
        for form, row in (("harvest", 1), ("ابخ", None), ("کتابخانه", 2), ("xx", 0)):
            found = np.flatnonzero(find(flat, [Term((form,))], np.ones(3, np.uint8))).tolist()
            assert found == ([] if row is None else [row])


def test_a_flat_file_comes_back_as_it_was_and_damage_is_seen(tmp_path: Path) -> None:
    flat, path = lay_out(frame(["harvest", None, "", "کتاب"])), tmp_path / "one.flat"
    write_flat(path, flat)
    again = read_flat(path)
    assert again is not None
    for name in ("at", "data", "offsets"):
        assert (getattr(again, name) == getattr(flat, name)).all()
    assert again.names == flat.names == {
        "place": [None, "north", "south"], "source": [None, "wire"], "platform": [None, "telegram", "x"], "lang": [None],
    }  # fmt: skip
    assert all((again.codes[kind] == flat.codes[kind]).all() for kind in KINDS)
    content = path.read_bytes()
    for damaged in (
        b"",
        content[:20],
        content[:-1],
        content[:-70] + b"!" + content[-69:],
        b"x" + content[1:],
        *(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in range(16, 200, 7)),
    ):
        path.write_bytes(damaged)
        assert read_flat(path) is None
    assert read_flat(tmp_path / "none") is None


def fill(*posts: dict[str, Any]) -> None:
    body = "\n".join(json.dumps(p) for p in posts).encode()
    take_bytes(body, name="p.ndjson", origin=Origin(room="watch", source="wire"))
    merge_all("watch")


def names() -> set[str]:
    folder = folder_of("watch")
    assert {path.name.removesuffix(".flat") for path in folder.flat.iterdir()} == {
        path.name for path in PostTable(folder.posts).files()
    }
    return {path.name for path in folder.flat.iterdir()}


QUERIES = [
    Query(), Query(text="wheat"), Query(text="کتاب"), Query(text="می روند"), Query(text='"wheat and"'),
    Query(text="harvest -barley"), Query(text="wheat", places=("north",)), Query(languages=("fa", "en")),
    Query(platforms=("telegram",), text="wheat"), Query(since=NOW - timedelta(days=2)),
    Query(until=NOW - timedelta(days=2), text="wheat"), Query(sources=("nobody",)), Query(text="?!"),
    Query(object="news.example", text="wheat"), Query(object="#برداشت_گندم"), Query(places=("nowhere",)),
]  # fmt: skip


def test_every_search_finds_what_the_table_says(room: Room) -> None:
    texts = ("wheat and barley", "آنها می‌روند", "كتاب‌های خوب", "the harvest of wheat", "الكتاب", "")
    for day in range(4):
        fill(
            *(
                post(
                    day * 10 + n, text=text, created_at=(NOW - timedelta(days=day, minutes=n % 2)).isoformat(),
                    place=("north", "south", None)[n % 3], lang=("en", "fa", None)[n % 3],
                    platform=("x", "telegram")[n % 2], hashtags=["برداشت_گندم"] if n == 2 else [],
                    urls=["https://news.example/a"] if n % 2 else [],
                )
                for n, text in enumerate(texts)
            )
        )  # fmt: skip
    assert names()
    for scope in (ALL, Scope(places=("north",)), Scope(places=())):
        for query in QUERIES:
            wanted = scan_matching("watch", query, scope=scope).collect()
            ordered = wanted.sort("created_at", "platform", "post_id", descending=[True, False, False])
            found = search_posts("watch", query, scope=scope, limit=500)
            assert found.n_total == wanted.height, query
            assert found.posts.equals(ordered), query
            assert first_posts("watch", query, scope=scope, most=3).equals(ordered.head(3)), query
            counts = count_by("watch", query, scope=scope, kinds=KINDS)
            assert counts == [dict(wanted.drop_nulls(by).group_by(by).len().sort(by).iter_rows()) for by in KINDS], (
                query
            )
            for by in ("", *KINDS):
                at = pl.col("created_at").dt.truncate("1h").alias("at")
                counted = wanted.group_by([at, by] if by else [at]).agg(n=pl.len()).sort(["at", by] if by else ["at"])
                assert count_posts("watch", query, scope=scope, by=by).equals(counted), (query, by)


def test_an_answer_that_was_kept_is_brought_up_to_date(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    real = matches.flat_of
    queries = [Query(), Query(text="wheat"), Query(places=("north",)), Query(since=NOW - timedelta(hours=40))]
    for step in range(6):
        if step == 4:
            compact("watch")
        else:
            ages = (timedelta(minutes=step), timedelta(days=step % 3))
            texts = ("wheat", "barley") if step != 2 else ("rye", "oats")  # a file without a hit for a word
            fill(
                *(
                    post(step * 10 + n, text=text, created_at=(NOW - age).isoformat(), place=("north", None)[n])
                    for n, (text, age) in enumerate(zip(texts, ages, strict=True))
                )
            )  # fmt: skip
        for query in queries:
            wanted = scan_matching("watch", query, scope=ALL).collect()
            ordered = wanted.sort("created_at", "platform", "post_id", descending=[True, False, False])
            assert search_posts("watch", query, scope=ALL, limit=500).posts.equals(ordered), (step, query)
    fill(post(90, text="wheat", created_at=NOW.isoformat()))
    with monkeypatch.context() as patched:
        patched.setattr(matches, "flat_of", lambda path: looked.append(path) or real(path))
        search_posts("watch", Query(text="wheat"), scope=ALL)
    assert len(looked) == 1, "the new file alone"


def test_a_flat_file_that_is_missing_or_damaged_changes_nothing(room: Room) -> None:
    fill(*(post(n, text="wheat") for n in range(5)))
    (name,) = names()
    for damage in (lambda path: path.unlink(), lambda path: path.write_bytes(b"nothing")):
        search_files._held.clear()
        matches._kept.clear()
        damage(folder_of("watch").flat / name)
        assert search_posts("watch", Query(text="wheat"), scope=ALL).n_total == 5
        assert not (folder_of("watch").flat / name).exists()
        search_files.keep_up("watch")
        search_files.let_go()  # what was laid out meanwhile makes way for the file
        assert not search_files._held
        assert names() == {name}


def test_joining_and_retention_take_flat_files_along(room: Room) -> None:
    for n in range(9):
        fill(post(n, text="wheat"))
    fill(post(20, text="wheat", created_at=(NOW - timedelta(days=5)).isoformat()))
    before = names()
    compact("watch")
    assert len(names()) == 2 < len(before)
    assert search_posts("watch", Query(text="wheat"), scope=ALL).n_total == 10
    room.retention_days = 3
    room.save()
    retain(room, now=NOW)
    assert len(names()) == 1
    assert search_posts("watch", Query(text="wheat"), scope=ALL).n_total == 9


def test_a_file_that_goes_while_somebody_searches_is_looked_for_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        fill(post(n, text="wheat"))
    listed = PostTable.files
    before = PostTable(folder_of("watch").posts).files()
    PostTable(folder_of("watch").posts).compact(min_files=2)
    for path in before:
        path.unlink()
    search_files.keep_up("watch")
    for search in (search_posts, count_posts):
        search_files._held.clear()
        matches._kept.clear()
        answers = iter([before])
        monkeypatch.setattr(
            PostTable, "files", lambda table, answers=answers, **days: next(answers, None) or listed(table, **days)
        )
        found: Any = search("watch", Query(text="wheat"), scope=ALL)
        assert (found["n"].sum() if isinstance(found, pl.DataFrame) else found.n_total) == 3


def test_nothing_of_an_erased_person_stays_in_what_searches_use(room: Room, lead: Membership) -> None:
    fill(post(1, account_id="gone", text="xylophone secret"), post(2, text="wheat"))
    assert search_posts("watch", Query(text="xylophone"), scope=ALL).n_total == 1
    account = pseudonym_of("watch", "gone")
    run_erasure(Erasure.objects.create(room=room, account_id=account, reason="asked", member=lead.member))
    assert search_posts("watch", Query(text="xylophone"), scope=ALL).n_total == 0
    folder = folder_of("watch")
    assert names()
    left = [path for path in folder.root.rglob("*") if path.is_file() and b"xylophone" in path.read_bytes()]
    assert left == []
    assert PostTable(folder.posts).committed() == 1  # what the table knows of its batches is whole
    search_files.let_go()
    assert all(b"xylophone" not in flat.data.tobytes() for flat, _ in search_files._held.values())


def test_the_log_of_a_table_of_an_earlier_version_is_freed_of_texts(room: Room, lead: Membership) -> None:
    from deltalake import DeltaTable

    fill(post(1, account_id="gone", text="xylophone secret"), post(2, text="wheat"))
    folder = folder_of("watch")
    table = DeltaTable(str(folder.posts))
    table.alter.set_table_properties({"delta.dataSkippingStatsColumns": "created_at,text,norm"})
    fill(post(3, account_id="gone", text="zebra secret"))  # sets what the table lacks
    assert DeltaTable(str(folder.posts)).metadata().configuration["delta.dataSkippingStatsColumns"] == "created_at"
    account = pseudonym_of("watch", "gone")
    run_erasure(Erasure.objects.create(room=room, account_id=account, reason="asked", member=lead.member))
    log = b"".join(path.read_bytes() for path in (folder.posts / "_delta_log").iterdir())
    assert b"xylophone" not in log
    assert b"zebra" not in log
    fill(post(4, text="wheat"))
    assert search_posts("watch", Query(text="wheat"), scope=ALL).n_total == 2
    assert PostTable(folder.posts).committed() == 3


def test_what_a_process_lays_out_itself_is_bounded(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(4):
        fill(post(day, text="wheat " * 50, created_at=(NOW - timedelta(days=day)).isoformat()))
    for path in folder_of("watch").flat.iterdir():
        path.unlink()
    search_files._held.clear()
    matches._kept.clear()
    monkeypatch.setattr(search_files, "MOST_BUILT", 500)
    assert search_posts("watch", Query(text="wheat"), scope=ALL).n_total == 4
    assert len(search_files._held) == 1


def test_all_flat_files_can_be_mapped_before_anybody_searches(room: Room) -> None:
    fill(*(post(n, text="wheat") for n in range(5)))
    search_files._held.clear()
    assert search_files.map_all() > 0
    assert [is_mapped for _, is_mapped in search_files._held.values()] == [True]


def test_searching_can_be_tried_before_there_is_a_room() -> None:
    assert try_out()


def test_a_table_is_opened_once_for_each_version(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[Path]()
    usual = PostTable.open

    def noted(table: PostTable) -> Any:
        opened.append(table.path)
        return usual(table)

    monkeypatch.setattr(PostTable, "open", noted)
    table = PostTable(folder_of("watch").posts)
    for n in range(9):
        fill(post(n))
        table.files()
        opened.clear()
        assert len(table.files()) == n + 1
        assert not opened
    compact("watch")
    assert len(table.files()) == 1
    assert all(path.exists() for path in table.files())
