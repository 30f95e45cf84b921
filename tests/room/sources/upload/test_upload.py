"""Files that members bring."""

from __future__ import annotations

from dideban.room.members.models import Membership
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_upload
from room.sources.helpers import again, stored


def test_an_upload_is_read_with_a_mapping(room: Room, analyst: Membership) -> None:
    source = again(add_source(room, kind="upload", name="Files", by=None))
    table = "nummer,wer,wann,was\n" + "".join(
        f"{n},acc{n},2026-11-2{n} 10:00,Satz {n} vom Weizen\n" for n in range(1, 3)
    )
    mapping = {"post_id": "nummer", "account_id": "wer", "created_at": "wann", "text": "was"}
    run = ask_upload(source, files=[("../../x.csv", [table.encode()])], mapping=mapping, by=analyst)
    run.refresh_from_db()
    assert (run.n_posts, run.error, run.file_name) == (2, "", "x.csv")
    assert stored()["text"].to_list() == ["Satz 1 vom Weizen", "Satz 2 vom Weizen"]
    assert list(folder_of("watch").uploads.iterdir()) == []


def test_an_upload_that_is_a_bomb_is_refused_in_words(room: Room, analyst: Membership) -> None:
    import gzip

    source = again(add_source(room, kind="upload", name="Files", by=None))
    bomb = gzip.compress(b"a,b,c\n" + b"0" * 200_000_000)
    run = ask_upload(source, files=[("bomb.csv.gz", [bomb])], by=analyst)
    run.refresh_from_db()
    assert run.n_posts == 0
    assert run.error or run.reasons
    assert list(folder_of("watch").uploads.iterdir()) == []
