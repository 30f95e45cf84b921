"""Videos beside posts: compared by a frame a second."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from dideban.ingest.pictures import Decoder, PictureError
from dideban.pipelines.scan import Scan, scan

pytest.importorskip("PIL.Image", reason="the extra media is not installed")
KEY = b"k" * 32
FFMPEG = shutil.which("ffmpeg") or ""
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="FFmpeg is not installed")


def film(path: Path, scenes: list[int], *, side: int = 160, quality: int = 4) -> Path:
    """Write a video of a second per scene."""
    frames = bytearray()
    for seed in scenes:
        small = np.random.default_rng(seed).integers(0, 256, (8, 8)).astype(np.uint8)
        frames += np.kron(small, np.ones((20, 20), np.uint8)).tobytes() * 5
    command = [FFMPEG, "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "160x160", "-r", "5", "-i", "pipe:0",
               "-vf", f"scale={side}:{side}", "-c:v", "mpeg4", "-q:v", str(quality), "-y", str(path)]  # fmt: skip
    subprocess.run(command, input=bytes(frames), check=True)
    return path


def chat(folder: Path, films: list[list[int]]) -> Path:
    (folder / "video_files").mkdir(parents=True)
    messages = []
    for number, scenes in enumerate(films):
        path = f"video_files/{number}.mp4"
        film(folder / path, scenes, side=160 + 40 * number, quality=3 + 4 * number)
        messages.append({"id": number, "type": "message", "date_unixtime": str(1_700_000_000 + number), "from": "A",
                         "date": "2023-11-14T22:13:20", "from_id": f"user{number}", "file": path,
                         "media_type": "video_file", "text": ""})  # fmt: skip
    (folder / "result.json").write_text(
        json.dumps({"name": "A", "type": "public_channel", "id": 9, "messages": messages})
    )
    return folder


def media(result: Scan) -> list[str]:
    return [value for (value,) in result.table("posts").sort("created_at")["media"].to_list()]


def objects(values: list[str]) -> list[str]:
    import polars as pl

    from dideban.traces.videos import cluster_videos

    clusters, _ = cluster_videos(pl.Series("value", values).value_counts(name="n"))
    leader = dict(clusters.iter_rows())
    return [leader[value] for value in values]


@needs_ffmpeg
def test_a_video_is_one_at_another_size_and_quality_and_cut(tmp_path: Path) -> None:
    whole = list(range(10, 20))
    found = media(
        scan(chat(tmp_path / "a", [whole, whole, whole[3:], list(range(30, 40))]), out=tmp_path / "o", key=KEY)
    )
    assert all(value.startswith("vpdq:") for value in found)
    one, copy, cut, other = objects(found)
    assert one == copy == cut
    assert other != one


@needs_ffmpeg
@pytest.mark.parametrize(
    "data",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"",
        b"\x00\x00\x00\x18ftypmp42" + bytes(500),
        b"\x1aE\xdf\xa3" + bytes(500),
    ],
    ids=["playlist", "list", "nothing", "half a film", "half a matroska"],
)
def test_what_is_no_video_or_names_other_files_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(data)
    decoder = Decoder()
    try:
        with pytest.raises(PictureError, match="picture-damaged"):
            decoder.frames(path, program=FFMPEG)
    finally:
        decoder.close()


@needs_ffmpeg
def test_a_cut_short_video_gives_what_it_has(tmp_path: Path) -> None:
    path = film(tmp_path / "film.avi", list(range(8)))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    decoder = Decoder()
    try:
        assert 1 <= len(decoder.frames(path, program=FFMPEG)) <= 6
    finally:
        decoder.close()


def test_without_the_program_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = chat(tmp_path / "a", [])
    messages = [{"id": 1, "type": "message", "date_unixtime": "1700000000", "from": "A", "from_id": "user1", "text": "",
                 "date": "2023-11-14T22:13:20", "file": "video_files/1.mp4", "media_type": "video_file"}]  # fmt: skip
    (folder / "video_files" / "1.mp4").write_bytes(b"film")
    (folder / "result.json").write_text(
        json.dumps({"name": "A", "type": "public_channel", "id": 9, "messages": messages})
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    result = scan(folder, out=tmp_path / "o", key=KEY)
    assert "note.films-need-program" in [note["code"] for note in result.run["notes"]]
    assert media(result) == ["video_files/1.mp4"]
