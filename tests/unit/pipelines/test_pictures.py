"""Pictures beside posts: what POSTS and REJECTS hold afterwards."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dideban.pipelines.scan import Scan, scan

Image = pytest.importorskip("PIL.Image", reason="the extra media is not installed")
KEY = b"k" * 32


def photo(seed: int) -> Image.Image:
    chance = np.random.default_rng(seed)
    small = chance.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return Image.fromarray(small).resize((640, 480), Image.Resampling.BICUBIC)


def export(folder: Path, pictures: list[Image.Image | bytes | None], *, accounts: int = 1000) -> Path:
    """A Telegram Desktop export: one message and one picture each, of so many accounts in turn."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    messages = []
    for number, picture in enumerate(pictures):
        path = f"photos/photo_{number}.jpg"
        if isinstance(picture, bytes):
            (folder / path).write_bytes(picture)
        elif picture is not None:
            picture.save(folder / path, "JPEG", quality=85)
        messages.append({"id": number, "type": "message", "date_unixtime": str(1_700_000_000 + 60 * number),
                         "date": "2023-11-14T22:13:20", "from": f"P{number % accounts}",
                         "from_id": f"user{number % accounts}", "photo": path,
                         "text": ""})  # fmt: skip
    chat = {"name": folder.name, "type": "public_channel", "id": 9 + sum(folder.name.encode()), "messages": messages}
    (folder / "result.json").write_text(json.dumps(chat))
    return folder / "result.json"


def media(result: Scan) -> list[list[str]]:
    return result.table("posts").sort("created_at", "post_id")["media"].to_list()


def rejected(result: Scan) -> list[list[str]]:
    with (result.out / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_pictures_beside_an_export_are_compared_by_what_they_show(tmp_path: Path) -> None:
    width, height = photo(1).size
    cut = photo(1).crop((20, 10, width - 10, height - 12))
    framed = Image.new("RGB", (width, height + 90), "white")
    framed.paste(photo(1), (0, 90))
    found = media(
        scan(export(tmp_path / "chat", [photo(1), photo(2), cut, framed, None]), out=tmp_path / "out", key=KEY)
    )
    assert found[0][0].startswith("pdq:")
    assert found[0] == found[2] == found[3]
    assert found[1] != found[0]
    assert found[4] == ["photos/photo_4.jpg"]


def test_one_name_in_two_exports_is_two_pictures(tmp_path: Path) -> None:
    paths = [export(tmp_path / f"chat{n}", [photo(n)]) for n in (1, 2)]
    one, two = media(scan(paths, out=tmp_path / "out", key=KEY))
    assert one != two


def test_a_folder_may_be_named_and_files_called_for_their_posts(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    for name, seed in (("11", 1), ("12_1", 1), ("12_2", 2)):
        photo(seed).save(tmp_path / "m" / f"{name}.png")
    table = tmp_path / "posts.csv"
    table.write_text("post_id,account_id,created_at,text\n11,a,2024-01-01T00:00:00Z,x\n12,b,2024-01-01T00:01:00Z,y\n")
    one, two = media(scan(table, out=tmp_path / "out", key=KEY, media=tmp_path / "m"))
    assert len(two) == 2
    assert one == [two[0]]


def test_each_bad_picture_is_a_reject_with_reason_and_post_and_the_rest_is_read(tmp_path: Path) -> None:
    held = io.BytesIO()
    photo(2).save(held, "JPEG")
    path = export(tmp_path / "chat", [photo(1), b"no picture", held.getvalue()[:5000], photo(1)])
    result = scan(path, out=tmp_path / "out", key=KEY)
    home = result.table("posts")["post_id"].sort()[0].partition("/")[0]
    assert rejected(result) == [
        ["photo_1.jpg", "0", "media", "picture-unknown", f"telegram/{home}/1"],
        ["photo_2.jpg", "0", "media", "picture-damaged", f"telegram/{home}/2"],
    ]
    intake = result.intake
    assert intake.n_rows == intake.n_posts + intake.n_duplicates + intake.n_rejects
    found = media(result)
    assert found[0] == found[3]
    assert found[1] == ["photos/photo_1.jpg"]


def test_the_number_of_processes_never_changes_the_result(tmp_path: Path) -> None:
    from dideban.config import Config

    path = export(tmp_path / "chat", [photo(seed % 3) for seed in range(7)])
    one, two = (
        scan(path, out=tmp_path / f"out{n}", key=KEY, config=Config(threads=n)).out / "posts.parquet" for n in (1, 2)
    )
    assert one.read_bytes() == two.read_bytes()


def test_a_link_out_of_the_folder_is_a_reject(tmp_path: Path) -> None:
    path = export(tmp_path / "chat", [photo(1), None])
    photo(2).save(tmp_path / "secret.jpg")
    (tmp_path / "chat" / "photos" / "photo_1.jpg").symlink_to(tmp_path / "secret.jpg")
    result = scan(path, out=tmp_path / "out", key=KEY)
    assert [row[3] for row in rejected(result)] == ["picture-outside"]
    assert media(result)[1] == ["photos/photo_1.jpg"]


def test_without_the_library_it_is_said_and_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dideban.pipelines.pictures.can_decode", lambda: False)
    result = scan(export(tmp_path / "chat", [photo(1)]), out=tmp_path / "out", key=KEY)
    assert media(result) == [["photos/photo_0.jpg"]]
    assert "media" in json.dumps([note for note in result.run["notes"] if "1" in str(note)])


def test_posts_without_pictures_are_left_as_they_are(tmp_path: Path) -> None:
    table = tmp_path / "posts.csv"
    table.write_text("post_id,account_id,created_at,media\n1,a,2024-01-01T00:00:00Z,ffaa00ffaa00ffaa\n")
    assert media(scan(table, out=tmp_path / "out", key=KEY)) == [["ffaa00ffaa00ffaa"]]
    assert pl.read_parquet(tmp_path / "out" / "posts.parquet").height == 1


def test_the_report_shows_pictures_of_findings_small_and_blurred_and_packages_show_none(tmp_path: Path) -> None:
    from dideban.config import Config, CoShareConfig

    result = scan(
        export(tmp_path / "chat", [photo(seed) for seed in (1, 1, 1, 2, 2, 2)], accounts=3),
        out=tmp_path / "out", key=KEY, config=Config(method="threshold", coshare=CoShareConfig(window_s=300)),
    )  # fmt: skip
    assert len(result.findings) == 1
    page = result.report.read_text()
    assert page.count('<label class="thumb"><input type="checkbox"') == page.count("data:image/jpeg;base64,") == 2
    (package,) = (result.out / "findings").iterdir()
    assert "data:image/jpeg" not in (package / "report.html").read_text()


def test_pictures_in_a_folder_of_posts_are_no_posts(tmp_path: Path) -> None:
    export(tmp_path / "chat", [photo(1), b"no picture"])
    result = scan(tmp_path / "chat", out=tmp_path / "out", key=KEY)
    assert result.intake.reject_reasons == {"picture-unknown": 1}
    assert media(result)[0][0].startswith("pdq:")
