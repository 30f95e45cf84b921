"""Writing a site into a folder: only what changed is written, what is gone is removed, the manifest comes last."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import orjson

from dideban.atomic import our_disk, swapping, write_bytes
from dideban.errors import InputError
from dideban.site.build import Site, policies_of, site_files
from dideban.site.signing import MANIFEST, SIGNATURE, UNLISTED, manifest_of, signature_of

EPOCH = (1980, 1, 1, 0, 0, 0)
MOST_ZIPPED = 65_000
"""Files of a zip mirror: more need a form of zip that not every program reads."""
IGNORED = frozenset({".DS_Store", "Thumbs.db"})


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export did."""

    n_files: int
    n_written: int
    n_removed: int
    n_bytes: int
    digest: str
    """SHA-256 of the manifest: names this state of the site."""


def export_site(site: Site, *, out: Path) -> Exported:
    """Write a site into a folder.

    Parameters
    ----------
    out : path
        An empty folder, one that is not there yet, or one that holds an earlier export.

    Raises
    ------
    InputError
        The folder holds files that no earlier export put there.
    StoreError
        It cannot be written.

    Notes
    -----
    The same site gives the same bytes. What an earlier export left behind and this one does not have is removed
    before the new manifest is written: what was withdrawn is gone even where the export is killed in the middle.
    """
    before = _earlier(out)
    listed: dict[str, tuple[str, int]] = {}
    n_written = 0
    for path, data in site_files(site):
        if path in listed:
            raise InputError("site.path-twice", path=path)
        listed[path] = (hashlib.sha256(data).hexdigest(), len(data))
        n_written += _put(out / path, data)
    n_removed = _remove(out, [path for path in before if path not in listed])
    manifest = manifest_of(listed, policies=policies_of(site))
    n_written += _put(out / MANIFEST, manifest)
    if site.signing_key:
        n_written += _put(out / SIGNATURE, signature_of(manifest, key=site.signing_key))
    else:
        (out / SIGNATURE).unlink(missing_ok=True)
    n_bytes = sum(size for _, size in listed.values())
    return Exported(
        n_files=len(listed), n_written=n_written, n_removed=n_removed, n_bytes=n_bytes,
        digest=hashlib.sha256(manifest).hexdigest(),
    )  # fmt: skip


def zip_site(folder: Path, *, to: Path) -> Path:
    """Pack an exported site into one zip with fixed dates: the same site gives the same bytes.

    Raises
    ------
    InputError
        More files than a zip holds that every program reads.
    StoreError
        The folder cannot be read or the zip cannot be written.
    """
    names = sorted([*_earlier(folder), *(name for name in UNLISTED if (folder / name).is_file())])
    if len(names) > MOST_ZIPPED:
        raise InputError("site.too-many-for-zip", n=len(names), most=MOST_ZIPPED)
    with our_disk(to), swapping(to, survives="kill") as part, zipfile.ZipFile(part, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, (folder / name).read_bytes(), compresslevel=6)
    return to


def _earlier(out: Path) -> list[str]:
    """Return the paths of what an earlier export put into a folder.

    Raises
    ------
    InputError
        There are files, and none of them is a manifest of ours.
    """
    with our_disk(out):
        if not out.exists():
            return []
        if not out.is_dir():
            raise InputError("site.not-a-site", hint="site.not-a-site-hint", path=str(out))
        try:
            files = orjson.loads((out / MANIFEST).read_bytes())["files"].keys()
            return [str(path) for path in files if _is_inside(str(path))]
        except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            if any(one.name not in IGNORED and not _is_half(one) for one in out.iterdir()):
                raise InputError("site.not-a-site", hint="site.not-a-site-hint", path=str(out)) from None
            return []


def _is_half(path: Path) -> bool:
    """Return whether a first export that was killed left this: its manifest comes last."""
    return path.name == "assets" and path.is_dir() and (path / "site.css").is_file()


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and "\\" not in path and ".." not in path.split("/") and ":" not in path


def _put(path: Path, data: bytes) -> int:
    """Write a file unless it holds the same already; return how many were written."""
    with our_disk(path):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size == len(data) and path.read_bytes() == data:
                return 0
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data, survives="kill")
    return 1


def _remove(out: Path, paths: list[str]) -> int:
    n = 0
    with our_disk(out):
        for name in paths:
            path = out / name
            if path.is_file():
                path.unlink()
                n += 1
            for folder in path.parents:
                if folder == out or not folder.is_relative_to(out):
                    break
                with contextlib.suppress(OSError):
                    folder.rmdir()  # only where it is empty
    return n
