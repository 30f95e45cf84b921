"""A site on disk: what is written, what is removed, and what a copy of it proves."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from dideban.errors import ExchangeError, InputError
from dideban.site import Attachment, export_site, verify_site, zip_site
from dideban.site.signing import public_of
from unit.site.making import AT, KEY, item, site


def exported(out: Path) -> Path:
    export_site(site(item(), item("b", lang="en")), out=out)
    return out


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def codes(found) -> set[str]:
    return {one.code for one in found.problems}


def test_the_same_site_gives_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    items = [item(), item("b", lang="en", places=("north",)), item("c", kind="lesson")]
    export_site(site(*items), out=tmp_path / "a")
    export_site(site(*reversed(items)), out=tmp_path / "b")
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    one, two = (zip_site(tmp_path / name, to=tmp_path / f"{name}.zip").read_bytes() for name in "ab")
    assert one == two


def test_a_second_export_writes_only_what_changed(tmp_path: Path) -> None:
    items = [item(f"n-{n}", published_at=AT + timedelta(minutes=n)) for n in range(20)]
    first = export_site(site(*items), out=tmp_path)
    marks = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    assert export_site(site(*items), out=tmp_path).n_written == 0
    again = export_site(site(item("n-0", text="other words"), *items[1:]), out=tmp_path)
    changed = {p.relative_to(tmp_path).as_posix() for p, at in marks.items() if p.stat().st_mtime_ns != at}
    assert changed == {"fa/bulletins/n-0/index.html"}
    assert again.n_files == first.n_files


def test_what_is_published_no_more_is_removed_with_its_files(tmp_path: Path) -> None:
    file = Attachment(name="finding.zip", content=b"x", title="the package")
    export_site(site(item("gone", attachments=(file,)), item("stays")), out=tmp_path)
    made = export_site(site(item("stays")), out=tmp_path)
    assert made.n_removed == 2
    assert not (tmp_path / "fa/bulletins/gone").exists()
    assert verify_site(tmp_path).ok


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError):
        export_site(site(item()), out=tmp_path)
    assert tree(tmp_path) == {"thesis.txt": b"mine"}


def test_an_export_that_was_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    whole = tree(exported(tmp_path / "whole"))
    (tmp_path / "half").mkdir()
    for name in list(whole)[: len(whole) // 2]:
        if name.startswith("assets/"):
            path = tmp_path / "half" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(whole[name])
    export_site(site(item(), item("b", lang="en")), out=tmp_path / "half")
    assert tree(tmp_path / "half") == whole


def test_a_copy_is_what_was_signed(tmp_path: Path) -> None:
    folder = exported(tmp_path / "site")
    packed = zip_site(folder, to=tmp_path / "site.zip")
    for copy in (folder, packed):
        found = verify_site(copy, public_key=public_of(KEY))
        assert found.ok
        assert found.signer == public_of(KEY).hex()
    assert codes(verify_site(packed, public_key=bytes(32))) == {"check.other-key"}


@pytest.mark.parametrize("name", ["fa/bulletins/water/index.html", "withdrawn.json", "assets/site.css", "sitemap.xml"])
def test_one_changed_byte_is_noticed(tmp_path: Path, name: str) -> None:
    path = exported(tmp_path) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert codes(verify_site(tmp_path)) == {"site.check.changed"}


def test_a_manifest_made_anew_does_not_fit_its_signature(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"].pop("withdrawn.json")
    (folder / "withdrawn.json").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert codes(verify_site(folder)) == {"check.signature-unfit"}


def test_files_that_were_added_or_are_missing_are_named(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    (folder / "fa/extra.html").write_text("<p>added")
    (folder / "robots.txt").unlink()
    assert codes(verify_site(folder)) == {"site.check.extra", "site.check.missing"}


def test_a_site_without_signature_is_no_proof(tmp_path: Path) -> None:
    export_site(site(item(), signing_key=None), out=tmp_path)
    assert codes(verify_site(tmp_path)) == {"site.check.not-signed"}


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_links_are_refused(tmp_path: Path) -> None:
    (exported(tmp_path) / "fa/more.html").symlink_to("/etc/passwd")
    with pytest.raises(ExchangeError):
        verify_site(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../evil.html",
        "/etc/passwd",
        "a/../../b",
        "C:/x",
        "a\\b",
        "fa/con\x00.html",
        "FA/x.html",
        "a//b",
        "ab/\u202elmth.x",
    ],
)
def test_a_zip_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    packed = zip_site(exported(tmp_path / "site"), to=tmp_path / "site.zip")
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, b"x")
    if name == "fa/con\x00.html":  # the library cuts it at the NUL, what is left is a name that was added
        assert codes(verify_site(packed)) == {"site.check.extra"}
        return
    with pytest.raises(ExchangeError):
        verify_site(packed)


def test_a_name_that_stands_in_a_zip_twice_is_refused(tmp_path: Path) -> None:
    packed = zip_site(exported(tmp_path / "site"), to=tmp_path / "site.zip")
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("robots.txt", b"x")
    with pytest.raises(ExchangeError):
        verify_site(packed)


def test_a_zip_that_unpacks_to_more_than_it_says_is_not_read(tmp_path: Path) -> None:
    packed = zip_site(exported(tmp_path / "site"), to=tmp_path / "site.zip")
    with zipfile.ZipFile(packed) as archive:
        kept = {one.filename: archive.read(one) for one in archive.infolist()}
    kept["robots.txt"] = bytes(50_000_000)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    assert codes(verify_site(packed)) == {"site.check.changed"}


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"schema":"dideban.site/1","files":[]}', b'{"schema":"dideban.site/1","files":{"../x":{"sha256":"0","bytes":1}}}',
             b'{"schema":"dideban.site/1","files":{"a":{"sha256":"0","bytes":-1}}}', b'{"schema":"dideban.site/1","files":{"a":{"sha256":0,"bytes":true}}}',
             b"[" * 100_000], ids=range(8),
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused_in_plain_words(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(data)
    with pytest.raises(ExchangeError):
        verify_site(tmp_path)
