"""Small pictures in packages: only where asked for, and nothing in them but what posts inside show."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from dideban.config import Config, CoShareConfig
from dideban.errors import ExchangeError
from dideban.ingest.pictures import find_alike
from dideban.pipelines.scan import scan
from dideban.report.pictures import MOST_BYTES, PER_FINDING
from dideban.store import verify_package, zip_package
from dideban.store.bounds import MAX_FILE_BYTES
from dideban.store.manifest import OPTIONS, OWN_FIELDS, make_manifest
from dideban.store.package import MANIFEST
from dideban.store.pictures import PICTURES, parse_pictures

Image = pytest.importorskip("PIL.Image", reason="the extra media is not installed")
from testdata.picture_chat import photo, write_chat  # noqa: E402 - it draws, too

KEY = b"k" * 32


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chat(tmp_path_factory.mktemp("pictures") / "chat", n_joint=10, n_crowd=5, n_own=4)


@pytest.fixture(scope="session")
def pictured(chat: Path) -> Path:
    """A package with pictures."""
    config = Config(method="threshold", coshare=CoShareConfig(window_s=300))
    result = scan(chat, out=chat.parent / "out", key=KEY, config=config, package_pictures=True)
    return result.out / "findings" / result.findings[0].id


def jpeg(seed: int, *, side: int = 128, **save: Any) -> bytes:
    held = io.BytesIO()
    photo(seed).resize((side, side * 3 // 4)).save(held, "JPEG", **{"quality": 60, **save})
    return held.getvalue()


def forged(package: Path, to: Path, held: Any) -> Path:
    """Write a package again with other pictures, and every hash and the page fitting where they can be read."""
    shutil.copytree(package, to)
    data = held if isinstance(held, bytes) else orjson.dumps(held, option=OPTIONS)
    (to / PICTURES).write_bytes(data)
    manifest = orjson.loads((to / MANIFEST).read_bytes())
    try:
        pictures = parse_pictures(data)
    except ExchangeError:
        pictures = {}
    old = parse_pictures((package / PICTURES).read_bytes())
    page = (to / "report.html").read_text("utf-8")
    for name, one in old.items():
        if name in pictures:
            page = page.replace(one.address, pictures[name].address)
    (to / "report.html").write_text(page, "utf-8")
    files = {path.name: path.read_bytes() for path in to.iterdir() if path.name != MANIFEST}
    extra = {key: value for key, value in manifest.items() if key not in OWN_FIELDS}
    (to / MANIFEST).write_bytes(make_manifest(manifest["finding_id"], files=files, extra=extra))
    return to


def failed(package: Path) -> list[str]:
    return [name for name, ok, _ in verify_package(package).checks if not ok]


def stated(package: Path) -> dict[str, Any]:
    return orjson.loads((package / PICTURES).read_bytes())


def test_a_package_with_pictures_holds_and_its_page_blurs_them(pictured: Path, tmp_path: Path) -> None:
    held = parse_pictures((pictured / PICTURES).read_bytes())
    page = (pictured / "report.html").read_text("utf-8")
    assert 0 < len(held) <= PER_FINDING
    assert page.count('<label class="thumb"><input type="checkbox"') == len(held)
    assert all(one.address in page and max(one.width, one.height) <= 128 for one in held.values())
    assert verify_package(pictured).ok
    assert verify_package(zip_package(pictured, to=tmp_path / "p.zip")).ok
    assert PICTURES in orjson.loads((pictured / MANIFEST).read_bytes())["files"]


def test_pictures_lie_in_packages_only_where_asked_for(chat: Path, pictured: Path, tmp_path: Path) -> None:
    config = Config(method="threshold", coshare=CoShareConfig(window_s=300))
    result = scan(chat, out=tmp_path / "out", key=KEY, config=config)
    plain = result.out / "findings" / pictured.name
    assert not (plain / PICTURES).exists()
    assert "data:image/jpeg" not in (plain / "report.html").read_text("utf-8")
    assert (plain / "finding.json").read_bytes() == (pictured / "finding.json").read_bytes()
    assert verify_package(plain).ok
    notes = [note["code"] for note in result.run["notes"]]
    assert "note.packages-pictures" not in notes


def test_the_same_scan_gives_the_same_bytes(chat: Path, pictured: Path, tmp_path: Path) -> None:
    config = Config(method="threshold", coshare=CoShareConfig(window_s=300), threads=1)
    again = scan(chat, out=tmp_path / "out", key=KEY, config=config, package_pictures=True)
    assert (again.out / "findings" / pictured.name / PICTURES).read_bytes() == (pictured / PICTURES).read_bytes()


def other_picture(held: dict[str, Any]) -> None:
    held["pictures"][min(held["pictures"])] = base64.b64encode(jpeg(4_444)).decode()


def under_another_name(held: dict[str, Any]) -> None:
    held["pictures"]["pdq:" + "0f" * 32] = held["pictures"].pop(min(held["pictures"]))


def swapped(held: dict[str, Any]) -> None:
    one, two = sorted(held["pictures"])[:2]
    held["pictures"][one], held["pictures"][two] = held["pictures"][two], held["pictures"][one]


def one_more(held: dict[str, Any]) -> None:
    held["pictures"]["pdq:" + "a5" * 32] = base64.b64encode(jpeg(4_444)).decode()


@pytest.mark.parametrize("lie", [other_picture, under_another_name, swapped, one_more])
def test_a_picture_of_something_else_is_refused(pictured: Path, tmp_path: Path, lie: Callable[..., None]) -> None:
    held = stated(pictured)
    lie(held)
    assert "pictures" in failed(forged(pictured, tmp_path / pictured.name, held))


def replaced(data: bytes) -> Callable[[dict[str, Any]], None]:
    def lie(held: dict[str, Any]) -> None:
        held["pictures"][min(held["pictures"])] = base64.b64encode(data).decode()

    return lie


def exif() -> bytes:
    notes = Image.Exif()
    notes[0x010E] = "where it was taken"
    return notes.tobytes()


def smuggled() -> bytes:
    """Something behind the pixels, and the end of a JPEG behind it."""
    return jpeg(1) + b"a file of its own" + b"\xff\xd9"


def between() -> bytes:
    """A comment between the pixels and the end."""
    return jpeg(1)[:-2] + b"\xff\xfe\x00\x0cten bytes!" + b"\xff\xd9"


def in_the_head() -> bytes:
    """A thumbnail of its own in the first part, as JFIF allows."""
    data = jpeg(1)
    size = int.from_bytes(data[4:6])
    return data[:4] + (size + 3).to_bytes(2) + data[6 : 4 + size] + b"abc" + data[4 + size :]


LIES: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("too wide", replaced(jpeg(1, side=129))),
    ("too many bytes", replaced(jpeg(1)[:-2] + bytes(MOST_BYTES) + b"\xff\xd9")),
    ("notes of a camera", lambda held: replaced(jpeg(1, exif=exif()))(held)),
    ("a comment", replaced(jpeg(1, comment=b"who took it"))),
    ("behind the pixels", lambda held: replaced(smuggled())(held)),
    ("between pixels and end", lambda held: replaced(between())(held)),
    ("in the head", lambda held: replaced(in_the_head())(held)),
    ("no picture", replaced(b"<svg onload=alert(1)>")),
    ("nothing", replaced(b"")),
    ("no base64", lambda held: held["pictures"].update({min(held["pictures"]): "!!!!"})),
    ("no text", lambda held: held["pictures"].update({min(held["pictures"]): 7})),
    ("none at all", lambda held: held["pictures"].clear()),
    (
        "too many",
        lambda held: held["pictures"].update(
            {f"pdq:{n:064x}": held["pictures"][min(held["pictures"])] for n in range(PER_FINDING + 1)}
        ),
    ),
    ("another field", lambda held: held.update(more="words of a stranger")),
    ("another schema", lambda held: held.update(schema="dideban.pictures/9")),
    ("a list", lambda held: held.update(pictures=[1])),
]


@pytest.mark.parametrize(("name", "lie"), LIES, ids=[name for name, _ in LIES])
def test_what_is_no_small_picture_is_refused_before_anything_is_decoded(
    pictured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lie: Callable[[dict[str, Any]], Any]
) -> None:
    held = stated(pictured)
    lie(held)
    monkeypatch.setattr("dideban.store.pictures.find_alike", lambda *_: pytest.fail("it was decoded"))
    assert PICTURES in failed(forged(pictured, tmp_path / pictured.name, held))


def test_other_writing_of_the_same_is_refused(pictured: Path, tmp_path: Path) -> None:
    assert PICTURES in failed(forged(pictured, tmp_path / pictured.name, orjson.dumps(stated(pictured))))
    assert PICTURES in failed(forged(pictured, tmp_path / "again", b"{"))


def test_a_picture_is_never_decoded_in_the_process_that_verifies(
    pictured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("open", "frombytes", "frombuffer"):
        monkeypatch.setattr(Image, name, lambda *_, **__: pytest.fail("decoded here"))
    assert verify_package(pictured).ok


def test_pictures_that_cannot_be_looked_at_do_not_verify(pictured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dideban.store.pictures.can_decode", lambda: False)
    assert failed(pictured) == ["pictures"]


def test_pictures_removed_or_unlisted_or_too_large_are_refused(pictured: Path, tmp_path: Path) -> None:
    gone = shutil.copytree(pictured, tmp_path / "gone")
    (gone / PICTURES).unlink()
    assert {"files", "report.html"} <= set(failed(gone))
    large = shutil.copytree(pictured, tmp_path / "large")
    (large / PICTURES).write_bytes(b" " * (MAX_FILE_BYTES[PICTURES] + 1))
    with pytest.raises(ExchangeError):
        verify_package(large)


def test_a_page_that_shows_another_picture_is_refused(pictured: Path, tmp_path: Path) -> None:
    to = shutil.copytree(pictured, tmp_path / "page")
    page = (to / "report.html").read_text("utf-8")
    one = min(parse_pictures((to / PICTURES).read_bytes()).values(), key=lambda one: one.jpeg)
    (to / "report.html").write_text(
        page.replace(one.address, "data:image/jpeg;base64," + base64.b64encode(jpeg(9)).decode()), "utf-8"
    )
    manifest = orjson.loads((to / MANIFEST).read_bytes())
    files = {path.name: path.read_bytes() for path in to.iterdir() if path.name != MANIFEST}
    extra = {key: value for key, value in manifest.items() if key not in OWN_FIELDS}
    (to / MANIFEST).write_bytes(make_manifest(manifest["finding_id"], files=files, extra=extra))
    assert failed(to) == ["report.html"]


def test_small_pictures_are_like_their_hashes_and_not_like_others(tmp_path: Path) -> None:
    from dideban.ingest.pictures import Decoder, print_of

    decoder = Decoder()
    values, smalls = [], []
    for seed in range(12):
        photo(seed).resize([(640, 480), (90, 70), (1280, 300), (50, 40)][seed % 4]).save(tmp_path / "p.png")
        values.append(print_of(decoder.decode(tmp_path / "p.png")).value)
        smalls.append(decoder.thumbnail(tmp_path / "p.png").jpeg)
    decoder.close()
    assert {value.partition(":")[0] for value in values} == {"pdq", "dhash"}
    assert find_alike(dict(zip(values, smalls, strict=True))) == set(values)
    assert find_alike(dict(zip(values, smalls[1:] + smalls[:1], strict=True))) == frozenset()
    assert find_alike({"pdq:": smalls[0], "pdq:zz": smalls[1], "vpdq:" + "0" * 64: smalls[2]}) == frozenset()
