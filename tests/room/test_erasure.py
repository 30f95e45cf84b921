"""Deletion on request: which of two names is meant, nothing left in any file, and what could not be finished is said."""

from __future__ import annotations

import bz2
import html
import json
import lzma
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import orjson
import polars as pl
import pytest

from room.cast import client_of, post  # isort: skip - makes Django ready
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape as django_escape

from dideban.errors import InputError, StoreError
from dideban.room.members.models import Membership
from dideban.room.posts.actions import ask_erasures
from dideban.room.posts.intake import origin_of, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure
from dideban.room.posts.search import Query, Scope, search_posts
from dideban.room.posts.search_files import keep_up
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import pseudonym_of
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source, SourceRun
from dideban.room.ticks.redaction import REMOVED, _without
from dideban.room.upkeep import erasure as erasure_module
from dideban.room.upkeep import maintenance
from dideban.room.upkeep.erasure import try_erasure
from dideban.room.upkeep.search_everything import marks_of, prove_gone
from dideban.store.delta import PostTable

SECRET = "The heron of Lake Zarivar told me its own story"
PERSIAN = "داستان درنای دریاچهٔ زریوار را خودش گفت"
DISGUISED = "amohammadrezaeeab"


def send(room: Room, rows: list[dict[str, Any]]) -> None:
    source = Source.objects.filter(room=room).first() or add_source(room, kind="upload", name="Files", by=None)
    body = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    take_bytes(body, name="posts.ndjson", origin=origin_of(Source.objects.select_related("room").get(pk=source.pk)))
    merge_all(room.slug)


def accounts(room: Room) -> set[str]:
    return set(PostTable(folder_of(room.slug).posts).scan(columns=["account_id"]).collect()["account_id"])


@pytest.fixture
def told(room: Room) -> str:
    """A person among others: two texts of their own, one that somebody else wrote too. Return the pseudonym."""
    mine = [post(1, account_id="heron", text=SECRET), post(2, account_id="heron", text=PERSIAN),
            post(3, account_id="heron", text="Everybody says this sentence about wheat")]  # fmt: skip
    others = [post(n, account_id=f"o{n}", text="Everybody says this sentence about wheat") for n in range(4, 8)]
    send(room, mine + others)
    keep_up(room.slug)
    assert search_posts("watch", Query(text="heron"), scope=Scope()).n_total == 1
    return pseudonym_of("watch", "heron")


def erase(room: Room, lead: Membership, account: str) -> Erasure:
    made = Erasure.objects.create(room=room, account_id=account, reason="asked", member=lead.member)
    try_erasure(made)
    return Erasure.objects.get(pk=made.pk)


def test_afterwards_no_file_holds_anything_of_the_person(room: Room, lead: Membership, told: str) -> None:
    marks = marks_of(PostTable(folder_of("watch").posts), told)
    assert any("heron" in text for text in marks.texts)
    assert not any("Everybody" in text for text in marks.texts)  # others wrote it too: it stays with them
    with pytest.raises(StoreError, match="is left in"):
        prove_gone("watch", marks)
    done = erase(room, lead, told)
    assert done.done_at is not None
    assert done.trouble == {}
    assert (done.n_posts, done.n_files > 3) == (3, True)
    assert prove_gone("watch", marks) == done.n_files
    raw = b"".join(p.read_bytes() for p in folder_of("watch").root.rglob("*") if p.is_file())
    assert SECRET.encode() not in raw
    assert PERSIAN.encode() not in raw
    assert search_posts("watch", Query(text="wheat"), scope=Scope()).n_total == 4


def plain(path: Path) -> None:
    path.write_text(f"noise {SECRET} noise", "utf-8")


def packed(path: Path) -> None:
    import gzip

    path.write_bytes(gzip.compress(b"x" * 100_000 + SECRET.encode()))


def escaped(path: Path) -> None:
    path.write_text(json.dumps({"text": PERSIAN}), "ascii")


def table(path: Path) -> None:
    pl.DataFrame({"n": [1] * 5_000 + [2], "t": [["x"]] * 5_000 + [[SECRET]]}).write_parquet(path, compression="zstd")


def at_a_seam(path: Path) -> None:
    path.write_bytes(b"x" * (8 * 1024 * 1024 - 7) + SECRET.encode() + b"x" * 100)


@pytest.mark.parametrize(
    ("name", "write"),
    [("findings/note.txt", plain), ("narratives/old.gz", packed), ("scan/run.json", escaped),
     ("findings/old.parquet", table), ("uploads/seam.bin", at_a_seam)],
)  # fmt: skip
def test_whatever_is_left_anywhere_is_found_said_and_tried_again(
    room: Room, lead: Membership, told: str, name: str, write: Callable[[Path], None]
) -> None:
    path = folder_of("watch").root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    made = erase(room, lead, told)
    assert made.done_at is None
    assert made.n_tries == 1
    assert told not in accounts(room)  # what could be deleted is gone at once
    page = client_of(lead).get(reverse("board:erasures", args=["watch"])).content.decode()
    assert "tried again within minutes" in page
    assert name in page.replace("\u2066", "").replace("\u2068", "").replace("\u2069", "")
    for language, said in (("fa", "دوباره انجام می‌شود"), ("ar", "تُعاد المحاولة")):
        lead.member.language = language
        lead.member.save()
        assert said in client_of(lead).get(reverse("board:erasures", args=["watch"])).content.decode()


def test_what_could_not_be_finished_is_finished_by_the_next_try(
    room: Room, lead: Membership, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(erasure_module, "redact", full)
        made = erase(room, lead, told)
    assert made.done_at is None
    assert made.trouble["code"] == "erasure.broke-off"
    asked: list[int] = []
    monkeypatch.setattr(maintenance, "enqueue", lambda _work, *, erasure_id: asked.append(erasure_id))
    maintenance.erase_again()
    assert asked == []
    Erasure.objects.update(tried_at=timezone.now() - timedelta(minutes=3))
    maintenance.erase_again()
    assert asked == [made.pk]
    assert maintenance.ERASE_AGAIN_S <= 300
    try_erasure(made)
    made.refresh_from_db()
    assert made.done_at is not None
    assert (made.trouble, made.n_tries) == ({}, 2)


def test_free_pages_of_the_database_are_written_anew(room: Room, lead: Membership, told: str) -> None:
    """What a row held that was deleted lies in free pages; a reject may have quoted the person."""
    source = Source.objects.get(room=room)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete=OFF")
    run = SourceRun.objects.create(source=source, started_at=timezone.now(), samples=[{"value": SECRET}] * 200)
    run.delete()
    made = erase(room, lead, told)
    assert made.done_at is not None
    for path in Path(connection.settings_dict["NAME"]).parent.glob("room.sqlite3*"):
        assert SECRET.encode() not in path.read_bytes()


def test_rows_that_are_there_are_told_of(room: Room, lead: Membership, told: str) -> None:
    source = Source.objects.get(room=room)
    SourceRun.objects.create(source=source, started_at=timezone.now(), samples=[{"value": PERSIAN}])
    made = erase(room, lead, told)
    assert made.done_at is None
    assert "room.sqlite3" in str(made.trouble)


def test_a_name_that_looks_like_a_pseudonym_may_be_either(room: Room, lead: Membership) -> None:
    """Erasure took such a name for a pseudonym, and left the posts of the person."""
    send(room, [post(1, account_id=DISGUISED), post(2, account_id="someone else")])
    made = ask_erasures(room, account=DISGUISED, reason="by letter", by=lead)
    assert [one.account_id for one in made] == [pseudonym_of("watch", DISGUISED), DISGUISED]
    for one in made:
        try_erasure(one)
    assert accounts(room) == {pseudonym_of("watch", "someone else")}


@pytest.mark.parametrize(
    ("meant", "hidden"), [("original", [True]), ("pseudonym", [False]), ("both", [True, False]), ("", [True, False])]
)
def test_which_of_the_two_is_asked(room: Room, lead: Membership, meant: str, hidden: list[bool]) -> None:
    wanted = [pseudonym_of("watch", DISGUISED) if is_hidden else DISGUISED for is_hidden in hidden]
    sent = {"account": DISGUISED, "reason": "by letter", "meant": meant}
    client_of(lead).post(reverse("board:erasure_ask", args=["watch"]), sent)
    assert list(Erasure.objects.order_by("pk").values_list("account_id", flat=True)) == wanted


def test_what_is_no_pseudonym_is_not_taken_for_one(room: Room, lead: Membership) -> None:
    with pytest.raises(InputError, match="not a pseudonym"):
        ask_erasures(room, account="Real Name", reason="by letter", meant="pseudonym", by=lead)
    with pytest.raises(InputError):
        ask_erasures(room, account="Real Name", reason="by letter", meant="horse", by=lead)
    assert not Erasure.objects.exists()
    assert ask_erasures(room, account="Real Name", reason="by letter", meant="both", by=lead)[0].account_id == (
        pseudonym_of("watch", "Real Name")
    )


def test_words_of_a_person_leave_findings_that_they_are_no_member_of() -> None:
    document = {
        "label": "the first wording",
        "objects": [{"label": "see: the first wording!"}, {"label": "another"}],
        "n": 3,
    }
    assert _without(document, ["first wording"]) == {
        "label": REMOVED, "objects": [{"label": REMOVED}, {"label": "another"}], "n": 3,
    }  # fmt: skip


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("posts.csv", f"text\n{SECRET}\n")


def zipped_twice(path: Path) -> None:
    zipped(path)
    inner = path.read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.zip", inner)


QUOTED = 'درنای «زریوار» گفت "سلام" & رفت به خانهٔ خود'
WAYS: dict[str, Callable[[Path], object]] = {
    "zip": zipped,
    "zip in zip": zipped_twice,
    "bzip2": lambda path: path.write_bytes(bz2.compress(SECRET.encode())),
    "xz": lambda path: path.write_bytes(lzma.compress(SECRET.encode())),
    "JSON of letters": lambda path: path.write_bytes(orjson.dumps({"text": QUOTED})),
    "HTML": lambda path: path.write_text(html.escape(QUOTED), "utf-8"),
    "HTML of templates": lambda path: path.write_text(django_escape(QUOTED), "utf-8"),
    "two bytes a letter": lambda path: path.write_bytes(QUOTED.encode("utf-16")),
    "address": lambda path: path.write_text(f"/posts/?text={quote_plus(QUOTED)}"),
    "struct.parquet": lambda path: pl.DataFrame({"a": [{"b": [{"text": QUOTED}]}]}).write_parquet(path),
    "category.parquet": lambda path: pl.DataFrame({"a": pl.Series([QUOTED] * 9, dtype=pl.Categorical)}).write_parquet(path),
    "damaged.parquet": lambda path: path.write_bytes(b"PAR1" + bytes(99)),
}  # fmt: skip


@pytest.mark.parametrize("way", list(WAYS))
def test_however_a_file_holds_the_words_of_a_person_they_are_found(
    room: Room, lead: Membership, told: str, way: str
) -> None:
    send(room, [post(9, account_id="heron", text=QUOTED)])
    path = folder_of("watch").root / "files" / way
    path.parent.mkdir(exist_ok=True)
    WAYS[way](path)
    made = erase(room, lead, told)
    assert made.done_at is None
    assert way.encode() in json.dumps(made.trouble).encode()
    path.unlink()
    try_erasure(made)
    assert Erasure.objects.get(pk=made.pk).done_at is not None


def test_what_others_answered_and_linked_does_not_keep_a_deletion_from_its_end(room: Room, lead: Membership) -> None:
    name = "heron_channel/4242"
    send(room, [
        post(1, account_id="heron", post_id=name, platform="telegram", text=SECRET),
        post(2, account_id="one", reply_to=name, platform="telegram"),
        post(3, account_id="two", repost_of=name, platform="telegram"),
        post(4, account_id="three", urls=[f"https://t.me/{name}"]),
    ])  # fmt: skip
    made = erase(room, lead, pseudonym_of("watch", "heron"))
    assert made.done_at is not None, made.trouble
    assert len(accounts(room)) == 3
