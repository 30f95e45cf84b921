"""The whole flow composed: files of posts in, a folder of findings out. Stages never call each other; this does."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from dideban import __version__
from dideban.background import BackgroundTask
from dideban.config import Config
from dideban.errors import StoreError
from dideban.evidence import link_accounts, link_by
from dideban.findings import Affiliations, Finding, make_findings
from dideban.findings.declared import describe_declared
from dideban.findings.note_words import describe_notes, say_note
from dideban.groups import cluster_accounts
from dideban.ingest import Intake, load_key, read_posts
from dideban.pipelines.outputs import write_outputs
from dideban.pipelines.targets import default_key_file
from dideban.progress import SILENT, Progress
from dideban.proof import MAX_GROUPS, METHOD_VERSION, Proof, explain_groups, make_splits, prove_groups
from dideban.schema import EDGES, GROUP_HISTORY, Note
from dideban.store import HISTORY, Provenance, follow_findings, read_history
from dideban.text import SignatureCache
from dideban.traces import Traces, extract_traces

MARK = "run.json"
"""A folder that holds it is one of ours and may be replaced."""
MIN_FOR_RESOLUTION = 50
"""Posts needed before the coarseness of their times is believed."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the evidence says before it is put into words."""

    edges: pl.DataFrame
    groups: pl.DataFrame
    proof: Proof | None
    pairs: pl.DataFrame | None = None
    """GROUP_PAIRS: which pairs carry each group."""


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
        File in which what was worked out about texts is kept, so that the next run reads only new ones; made if
        missing. Never changes the result. It holds normal forms of texts: keep it as you keep the posts.

    Returns
    -------
    Scan

    Raises
    ------
    InputError, ConfigError, StoreError
        In plain words; nothing half-written is left behind.
    """
    config = config or Config()
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    target = Path(out)
    key = key or load_key(key_file or default_key_file())
    owners = affiliations(key) if affiliations else None
    earlier = GROUP_HISTORY.empty() if after is None else read_history(Path(after))
    with _building(target) as folder:
        cache = SignatureCache(signatures) if signatures else None
        findings, run, intake = _scan_into(folder, files, config, key, mapping, owners, earlier, cache, progress)
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
        raise StoreError(f"{cache.path}: cannot be written ({error.strerror})", path=str(cache.path)) from error


def _scan_into(
    folder: Path,
    files: list[Path],
    config: Config,
    key: bytes,
    mapping: Mapping[str, str] | None,
    owners: Affiliations | None,
    earlier: pl.DataFrame,
    cache: SignatureCache | None,
    progress: Progress,
) -> tuple[list[Finding], dict[str, Any], Intake]:
    record = Provenance(config)
    with record.stage("intake"):
        intake = read_posts(files, out=folder, key=key, config=config.ingest, mapping=mapping, progress=progress)
    posts = pl.scan_parquet(intake.posts_path)
    with record.stage("traces"):
        traces = extract_traces(
            posts, config=config.traces, threads=config.threads, progress=progress, signatures=cache
        )
    record.note(*traces.notes)
    with BackgroundTask(config.threads) as background:
        with record.stage("evidence"):
            linked = find_groups(
                traces, config=config, resolution_s=_resolution(intake), progress=progress, background=background
            )
        with record.stage("findings"):
            findings, shares = make_findings(
                linked.groups,
                edges=linked.edges,
                traces=traces.traces,
                objects=traces.objects,
                posts=posts,
                config=config,
                proofs=linked.proof.proofs if linked.proof else None,
                proof_traces=linked.proof.proof_traces if linked.proof else None,
                pairs=linked.pairs,
                affiliations=owners,
            )
            findings, followed = follow_findings(findings, groups=linked.groups, earlier=earlier)
        with record.stage("self-check"):
            _ = linked.proof and linked.proof.selfcheck
    pl.concat([earlier, followed.groups]).write_parquet(folder / HISTORY)
    run = _describe(record, config, intake, traces, linked, findings, posts)
    if owners is not None:
        declared = describe_declared(traces.traces, posts=posts, affiliations=owners, findings=findings)
        run["declared_networks"] = [one.to_dict() for one in declared]
    run["groups"] = {"followed": earlier.height > 0, "events": followed.events.to_dicts()}
    write_outputs(
        folder, findings, run=run, record=record, posts=posts, shares=shares, edges=linked.edges,
        groups=linked.groups, traces=traces.traces, config=config, affiliations=owners,
        splits=linked.proof.splits if linked.proof else None, progress=progress,
    )  # fmt: skip
    return findings, run, intake


def find_groups(
    traces: Traces,
    *,
    config: Config,
    resolution_s: float = 0.0,
    progress: Progress = SILENT,
    background: BackgroundTask | None = None,
) -> Evidence:
    """Link and group accounts by the method of ``config``.

    Parameters
    ----------
    resolution_s : seconds
        Coarsest unit of the times; scales below it mean nothing and are left out.
    background : BackgroundTask
        Where the self-check goes on while the caller does; None = before this returns.
    """
    if config.method == "synchrony":
        proof = prove_groups(
            traces.traces, objects=traces.objects, config=config, resolution_s=resolution_s, progress=progress,
            background=background,
        )  # fmt: skip
        with ThreadPoolExecutor(1) as beside:
            ties = beside.submit(_explaining_edges, traces.traces, proof, config)
            pairs, edges = _explaining_pairs(traces, proof, config), ties.result()
        return Evidence(edges=edges, groups=proof.groups, proof=proof, pairs=pairs)
    edges = link_by(
        traces.traces, method=config.method, config=config.coshare, threads=config.threads, progress=progress
    )
    return Evidence(edges=edges, groups=cluster_accounts(edges, config=config.groups, seed=config.seed), proof=None)


def _resolution(intake: Intake) -> float:
    """Resolution of the times; a handful of posts on the full hour does not show that times are given to the hour."""
    return intake.time_resolution_s if intake.n_posts >= MIN_FOR_RESOLUTION else 0.0


def _explaining_edges(traces: pl.DataFrame, proof: Proof, config: Config) -> pl.DataFrame:
    """Ties inside proved groups at the scales that carry their proof: an explanation, not a claim."""
    if not proof.groups.height:
        return EDGES.empty()
    from dataclasses import replace

    scales = sorted(proof.proof_traces["scale_s"].unique().to_list()) or [config.coshare.window_s]
    members = traces.filter(pl.col("account_id").is_in(proof.groups["account_id"].unique().implode()))
    loose = replace(config.coshare, min_weight=1, min_participation=1, percentile=None)
    edges = link_accounts(members, config=loose, windows_s=scales, threads=config.threads)
    pairs = (
        proof.groups.join(proof.groups, on="group_ix", suffix="_b")
        .filter(pl.col("account_id") < pl.col("account_id_b"))
        .select(account_a="account_id", account_b="account_id_b")
        .unique()
    )
    return EDGES.check(
        edges.join(pairs, on=["account_a", "account_b"], how="semi").sort(
            "account_a", "account_b", "object_kind", "window_s"
        )
    )


def _explaining_pairs(traces: Traces, proof: Proof, config: Config) -> pl.DataFrame:
    """Pairs inside proved groups, of findings first: which of them carry the proof."""
    cut = config.proof
    splits = make_splits(seed=config.seed, n_splits=cut.n_splits, scales_s=cut.scales_s)
    first = proof.proofs.sort("is_lead", "e_value", "group_ix", descending=[False, True, False]).head(MAX_GROUPS)
    members = proof.groups.join(first, on="group_ix", how="semi").group_by("group_ix").agg("account_id")
    where = {ix: splits[proof.splits[tuple(sorted(accounts))]] for ix, accounts in members.iter_rows()}
    return explain_groups(
        traces.traces, groups=proof.groups, proof_traces=proof.proof_traces, objects=traces.objects, splits=where
    )


def _describe(
    record: Provenance,
    config: Config,
    intake: Intake,
    traces: Traces,
    linked: Evidence,
    findings: list[Finding],
    posts: pl.LazyFrame,
) -> dict[str, Any]:
    """Collect what a reader needs to trace every number."""
    facts = posts.select(
        n_accounts=pl.col("account_id").n_unique(), first=pl.col("created_at").min(), last=pl.col("created_at").max()
    ).collect()
    record.inputs = [
        {
            "name": f.name,
            "sha256": f.sha256,
            "n_rows": f.n_rows,
            "shape": f.shape,
            "mapping": f.mapping,
            "notes": f.notes,
        }
        for f in intake.files
    ]
    record.count(
        posts=intake.n_posts, accounts=facts["n_accounts"][0], rejects=intake.n_rejects,
        duplicates=intake.n_duplicates, edges=linked.edges.height,
        groups=linked.groups["group_ix"].n_unique(), findings=sum(not f.lead for f in findings),
        leads=sum(f.lead for f in findings),
    )  # fmt: skip
    if linked.proof:
        record.note(*linked.proof.notes)
    else:
        text = (
            "The rule '{rule}' states no error rate: it flags accounts that agree as well as accounts that act in "
            "concert."
        )
        record.note(Note.make("rule-no-rate", text, rule=config.method))
    stable = record.stable()
    return {
        **stable,
        "version": __version__,
        "method_version": METHOD_VERSION if linked.proof else f"{config.method}-1",
        "counts": {**stable["counts"], "traces": traces.counts},
        "reject_reasons": intake.reject_reasons,
        "period": [facts["first"][0].isoformat(), facts["last"][0].isoformat()] if intake.n_posts else [],
        "time_resolution_s": intake.time_resolution_s,
        "notes_said": describe_notes(record.notes),
        "selfcheck": _said(linked.proof.selfcheck) if linked.proof else None,
    }


def _said(selfcheck: dict[str, Any]) -> dict[str, Any]:
    """Add the reason in every language."""
    reason = selfcheck["reason"]
    return {**selfcheck, "reason_code": getattr(reason, "code", ""), "reasons": say_note(reason) if reason else {}}


@contextlib.contextmanager
def _building(target: Path) -> Iterator[Path]:
    """Give a scratch folder beside ``target`` that takes its place at the end, or vanishes."""
    if target.exists() and not _is_ours(target):
        raise StoreError(
            f"{target}: exists and is not a result of dideban", hint="name a new folder, or empty this one",
            path=str(target),
        )  # fmt: skip
    partial = target.parent / f".{target.name}.partial"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
    except OSError as error:
        raise StoreError(f"{target}: cannot be written ({error.strerror})", path=str(target)) from error
    try:
        yield partial
        _swap(partial, target)
    except OSError as error:
        raise StoreError(
            f"{target}: cannot be written ({error.strerror})", hint="is the disk full?", path=str(target)
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _is_ours(target: Path) -> bool:
    return target.is_dir() and ((target / MARK).is_file() or not any(target.iterdir()))


def _swap(partial: Path, target: Path) -> None:
    old = target.parent / f".{target.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    try:
        partial.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


__all__ = ["Evidence", "Scan", "find_groups", "scan"]
