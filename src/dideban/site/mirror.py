"""Is this copy of a site what the room signed? Folders and zips from strangers, never unpacked to disk."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dideban.errors import ExchangeError
from dideban.messages import Message, cause_of
from dideban.site.export import IGNORED
from dideban.site.signing import MANIFEST, SCHEMA, SIGNATURE, UNLISTED
from dideban.store.bounds import MB, check_zip, parse_json
from dideban.store.manifest import is_signed, raw_public

MAX_FILES = 200_000
MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES = 64 * MB, 64 * 1024
MAX_BYTES = 8 * 1024 * MB
"""All files of a site together."""
MAX_ZIP_ENTRIES = 65_535
MAX_SAID = 20
"""Files that are named where they do not fit."""
PATH = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*(?:/[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*){0,8}")
_BLOCK = 1024 * 1024
UNREADABLE = (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, kw_only=True)
class SiteCheck:
    """What came out of checking a copy."""

    n_files: int
    problems: list[Message]
    signer: str = ""
    """Public key of whoever signed, hexadecimal; empty = nobody did."""

    @property
    def ok(self) -> bool:
        """Whether every file is as it was signed."""
        return not self.problems


@dataclass(frozen=True, kw_only=True)
class SiteCopy:
    """Files of a folder or zip by their path."""

    sizes: Mapping[str, int]
    opener: Any

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Open one file."""
        with self.opener(path) as file:
            yield file

    def read(self, path: str, *, most: int) -> bytes:
        """Return the content of a small file.

        Raises
        ------
        ExchangeError
            It is larger than it may be.
        """
        with self.open(path) as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise ExchangeError("site.check.too-large", path=path, most=most)
        return data


def verify_site(path: Path, *, public_key: bytes | None = None) -> SiteCheck:
    """Check a copy of a site: the signature, every hash, and that nothing was added.

    Parameters
    ----------
    path : path
        A folder or zip.
    public_key : bytes
        Ed25519 public key (32 raw bytes, hexadecimal or PEM) that must have signed it; None = whoever signed.

    Raises
    ------
    ExchangeError
        Not a site: no manifest, names that lead out of the folder, links, more than anybody should read.
    """
    with copy_of(path) as copy:
        return _checked(copy, None if public_key is None else _key(public_key))


@contextmanager
def copy_of(path: Path) -> Iterator[SiteCopy]:
    """Open a copy of a site, a folder or zip, without unpacking it.

    Raises
    ------
    ExchangeError
        It cannot be read, or holds what no site holds.
    """
    try:
        yield _zip(path) if path.is_file() else _folder(path)
    except UNREADABLE as error:
        raise ExchangeError("site.check.unreadable", path=path, reason=cause_of(error)) from error


def _checked(copy: SiteCopy, expected: bytes | None) -> SiteCheck:
    if MANIFEST not in copy.sizes:
        raise ExchangeError("site.check.no-manifest")
    data = copy.read(MANIFEST, most=MAX_MANIFEST_BYTES)
    listed = _listed(data)
    problems, signer = _signature(copy, data, expected)
    problems += [Message("site.check.missing", path=one) for one in sorted(set(listed) - set(copy.sizes))[:MAX_SAID]]
    extra = sorted(set(copy.sizes) - set(listed) - UNLISTED)
    problems += [Message("site.check.extra", path=one) for one in extra[:MAX_SAID]]
    wrong = [one for one in sorted(set(listed) & set(copy.sizes)) if not _fits(copy, one, listed[one])]
    problems += [Message("site.check.changed", path=one) for one in wrong[:MAX_SAID]]
    return SiteCheck(n_files=len(listed), problems=problems, signer=signer)


def _listed(data: bytes) -> dict[str, tuple[str, int]]:
    """Return path to hash and size of what a manifest lists."""
    manifest = parse_json(data, name=MANIFEST, max_values=10 * MAX_FILES)
    files = manifest.get("files") if isinstance(manifest, dict) and manifest.get("schema") == SCHEMA else None
    if not isinstance(files, dict) or len(files) > MAX_FILES:
        raise ExchangeError("site.check.not-manifest")
    found: dict[str, tuple[str, int]] = {}
    for path, row in files.items():
        digest, size = (row.get("sha256"), row.get("bytes")) if isinstance(row, dict) else (None, None)
        if not isinstance(digest, str) or type(size) is not int or not 0 <= size <= MAX_BYTES:
            raise ExchangeError("site.check.not-manifest")
        _safe(path)
        found[path] = (digest, size)
    if sum(size for _, size in found.values()) > MAX_BYTES:
        raise ExchangeError("site.check.too-large", path=MANIFEST, most=MAX_BYTES)
    return found


def _signature(copy: SiteCopy, data: bytes, expected: bytes | None) -> tuple[list[Message], str]:
    if SIGNATURE not in copy.sizes:
        return [Message("site.check.not-signed")], ""
    row = parse_json(copy.read(SIGNATURE, most=MAX_SIGNATURE_BYTES), name=SIGNATURE, max_values=100)
    try:
        signer, value = bytes.fromhex(row["public_key"]), bytes.fromhex(row["value"])
    except (KeyError, TypeError, ValueError):
        return [Message("check.signature-unreadable")], ""
    if not is_signed(data, signer=signer, value=value):
        return [Message("check.signature-unfit")], ""
    if expected is not None and signer != expected:
        return [Message("check.other-key")], signer.hex()
    return [], signer.hex()


def _fits(copy: SiteCopy, path: str, listed: tuple[str, int]) -> bool:
    """Return whether a file has the size and the hash that are listed; reads no more than one byte past it."""
    digest, size = listed
    if copy.sizes[path] != size:
        return False
    found, left = hashlib.sha256(), size + 1
    with copy.open(path) as file:
        while left and (block := file.read(min(_BLOCK, left))):
            found.update(block)
            left -= len(block)
    return left == 1 and found.hexdigest() == digest


def _folder(path: Path) -> SiteCopy:
    sizes: dict[str, int] = {}
    for folder, folders, names in os.walk(path):
        inside = Path(folder)
        for name in [*names, *folders]:
            own = (inside / name).relative_to(path).as_posix()
            mode = (inside / name).lstat()
            if stat.S_ISDIR(mode.st_mode) or name in IGNORED:
                continue
            if not stat.S_ISREG(mode.st_mode):
                raise ExchangeError("site.check.unsafe-name", path=own)
            sizes[_safe(own)] = mode.st_size
            if len(sizes) > MAX_FILES:
                raise ExchangeError("package.too-many-files", path=path, most=MAX_FILES)
    return SiteCopy(sizes=sizes, opener=lambda name: (path / name).open("rb"))


def _zip(path: Path) -> SiteCopy:
    check_zip(path, max_entries=MAX_ZIP_ENTRIES, max_directory_bytes=32 * MB, max_bytes=MAX_BYTES)
    archive = zipfile.ZipFile(path)
    sizes: dict[str, int] = {}
    for entry in archive.infolist():
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.filename in sizes or entry.flag_bits & 1 or kind not in (0, stat.S_IFREG):
            raise ExchangeError("site.check.unsafe-name", path=entry.filename[:200])
        sizes[_safe(entry.filename)] = entry.file_size
    return SiteCopy(sizes=sizes, opener=archive.open)


def _safe(path: str) -> str:
    """Return a path that stays inside the folder, whatever system it is unpacked on.

    Raises
    ------
    ExchangeError
        It might not.
    """
    if len(path) > 400 or not PATH.fullmatch(path):
        raise ExchangeError("site.check.unsafe-name", path=path[:200])
    return path


def _key(data: bytes) -> bytes:
    text = data.strip()
    if re.fullmatch(rb"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text.decode())
    return raw_public(data)
