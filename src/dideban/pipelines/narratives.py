"""Narratives: from files of posts to a folder that holds the narratives, their posts and a page."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dideban import __version__
from dideban.atomic import write_folder
from dideban.config import Config, NarrativeConfig
from dideban.errors import InputError
from dideban.findings.narratives import Embedder, Narratives, StaticEmbedder, make_narratives
from dideban.findings.narratives.checkpoint import write_state
from dideban.pipelines.reading import files_of, read_table, reading_posts
from dideban.pipelines.targets import check_target
from dideban.progress import SILENT, Progress
from dideban.report import render_narratives
from dideban.store import read_findings

NARRATIVES = "narratives.json"


@dataclass(frozen=True, kw_only=True)
class NarrativeRun:
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
) -> NarrativeRun:
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
        Reports each stage.

    Returns
    -------
    NarrativeRun

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config, target = config or Config(), Path(out)
    check_target(target, mark=NARRATIVES)
    files = files_of(paths)
    proved = proved_accounts(Path(findings)) if findings else None
    static = StaticEmbedder(Path(model)) if model is not None and embedder is None else None
    if not files and findings is None:
        raise InputError("run.no-posts", hint="hint.name-posts")
    with contextlib.ExitStack() as stack:
        rejects = b""
        posts_path = Path(findings or "") / "posts.parquet"
        if files:
            intake = stack.enter_context(
                reading_posts(files, config=config, key=key, key_file=key_file, mapping=mapping, progress=progress)
            )
            posts_path, rejects = intake.posts_path, intake.rejects_path.read_bytes()
        found = make_narratives(
            read_table(posts_path), config=settings, proved=proved, embedder=embedder or static, threads=config.threads,
            progress=progress, state=None if state is None else Path(state),
        )  # fmt: skip
    stamp = {"model_sha256": static.sha256} if static else {}
    _write(target, found, settings=settings or NarrativeConfig(), config=config, rejects=rejects, stamp=stamp)
    if state is not None and found.state is not None:
        write_state(Path(state), found.state, config=settings or NarrativeConfig())
    return NarrativeRun(out=target, narratives=found)


def proved_accounts(folder: Path) -> dict[str, str]:
    """Return account to finding, of the findings (not leads) of a scan; of several the first.

    Raises
    ------
    InputError
        The folder is not a scan.
    """
    path = folder / "findings.json"
    if not path.is_file():
        raise InputError("run.not-scan-folder", path=str(folder))
    known: dict[str, str] = {}
    for finding in read_findings(path)[0]:
        if not finding.lead:
            for account in finding.accounts:
                known.setdefault(account, finding.id)
    return known


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
    write_folder(target, files | ({"rejects.csv": rejects} if rejects else {}), survives="kill")


__all__ = ["NarrativeRun", "narrate", "proved_accounts"]
