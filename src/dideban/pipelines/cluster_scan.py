"""A scan of posts that lie on a cluster: the stages that see every post run there, the same analysis here."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from dideban.cluster import ClusterIntake, ClusterPosts, Engine, open_engine, read_cluster_posts
from dideban.cluster.engine import check_address
from dideban.cluster.inputs import ClusterInput, find_inputs
from dideban.config import Config
from dideban.findings import Finding
from dideban.ingest import Intake, load_key
from dideban.ingest.posts import safe
from dideban.messages import Message
from dideban.pipelines.analysis import analyse
from dideban.pipelines.outputs import write_outputs
from dideban.pipelines.scan import Scan, building_result, describe_input
from dideban.pipelines.targets import default_key_file
from dideban.progress import SILENT, Progress
from dideban.schema import GROUP_HISTORY, REJECTS
from dideban.store import HISTORY, Provenance, read_history


def scan_on_cluster(
    places: Sequence[str],
    *,
    out: str | Path,
    engine: str,
    partitions: int = 0,
    scratch: str = "",
    config: Config | None = None,
    key: bytes | None = None,
    key_file: Path | None = None,
    mapping: Mapping[str, str] | None = None,
    after: str | Path | None = None,
    tables: str = "",
    lang: str = "en",
    progress: Progress = SILENT,
) -> Scan:
    """Find groups that act in concert in tables of posts, on an engine that speaks Spark Connect.

    Parameters
    ----------
    places : paths and addresses
        Parquet files and folders, Delta tables, ``delta:ADDRESS``, ``table:NAME``.
    engine : "local-cluster" or "sc://HOST"
    partitions : count
        0 = the default of the engine. Never changes a finding.
    scratch : path or address
        Folder that driver and workers reach.
    tables : path or address
        Where TRACES are written too, as Parquet or ``delta:ADDRESS``; empty = nowhere.

    Returns
    -------
    Scan
        Findings as :func:`dideban.pipelines.scan.scan` makes them of the same posts, to the byte. ``posts.parquet``
        holds the posts that findings need.

    Raises
    ------
    InputError, ConfigError, StoreError, SourceError
        In plain words; nothing half-written is left behind.
    """
    config, target = config or Config(), Path(out)
    check_address(engine)
    inputs = find_inputs(places)
    key = key or load_key(key_file or default_key_file())
    earlier = GROUP_HISTORY.empty() if after is None else read_history(Path(after))
    with (
        building_result(target) as folder,
        open_engine(
            engine, partitions=partitions, scratch=scratch, home=folder.parent, threads=config.threads
        ) as opened,
    ):
        run = _ClusterRun(opened, folder, inputs, config, progress)
        findings, described, intake = run.scan(key, mapping, earlier, tables, lang)
    return Scan(out=target, findings=findings, run=described, intake=intake)


class _ClusterRun:
    """One scan: what all of its steps need."""

    def __init__(
        self, engine: Engine, folder: Path, inputs: Sequence[ClusterInput], config: Config, progress: Progress
    ) -> None:
        self.engine, self.folder, self.inputs, self.config, self.progress = engine, folder, inputs, config, progress
        self.record = Provenance(config)

    def scan(
        self, key: bytes, mapping: Mapping[str, str] | None, earlier: pl.DataFrame, tables: str, lang: str
    ) -> tuple[list[Finding], dict[str, Any], Intake]:
        """Read, analyse, write."""
        read = self._read(key, mapping)
        intake = _intake(read, self.folder)
        posts = ClusterPosts(self.engine, read.frame, out=intake.posts_path)
        found = analyse(
            posts, config=self.config, record=self.record, resolution_s=read.time_resolution_s, earlier=earlier,
            progress=self.progress,
        )  # fmt: skip
        if tables:
            posts.write_traces(tables)
        self.record.note(Message("note.posts-on-cluster", n=read.n_posts))
        run = {**found.run, "reject_reasons": read.reasons, "passed": {}, "engine": self.engine.describe()}
        if found.followed is not None:
            pl.concat([earlier, found.followed.groups]).write_parquet(self.folder / HISTORY)
            run["groups"] = {"followed": earlier.height > 0, "events": found.followed.events.to_dicts()}
        write_outputs(self.folder, replace(found, run=run), lang=lang, pictures={}, progress=self.progress)
        return found.findings, run, intake

    def _read(self, key: bytes, mapping: Mapping[str, str] | None) -> ClusterIntake:
        with self.record.stage("intake"), self.progress.stage("reading-posts", total=1, unit="steps") as task:
            read = read_cluster_posts(self.engine, self.inputs, key=key, config=self.config.ingest, mapping=mapping)
            task.advance()
        self.record.inputs = [describe_input(file) for file in read.files]
        self.record.count(rejects=sum(read.reasons.values()), duplicates=read.n_duplicates)
        return read


def _intake(read: ClusterIntake, folder: Path) -> Intake:
    """Return the account of what was read, and write the rejects that are listed."""
    rejects = folder / "rejects.csv"
    with rejects.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REJECTS.names)
        writer.writerows([safe(cell) for cell in row] for row in read.rejects.select(REJECTS.names).iter_rows())
    return Intake(
        posts_path=folder / "posts.parquet", n_posts=read.n_posts, n_rows=read.n_rows,
        n_rejects=sum(read.reasons.values()), n_duplicates=read.n_duplicates, reject_reasons=read.reasons,
        rejects_path=rejects, files=read.files, time_resolution_s=read.time_resolution_s,
    )  # fmt: skip


__all__ = ["scan_on_cluster"]
