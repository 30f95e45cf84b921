"""Flows beside the scan: narratives, and who copied whose articles. Here stages are composed, as in ``watch.py``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from dideban import __version__
from dideban.config import Config, NarrativeConfig
from dideban.errors import InputError, StoreError
from dideban.findings.copying import Copies, find_copies
from dideban.findings.narratives import Embedder, Narratives, StaticEmbedder, make_narratives
from dideban.findings.narratives.state import write_state
from dideban.ingest import is_articles, load_key, read_articles, read_posts
from dideban.progress import SILENT, Progress
from dideban.report import render_copies, render_narratives
from dideban.schema import POSTS
from dideban.store import read_findings
from dideban.store.atomic import write_folder
from dideban.watch import default_key_file

NARRATIVES = "narratives.json"
COPIES = "copying.json"


@dataclass(frozen=True, kw_only=True)
class Told:
    """The result of :func:`narrate`, and where its files are."""

    out: Path
    narratives: Narratives

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.out / "narratives.html"


def narrate(
    paths: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    config: Config | None = None,
    settings: NarrativeConfig | None = None,
    findings: str | Path | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    embedder: Embedder | None = None,
    model: str | Path | None = None,
    state: str | Path | None = None,
    progress: Progress = SILENT,
) -> Told:
    """Cluster posts by what they say, over time, and write the narratives to a folder.

    Parameters
    ----------
    paths : path or paths
        Files or folders in any known shape; none = the posts of ``findings``.
    out : path
        Folder to write. It appears whole or not at all; an earlier result of ours is replaced.
    config : Config
        Settings of intake and threads; None = defaults.
    settings : NarrativeConfig
        Settings of the method; None = defaults.
    findings : path
        Folder of a scan: tells which posts come from proved groups.
    key, key_file : bytes, path
        Key of the pseudonyms; None = the room's key file, made if missing.
    mapping : mapping
        Column of POSTS to column of the files.
    embedder : Embedder, optional
        A local model of meaning.
    model : path, optional
        Folder of one (``StaticEmbedder``), where no ``embedder`` is given; its hash is written beside the settings.
    state : path, optional
        File to go on from and to keep for the next run; made if missing, written last. It holds pseudonyms, links and
        the texts of the last hours: keep it as you keep the posts.
    progress : Progress
        Told of each stage.

    Returns
    -------
    Told

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config, target = config or Config(), Path(out)
    check_target(target, mark=NARRATIVES)
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    proved = proved_accounts(Path(findings)) if findings else None
    static = StaticEmbedder(Path(model)) if model is not None and embedder is None else None
    if not files and findings is None:
        raise InputError("no posts given", hint="name files of posts, or the folder of a scan with --findings")
    with tempfile.TemporaryDirectory(prefix="dideban-") as scratch:
        rejects = b""
        posts_path = Path(findings or "") / "posts.parquet"
        if files:
            intake = read_posts(
                files, out=Path(scratch), key=key or load_key(key_file or default_key_file()), config=config.ingest,
                mapping=mapping, progress=progress,
            )  # fmt: skip
            posts_path, rejects = intake.posts_path, (Path(scratch) / "rejects.csv").read_bytes()
        found = make_narratives(
            read_table(posts_path), config=settings, proved=proved, embedder=embedder or static, threads=config.threads,
            progress=progress, state=None if state is None else Path(state),
        )  # fmt: skip
    stamp = {"model_sha256": static.sha256} if static else {}
    _write(target, found, settings=settings or NarrativeConfig(), config=config, rejects=rejects, stamp=stamp)
    if state is not None and found.state is not None:
        write_state(Path(state), found.state, config=settings or NarrativeConfig())
    return Told(out=target, narratives=found)


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The result of :func:`trace_copies`, and where its files are."""

    out: Path
    copies: Copies
    n_rejects: int

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.out / "copying.html"


def trace_copies(
    paths: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    config: Config | None = None,
    min_letters: int = 200,
    least_share: float = 0.3,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> Copied:
    """Find who copied whose articles or posts, and write it to a folder.

    Parameters
    ----------
    paths : path or paths
        Article pages (HTML) and feeds, or files of posts in any known shape; folders are walked.
    out : path
        Folder to write. It appears whole or not at all; an earlier result of ours is replaced.
    config : Config
        Settings of intake; None = defaults.
    min_letters : count
        Shorter texts are not compared.
    least_share : 0..1
        Least share of a text that stands in an earlier one.
    key, key_file : bytes, path
        Key of the pseudonyms, for posts; websites keep their names.
    mapping : mapping
        Column of POSTS to column of the files.
    progress : Progress
        Told of each stage.

    Returns
    -------
    Copied

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config, target = config or Config(), Path(out)
    check_target(target, mark=COPIES)
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if is_articles(files):
        read = read_articles(files, config=config.ingest, progress=progress)
        posts, names, resolution_s, rejects = read.posts, read.names, 0.0, read.rejects.write_csv().encode()
        n_rejects = read.rejects.height
        if not posts.height:
            raise InputError("no article could be read", hint="are these pages of articles, with their time?")
    else:
        with tempfile.TemporaryDirectory(prefix="dideban-") as scratch:
            intake = read_posts(
                files, out=Path(scratch), key=key or load_key(key_file or default_key_file()), config=config.ingest,
                mapping=mapping, progress=progress,
            )  # fmt: skip
            posts, rejects = pl.read_parquet(intake.posts_path), intake.rejects_path.read_bytes()
            names, resolution_s, n_rejects = {}, intake.time_resolution_s, intake.n_rejects
    found = find_copies(
        posts, names=names, min_letters=min_letters, least_share=least_share, resolution_s=resolution_s,
        progress=progress,
    )  # fmt: skip
    content = {**found.to_dict(), "version": __version__}
    write_folder(
        target,
        {
            "copying.html": render_copies(found, version=__version__).encode("utf-8", "replace"),
            "rejects.csv": rejects,
            COPIES: orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS),
        },
    )
    return Copied(out=target, copies=found, n_rejects=n_rejects)


def proved_accounts(folder: Path) -> dict[str, str]:
    """Return account to finding, of the findings (not leads) of a scan; of several the first.

    Raises
    ------
    InputError
        The folder is not a scan.
    """
    path = folder / "findings.json"
    if not path.is_file():
        raise InputError(f"{folder}: not the folder of a scan (findings.json is missing)", path=str(folder))
    known: dict[str, str] = {}
    for finding in read_findings(path)[0]:
        if not finding.lead:
            for account in finding.accounts:
                known.setdefault(account, finding.id)
    return known


def read_table(path: Path) -> pl.LazyFrame:
    """Return POSTS kept as Parquet.

    Raises
    ------
    InputError
        The file is missing or does not hold POSTS.
    """
    try:
        table = pl.scan_parquet(path)
        missing = [name for name in POSTS.names if name not in table.collect_schema()]
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{path}: posts cannot be read", path=str(path)) from error
    if missing:
        raise InputError(f"{path}: column {missing[0]} is missing", path=str(path))
    return table


def check_target(target: Path, *, mark: str) -> None:
    """Refuse to replace what is not a result of ours: a folder that holds ``mark``, or an empty one.

    Raises
    ------
    StoreError
        ``target`` is something else.
    """
    if target.exists() and not (target.is_dir() and ((target / mark).is_file() or not any(target.iterdir()))):
        raise StoreError(
            f"{target}: exists and is not a result of this command", hint="name a new folder, or empty this one",
            path=str(target),
        )  # fmt: skip


def _write(
    target: Path,
    found: Narratives,
    *,
    settings: NarrativeConfig,
    config: Config,
    rejects: bytes,
    stamp: Mapping[str, str],
) -> None:
    from dataclasses import asdict
    from io import BytesIO

    content: dict[str, Any] = {**found.to_dict(), "version": __version__, "settings": asdict(settings), **stamp}
    table = BytesIO()
    found.posts.write_parquet(table)
    page = render_narratives(found, version=__version__, keep_ids=config.ingest.keep_ids)
    files = {
        "narratives.html": page.encode("utf-8", "replace"),
        "posts.parquet": table.getvalue(),
        NARRATIVES: orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS),
    }
    write_folder(target, files | ({"rejects.csv": rejects} if rejects else {}))


__all__ = ["Copied", "Told", "narrate", "trace_copies"]
