"""Pictures of strangers: what they look like, and what becomes of those made to harm."""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dideban.ingest.pictures import Decoders, Library, Neighbours, PictureError, print_of
from dideban.ingest.pictures.decode import DecodedPicture, Decoder

Image = pytest.importorskip("PIL.Image", reason="the extra media is not installed")


def photo(seed: int = 1, width: int = 400, height: int = 300) -> Image.Image:
    chance = np.random.default_rng(seed)
    small = chance.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    held = io.BytesIO()
    picture.save(held, form, **options)
    return held.getvalue()


def sized(data: bytes, at: int, form: str, width: int, height: int) -> bytes:
    """The same file with another size in its head."""
    return data[:at] + struct.pack(form, width, height) + data[at + struct.calcsize(form) :]


GIF = saved(photo().convert("P"), "GIF")
AVIF, PNG = saved(photo(), "AVIF"), saved(photo(), "PNG")
BAD = {
    "png of 100,000 x 100,000": (png(100_000, 100_000, zlib.compress(bytes(10_000_000), 1)), "picture-too-large"),
    "png that says less than it holds": (png(10, 10, b"nonsense"), "picture-damaged"),
    "gif of 60,000 x 60,000": (sized(GIF, 6, "<HH", 60_000, 60_000), "picture-too-large"),
    "webp of 16,383 x 16,383": (
        b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8L" + struct.pack("<I", 10) + b"\x2f\xff\xff\xff\x0f" + bytes(5),
        "picture-",
    ),
    "tiff of 100,000 x 100,000": (
        b"II*\0\x08\0\0\0" + struct.pack("<H", 9)
        + b"".join(
            struct.pack("<HHII", tag, 4, 1, value)
            for tag, value in ((256, 100_000), (257, 100_000), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1),
                               (278, 100_000), (279, 100))
        )
        + bytes(4),
        "picture-too-large",
    ),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', "picture-unknown"),
    "avif of 100,000 x 100,000": (
        sized(AVIF, AVIF.index(b"ispe") + 8, ">II", 100_000, 100_000), "picture-",
    ),
    "png with a text that unpacks without end": (
        PNG[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000), 1)) + PNG[33:], "picture-damaged",
    ),
    "half a png": (PNG[:2000], "picture-damaged"),
    "half a webp": (saved(photo(), "WEBP")[:2000], "picture-damaged"),
    "half a jpeg": (saved(photo(), "JPEG")[:2000], "picture-damaged"),
    "half an avif": (saved(photo(), "AVIF")[:900], "picture-"),
    "text": (b"this is no picture", "picture-unknown"),
    "nothing": (b"", "picture-unknown"),
}  # fmt: skip


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    one = Decoder()
    yield one
    one.close()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_is_refused_with_a_reason(name: str, decoder: Decoder, tmp_path: Path) -> None:
    data, reason = BAD[name]
    path = tmp_path / "picture.jpg"
    path.write_bytes(data)
    with pytest.raises(PictureError) as caught:
        decoder.decode(path)
    assert caught.value.slug.startswith(reason)
    assert decoder.decode(stored(tmp_path, saved(photo(), "PNG"))).grey.shape == (300, 400)


def stored(folder: Path, data: bytes) -> Path:
    path = folder / "stored"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"])
def test_what_the_file_is_called_says_nothing(form: str, decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "really.svg"
    path.write_bytes(saved(photo().convert("P") if form == "GIF" else photo(), form))
    mean = abs(decoder.decode(path).grey - np.asarray(photo().convert("L"), np.float32)).mean()
    assert mean < 12


def test_the_orientation_is_applied_and_leaves_no_trace(decoder: Decoder, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a secret place"
    path = stored(tmp_path, saved(photo().transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif))
    assert np.array_equal(decoder.decode(path).grey, np.asarray(photo().convert("L"), np.float32))


def test_what_is_transparent_is_white(decoder: Decoder, tmp_path: Path) -> None:
    clear = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    assert decoder.decode(stored(tmp_path, saved(clear, "PNG"))).grey.min() == 255


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_no_picture_and_nobody_waits_for_it(decoder: Decoder, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PictureError, match="picture-unreadable"):
        decoder.decode(tmp_path / "pipe.jpg")


def test_a_process_that_answers_too_late_is_ended_and_the_next_picture_is_read(tmp_path: Path) -> None:
    path = stored(tmp_path, saved(photo(), "PNG"))
    hasty = Decoder(patience_s=0.0001)
    with pytest.raises(PictureError, match="picture-too-slow"):
        hasty.decode(path)
    hasty.patience_s = 60.0
    assert hasty.decode(path).shorter == 300
    hasty.close()


def test_a_process_that_dies_costs_one_picture(decoder: Decoder, tmp_path: Path) -> None:
    path = stored(tmp_path, saved(photo(), "PNG"))
    decoder.decode(path)
    assert decoder._process is not None
    decoder._process.kill()
    decoder._process.wait()
    assert decoder.decode(path).shorter == 300


def test_answers_come_in_order_whatever_the_number_of_processes(tmp_path: Path) -> None:
    paths = []
    for seed in range(12):
        paths.append(tmp_path / f"{seed}.png")
        paths[-1].write_bytes(b"broken" if seed == 5 else saved(photo(seed), "PNG"))
    one, two = ([str(result) for result in Decoders(n).each(paths, print_of)] for n in (1, 2))
    assert one == two
    assert one[5] == "picture-unknown"
    assert len(set(one)) == 12


def test_a_frame_gives_a_second_hash_that_is_that_of_the_picture() -> None:
    grey = np.asarray(photo(3).convert("L"), np.float32)
    framed = np.full((420, 400), 255, np.float32)
    framed[60:360] = np.minimum(grey, 200)
    plain, both = (
        print_of(DecodedPicture(one, 300)).value.removeprefix("pdq:").split(".")
        for one in (np.minimum(grey, 200), framed)
    )
    assert len(plain) == 1
    assert len(both) == 2
    assert both[1] == plain[0]


def test_plain_colours_are_left_out_and_tiny_pictures_hashed_otherwise() -> None:
    assert print_of(DecodedPicture(np.full((300, 300), 99, np.float32), 300)).value == ""
    assert print_of(DecodedPicture(np.full((30, 30), 99, np.float32), 30)).value == ""
    tiny = np.asarray(photo(4, 40, 40).convert("L"), np.float32)
    assert print_of(DecodedPicture(tiny, 40)).value.startswith("dhash:")


def test_files_are_found_by_path_address_name_list_and_post(tmp_path: Path) -> None:
    for name in ("photos/a.jpg", "b.png", "77_1.jpg", "77_2.jpg", "x/same.jpg", "y/same.jpg", "listed.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".metadata.json").write_text('{"https://cdn.example/?id=5": {"filename": "listed.jpg"}, "damaged": 3}')
    library = Library(tmp_path)
    assert library.named("photos/a.jpg") == tmp_path / "photos/a.jpg"
    assert library.named("https://cdn.example/z/b.png?size=large") == tmp_path / "b.png"
    assert library.named("https://cdn.example/?id=5") == tmp_path / "listed.jpg"
    assert library.named("same.jpg") is None
    assert library.named("../../etc/passwd") is None
    assert [path.name for path in library.of_post("chat/77")] == ["77_1.jpg", "77_2.jpg"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_folder_is_not_inside(tmp_path: Path) -> None:
    outside, folder = tmp_path / "secret.jpg", tmp_path / "media"
    outside.write_bytes(b"")
    folder.mkdir()
    (folder / "link.jpg").symlink_to(outside)
    library = Library(folder)
    path = library.named("link.jpg")
    assert path is not None
    assert not library.is_inside(path)


@pytest.mark.parametrize(
    "value",
    [
        "../secret.jpg",
        "/etc/secret.jpg",
        "C:/secret.jpg",
        "https://a.example/a.jpg",
        "a" * 5000 + ".jpg",
        "\0.jpg",
        "b.jpg",
    ],
)
def test_beside_an_export_only_paths_from_its_folder_are_looked_at(value: str, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"")
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "a.jpg").write_bytes(b"")
    beside = Neighbours(tmp_path / "chat")
    assert beside.named("./a.jpg") == tmp_path / "chat" / "a.jpg"
    assert beside.named(value) is None


@pytest.mark.parametrize("text", ["[]", "{", '"a"', "[" * 100_000, '{"a": {"filename": 3}}'])
def test_a_damaged_list_of_addresses_is_as_good_as_none(text: str, tmp_path: Path) -> None:
    (tmp_path / ".metadata.json").write_text(text)
    assert Library(tmp_path).by_address == {}


def test_a_thumbnail_is_small_and_holds_nothing_but_what_it_shows(decoder: Decoder, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a secret place"
    for form in ("JPEG", "PNG", "WEBP", "TIFF"):
        data = saved(photo(5, 3000, 2000), form, exif=exif, comment=b"a secret place", icc_profile=b"a secret place")
        small = decoder.thumbnail(stored(tmp_path, data))
        assert b"secret" in data
        assert b"secret" not in small.jpeg
        seen = Image.open(io.BytesIO(small.jpeg))
        assert (seen.size, seen.format, len(seen.getexif())) == ((small.width, small.height), "JPEG", 0)
        assert seen.size == (85, 128)
        assert len(small.jpeg) < 10_000


def test_a_picture_that_cannot_be_decoded_has_no_thumbnail(decoder: Decoder, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="picture-damaged"):
        decoder.thumbnail(stored(tmp_path, saved(photo(), "JPEG")[:2000]))


def test_beside_an_export_a_list_of_4cat_names_pictures_by_their_address(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(b"")
    (tmp_path / "secret.jpg").write_bytes(b"")
    listed = {"https://a.example/1": {"filename": "a.jpg"}, "https://a.example/2": {"filename": "../secret.jpg"}}
    (tmp_path / "images" / ".metadata.json").write_text(json.dumps(listed))
    beside = Neighbours(tmp_path)
    assert beside.named("https://a.example/1") == tmp_path.resolve() / "images" / "a.jpg"
    assert beside.named("https://a.example/2") is None
    assert beside.named("https://a.example/3") is None
