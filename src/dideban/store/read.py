"""Reading finding packages that come from strangers: bounded, by name, never unpacked to disk."""

from __future__ import annotations

import itertools
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dideban.errors import ExchangeError, InputError, SchemaError
from dideban.findings import SCHEMA_NAME, Finding
from dideban.findings.contract import check_finding
from dideban.ingest.tables import table_from_bytes
from dideban.messages import cause_of
from dideban.schema import EDGES, POSTS, Table
from dideban.store.bounds import (
    MAX_COLUMNS,
    MAX_ENTRIES,
    MAX_ROWS,
    MAX_TOTAL_BYTES,
    check_table,
    check_zip,
    most_bytes,
    parse_json,
)
from dideban.store.clusters import CLUSTERS
from dideban.store.manifest import read_manifest
from dideban.store.others import OTHERS
from dideban.store.package import CONTENTS, MANIFEST, OPTIONAL

NAMES = (MANIFEST, *CONTENTS)
"""Files that a package must have."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """A finding package in memory."""

    path: Path
    files: Mapping[str, bytes]
    """Name to content, ``manifest.json`` included."""
    manifest: Mapping[str, Any]
    finding: Finding
    posts: pl.DataFrame
    """POSTS."""
    edges: pl.DataFrame
    """EDGES between members."""
    clusters: pl.DataFrame
    """CLUSTERS of texts and pictures."""
    others: pl.DataFrame
    """OTHERS: what everybody else did, blinded."""

    @property
    def report_html(self) -> str:
        """The page about this finding. It comes from a stranger: open it only as untrusted."""
        return self.files["report.html"].decode("utf-8", "replace")


def read_package(path: Path) -> Package:
    """Read a package folder or zip. Hashes are not compared here: see :func:`dideban.store.verify_package`.

    Raises
    ------
    ExchangeError
        Not a package: a file is missing, unexpected, a link, too large, or cannot be read.
    """
    files = read_files(path)
    return Package(
        path=path,
        files=files,
        manifest=read_manifest(files[MANIFEST]),
        finding=parse_finding(files["finding.json"]),
        posts=parse_table(files["posts.parquet"], table=POSTS, name="posts.parquet"),
        edges=parse_table(files["edges.parquet"], table=EDGES, name="edges.parquet"),
        clusters=parse_table(files["clusters.parquet"], table=CLUSTERS, name="clusters.parquet"),
        others=parse_table(files["others.parquet"], table=OTHERS, name="others.parquet"),
    )


def read_files(path: Path) -> dict[str, bytes]:
    """Return the files of a package folder or zip by name.

    Raises
    ------
    ExchangeError
        A file is missing, unexpected, a link, or too large; the zip is damaged or encrypted.
    """
    try:
        files = _read_folder(path) if path.is_dir() else _read_zip(path)
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ExchangeError("package.not-package", path=path, reason=cause_of(error)) from error
    missing = [name for name in NAMES if name not in files]
    if missing:
        raise ExchangeError("package.files-missing", path=path, missing=missing)
    return files


def parse_finding(data: bytes) -> Finding:
    """Rebuild the finding of ``finding.json``.

    Raises
    ------
    ExchangeError
        Not JSON, or not a finding of the format that this version reads.
    """
    document = parse_json(data, name="finding.json")
    if not isinstance(document, dict) or document.get("schema") != SCHEMA_NAME:
        raise ExchangeError("package.not-schema", name="finding.json", schema=SCHEMA_NAME)
    return build_finding(document.get("finding"), name="finding.json")


def stated_method(data: bytes) -> tuple[str, str]:
    """Return the method and its version that ``finding.json`` states; empty where it states none.

    Raises
    ------
    ExchangeError
        Not JSON.
    """
    document = parse_json(data, name="finding.json")
    finding = document.get("finding") if isinstance(document, dict) else None
    stated = [finding.get(key) if isinstance(finding, dict) else None for key in ("method", "method_version")]
    method, version = (value if isinstance(value, str) else "" for value in stated)
    return method, version


def build_finding(data: Any, *, name: str) -> Finding:
    """Build a finding from plain data that a stranger may have written.

    Raises
    ------
    ExchangeError
        The data break the format.
    """
    if problems := check_finding(data):
        raise ExchangeError("package.not-finding", name=name, problems="; ".join(problems))
    return Finding.from_dict(data)


def parse_table(data: bytes, *, table: Table, name: str) -> pl.DataFrame:
    """Read a Parquet table of a package and check it against its contract.

    Raises
    ------
    ExchangeError
        Not Parquet, too many rows or columns, or a broken contract.
    """
    try:
        frame = table.check(table_from_bytes(data, name=name, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS))
        check_table(frame, name=name, n_bytes=len(data))
        return frame
    except SchemaError as error:
        raise ExchangeError("package.bad-table", name=name, problem=error.message) from error
    except InputError as error:
        raise ExchangeError(error.message) from error


def _read_folder(folder: Path) -> dict[str, bytes]:
    entries = sorted(itertools.islice(folder.iterdir(), MAX_ENTRIES + 1))
    _refuse_unknown(folder, [entry.name for entry in entries])
    files, total = {}, 0
    for entry in entries:
        status = entry.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise ExchangeError("package.not-plain-file", path=folder, name=entry.name)
        total = _add(folder, entry.name, status.st_size, total)
        with entry.open("rb") as file:
            files[entry.name] = file.read(most_bytes(entry.name))
    return files


def _read_zip(path: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    check_zip(path)
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        names = _zip_names(path, entries[: MAX_ENTRIES + 1])
        _refuse_unknown(path, list(names.values()))
        for entry in entries:
            name = names[entry.filename]
            total = _add(path, name, entry.file_size, total)
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ExchangeError("package.other-packing", path=path, name=name)
            with archive.open(entry) as file:
                files[name] = file.read(entry.file_size + 1)
            if len(files[name]) != entry.file_size:
                raise ExchangeError("package.length", path=path, name=name)
    return files


def _zip_names(path: Path, entries: list[zipfile.ZipInfo]) -> dict[str, str]:
    """Return the plain name of each entry: all in one folder, or in none."""
    names: dict[str, str] = {}
    folders = set()
    for entry in entries:
        folder, _, name = entry.filename.rpartition("/")
        folders.add(folder)
        if entry.filename.startswith("/") or entry.filename in names or stat.S_ISLNK(entry.external_attr >> 16):
            raise ExchangeError("package.climbs", path=path, name=name)
        names[entry.filename] = name
    if len(folders) > 1 or any(part in ("", "..") for folder in folders if folder for part in folder.split("/")):
        raise ExchangeError("package.one-folder", path=path)
    return names


def _refuse_unknown(path: Path, names: list[str]) -> None:
    if len(names) > MAX_ENTRIES:
        raise ExchangeError("package.too-many-files", path=path, most=MAX_ENTRIES)
    unknown = sorted(set(names) - {*NAMES, *OPTIONAL})
    if unknown:
        raise ExchangeError("package.unknown-file", path=path, name=unknown[0])


def _add(path: Path, name: str, size: int, total: int) -> int:
    if size > most_bytes(name) or total + size > MAX_TOTAL_BYTES:
        raise ExchangeError("package.file-too-large", path=path, name=name, size=size)
    return total + size
