"""A scan: files of posts in, a folder of findings out. Read, analyse, write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from dideban.atomic import building
from dideban.config import Config
from dideban.errors import StoreError
from dideban.findings import Affiliations, Finding
from dideban.ingest import Intake, load_key, read_posts
from dideban.ingest.model import InputFile
from dideban.messages import cause_of, describe
from dideban.pipelines.analysis import Caches, analyse
from dideban.pipelines.outputs import write_outputs
from dideban.pipelines.pictures import Attached, attach_pictures, show_pictures
from dideban.pipelines.reading import files_of
from dideban.pipelines.targets import default_key_file
from dideban.progress import SILENT, Progress
from dideban.report import pictures_to_show
from dideban.schema import GROUP_HISTORY
from dideban.store import HISTORY, Provenance, read_history
from dideban.text import SignatureCache

MARK = "run.json"
"""A folder that holds it is one of ours and may be replaced."""


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The result of a scan: tables, findings, and where the files are."""

    out: Path
    findings: list[Finding]
    run: dict[str, Any]
    intake: Intake

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.out / "report.html"

    def table(self, name: str) -> pl.DataFrame:
        """Read ``posts``, ``edges`` or ``groups``."""
        return pl.read_parquet(self.out / f"{name}.parquet")

    def summary(self) -> pl.DataFrame:
        """Return one row per finding: what a person looks at first."""
        rows = [
            {
                "id": f.id,
                "accounts": len(f.accounts),
                "objects": f.n_objects,
                "first": f.period[0],
                "last": f.period[1],
                "lead": f.lead,
                "label": f.label,
                "statement": f.statement["en"],
            }
            for f in self.findings
        ]
        columns = ("id", "accounts", "objects", "first", "last", "lead", "label", "statement")
        return pl.DataFrame(rows) if rows else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def scan(
    paths: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    config: Config | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    affiliations: Callable[[bytes], Affiliations] | None = None,
    after: str | Path | None = None,
    signatures: Path | None = None,
    media: str | Path | None = None,
    read_pictures: bool = False,
    package_pictures: bool = False,
    lang: str = "en",
    progress: Progress = SILENT,
) -> Scan:
    """Find groups that act in concert in files of posts, and write everything about them to a folder.

    Parameters
    ----------
    paths : path or paths
        Files or folders in any known shape.
    out : path
        Folder to write. It appears whole or not at all; an earlier result of ours is replaced.
    config : Config
        Settings; None = defaults.
    key : bytes
        Key of the pseudonyms; None = the room's key file, made if missing.
    mapping : mapping
        Column of POSTS to column of the file, where guessing is not wanted.
    affiliations : function of the key -> Affiliations
        Declared owners.
    after : path
        Folder of an earlier result made with the same key: its groups are followed on, and keep their ids.
    signatures : path
        Cache of text signatures, so that the next run reads only new texts; created if
        missing. Never changes the result. It holds normal forms of texts: keep it as you keep the posts.
    media : path
        Folder of the pictures that posts name; None = beside the files that name them.
    read_pictures : bool
        Read the words in pictures, with Tesseract.
    package_pictures : bool
        Put small pictures of findings into their packages, too; else none is in a package.
    lang : str
        Language of the workbook; everything else is in all languages.

    Returns
    -------
    Scan

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config = config or Config()
    files = files_of(paths)
    target = Path(out)
    key = key or load_key(key_file or default_key_file())
    owners = affiliations(key) if affiliations else None
    earlier = GROUP_HISTORY.empty() if after is None else read_history(Path(after))
    with building_result(target) as folder:
        cache = SignatureCache(signatures) if signatures else None
        attach = partial(
            attach_pictures, inputs=files, folder=None if media is None else Path(media), reads_words=read_pictures,
            threads=config.threads, progress=progress,
        )  # fmt: skip
        findings, run, intake = _scan_into(
            folder, files, attach, config, key, mapping, owners, earlier, cache, lang, package_pictures, progress
        )
    if cache:
        keep_signatures(cache)
    return Scan(out=target, findings=findings, run=run, intake=intake)


def keep_signatures(cache: SignatureCache) -> None:
    """Write the signatures asked for since the cache was opened.

    Raises
    ------
    StoreError
        The disk is full or the folder cannot be written.
    """
    try:
        cache.save()
    except OSError as error:
        raise StoreError("file.not-written", path=str(cache.path), reason=cause_of(error)) from error


def _scan_into(
    folder: Path,
    files: list[Path],
    attach: Callable[[Intake], Attached],
    config: Config,
    key: bytes,
    mapping: Mapping[str, str] | None,
    owners: Affiliations | None,
    earlier: pl.DataFrame,
    cache: SignatureCache | None,
    lang: str,
    package_pictures: bool,
    progress: Progress,
) -> tuple[list[Finding], dict[str, Any], Intake]:
    record = Provenance(config)
    with record.stage("intake"):
        intake = read_posts(files, out=folder, key=key, config=config.ingest, mapping=mapping, progress=progress)
        seen = attach(intake)
    intake = seen.intake
    record.note(*seen.notes)
    record.inputs = [describe_input(file) for file in intake.files]
    record.count(rejects=intake.n_rejects, duplicates=intake.n_duplicates)
    found = analyse(
        pl.scan_parquet(intake.posts_path), config=config, record=record, resolution_s=intake.time_resolution_s,
        affiliations=owners, earlier=earlier, caches=Caches(signatures=cache), progress=progress,
    )  # fmt: skip
    run = {**found.run, "reject_reasons": intake.reject_reasons, "passed": intake.passed}
    if found.followed is not None:
        pl.concat([earlier, found.followed.groups]).write_parquet(folder / HISTORY)
        run["groups"] = {"followed": earlier.height > 0, "events": found.followed.events.to_dicts()}
    shown = show_pictures(pictures_to_show(found.findings, known=seen.files), files=seen.files, threads=config.threads)
    write_outputs(
        folder, replace(found, run=run), lang=lang, pictures=shown, in_packages=package_pictures, progress=progress
    )
    return found.findings, run, intake


def describe_input(file: InputFile) -> dict[str, Any]:
    """Describe what was read from one file, and how."""
    names = ("name", "sha256", "n_rows", "shape", "mapping", "notes")
    return {**{name: getattr(file, name) for name in names}, "notes": [describe(note) for note in file.notes]}


@contextlib.contextmanager
def building_result(target: Path) -> Iterator[Path]:
    """Give a scratch folder beside ``target`` that takes its place at the end, or vanishes."""
    if target.exists() and not _is_ours(target):
        raise StoreError(
            "run.not-ours", hint="hint.new-folder", path=str(target),
        )  # fmt: skip
    try:
        with building(target, survives="kill") as folder:
            yield folder
    except OSError as error:
        raise StoreError("file.not-written", hint="hint.disk-full", path=str(target), reason=cause_of(error)) from error


def _is_ours(target: Path) -> bool:
    return target.is_dir() and ((target / MARK).is_file() or not any(target.iterdir()))


__all__ = ["Scan", "building_result", "describe_input", "scan"]
