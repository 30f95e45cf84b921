"""Does a finding package hold? Every hash, and every number recomputed from the posts inside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from dideban.config import Config
from dideban.errors import DidebanError, ExchangeError
from dideban.findings import Affiliations, Finding
from dideban.findings.builder import METHOD_VERSIONS
from dideban.messages import Message
from dideban.proof import Split, stated_split, verify_proof
from dideban.report import Thumbnail
from dideban.schema import EDGES, POSTS
from dideban.store.clusters import CLUSTERS, check_clusters, extract_with
from dideban.store.consistency import (
    by_one,
    check_divisions,
    check_manifest,
    check_needed,
    check_rate,
    only_shared,
    shared_objects,
)
from dideban.store.manifest import check_signature, is_intact, library_versions, read_config, read_manifest
from dideban.store.others import OTHERS, check_others
from dideban.store.package import CONTENTS, MANIFEST, OPTIONAL, finding_bytes
from dideban.store.page import package_page
from dideban.store.pictures import NO_PICTURES, PICTURES, check_pictures, parse_pictures
from dideban.store.read import parse_finding, parse_table, read_files, stated_method
from dideban.store.recompute import Again, compare_edges, compare_findings, compare_posts, recompute, with_others

T = TypeVar("T")
TABLES = {"posts.parquet": POSTS, "edges.parquet": EDGES, "clusters.parquet": CLUSTERS, "others.parquet": OTHERS}
HOSTILE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, ArithmeticError, LookupError, TypeError)
"""What absurd values in a stranger's package may end in; for our own data each of these would be a bug."""
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,40}")
Check = tuple[str, bool, Message]
"""(name, whether it holds, what was seen)."""


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What came out of checking a package."""

    finding_id: str
    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(ok for _, ok, _ in self.checks)


def verify_package(path: Path, *, public_key: bytes | None = None) -> Verification:
    """Check a package folder or zip.

    Parameters
    ----------
    path : path
    public_key : bytes
        Ed25519 public key (32 raw bytes or PEM) that must have signed it; None = a signature is checked where there
        is one, whoever signed.

    Returns
    -------
    Verification
        ``ok`` only if every hash holds, every table keeps its contract, the id is the hash of the claim, and every
        number, list and sentence recomputed from the posts inside is the one that the finding states.

    Raises
    ------
    ExchangeError
        Not a finding package at all, not readable, or made by another version of the method or of the program
        (``package.other-version``): nothing says that it was changed, only the program that made it can recompute it.
    ConfigError
        ``public_key`` cannot be read.
    """
    files = read_files(path)
    manifest = read_manifest(files[MANIFEST])
    checks = _check_hashes(files, manifest)
    if all(ok for _, ok, _ in checks):
        _refuse_other_versions(files, manifest, path)
    signature = check_signature(manifest, public_key=public_key)
    if signature is not None:
        checks.append(("signature", *signature))
    finding = _try(checks, "finding.json", lambda: parse_finding(files["finding.json"]))
    tables = {
        name: _try(checks, name, partial(parse_table, files[name], table=t, name=name)) for name, t in TABLES.items()
    }
    config = _try(checks, "settings", lambda: read_config(manifest))
    if finding is not None:
        checks += _check_identity(files, manifest, finding)
    held = {name: table for name, table in tables.items() if table is not None}
    pictures: Mapping[str, Thumbnail] | None = NO_PICTURES
    if PICTURES in files:
        pictures = _try(checks, PICTURES, lambda: parse_pictures(files[PICTURES]))
    if finding is not None and config is not None and len(held) == len(TABLES) and pictures is not None:
        checks += check_manifest(manifest, files=files, config=config)
        checks += _check_numbers(
            finding, tables=held, config=config, manifest=manifest, page=files["report.html"], pictures=pictures
        )
    return Verification(finding_id=str(manifest.get("finding_id")), checks=checks)


def _refuse_other_versions(files: Mapping[str, bytes], manifest: Mapping[str, Any], path: Path) -> None:
    """Refuse a whole package of another version: its numbers and its page differ without any forgery."""
    versions = manifest.get("versions")
    program = versions.get("dideban") if isinstance(versions, dict) else None
    method, made = stated_method(files["finding.json"])
    usual = METHOD_VERSIONS.get(method, made)
    if all(map(VERSION.fullmatch, (program or "", made))) and (program, made) != (library_versions()["dideban"], usual):
        raise ExchangeError(
            "package.other-version", hint="hint.other-version", path=path, method=made, program=program,
            mine=usual, my_program=library_versions()["dideban"],
        )  # fmt: skip


def _check_hashes(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[Check]:
    intact = is_intact(manifest, files[MANIFEST])
    checks = [(MANIFEST, intact, Message("check.its-own-checksum" if intact else "check.its-own-checksum-not"))]
    there = [*CONTENTS, *(name for name in OPTIONAL if name in files)]
    for name in there:
        stated = manifest["files"].get(name, {}).get("sha256")
        found = hashlib.sha256(files[name]).hexdigest()
        seen = Message("check.hash", found=found[:16])
        if found != stated:
            seen = Message("check.other-hash", found=found[:16], stated=str(stated)[:16])
        checks.append((f"hash of {name}", found == stated, seen))
    if unlisted := sorted(set(manifest["files"]) - set(there)):
        checks.append(("files", False, Message("check.unlisted", name=unlisted[0])))
    return checks


def _check_identity(files: Mapping[str, bytes], manifest: Mapping[str, Any], finding: Finding) -> list[Check]:
    canonical = files["finding.json"] == finding_bytes(finding)
    named = finding.id == manifest.get("finding_id")
    return [
        (
            "id",
            canonical and named,
            Message("check.id", found=finding.id, stated=str(manifest.get("finding_id"))),
        )
    ]


def _check_numbers(
    finding: Finding,
    *,
    tables: Mapping[str, pl.DataFrame],
    config: Config,
    manifest: Mapping[str, Any],
    page: bytes,
    pictures: Mapping[str, Thumbnail],
) -> list[Check]:
    posts, edges, clusters, others = (tables[name] for name in TABLES)
    checks: list[Check] = [_check_digest(finding, config)]
    try:
        affiliations = (
            Affiliations.from_dict(manifest["affiliations"]) if manifest.get("affiliations") is not None else None
        )
        problems = check_clusters(clusters, posts=posts, config=config.traces)
        checks.append(_seen("clusters", problems, Message("check.clusters", n=clusters.height)))
        traces = extract_with(clusters, posts=posts, config=config.traces, by_one=by_one(finding))
        shared = shared_objects(traces.traces, members=finding.accounts, by_one=by_one(finding))
        followed = [one.account_id for one in finding.followed]
        problems = check_others(others, members=finding.accounts, posts=posts, shared=shared, followed=followed)
        checks.append(_seen("others", problems, Message("check.others", n=others.height)))
        checks.append(check_needed(posts, finding=finding, traces=traces.traces, clusters=clusters))
        checks += _check_pictures(pictures, finding=finding, posts=posts, clusters=clusters)
        compared = traces = with_others(traces, others)
        if by_one(finding):
            traces = only_shared(traces, members=finding.accounts)
        again = recompute(
            finding, traces=traces, posts=posts, config=config, affiliations=affiliations, edges=edges,
            split=_split(manifest),
        )  # fmt: skip
        checks += compare_posts(finding, posts=posts)
        checks += compare_edges(edges, again=again, finding=finding, config=config)
        checks += compare_findings(finding, again=again.finding)
        checks += check_rate(finding, config=config)
        page_check = _check_page(
            page, finding=finding, posts=posts, again=again, edges=edges, manifest=manifest, config=config,
            pictures=pictures,
        )  # fmt: skip
        checks.append(page_check)
        if finding.method == "synchrony":
            checks.append(check_divisions(manifest, config=config, posts=posts))
            checks += verify_proof(finding, traces=compared, manifest=manifest)
    except DidebanError as error:
        checks.append(("recomputing", False, error.message))
    except HOSTILE as error:
        checks.append(("recomputing", False, Message("check.not-computable", kind=type(error).__name__)))
    return checks


def _check_digest(finding: Finding, config: Config) -> Check:
    digest = config.digest()
    seen = Message("check.digest", found=digest, stated=finding.config_digest)
    return "settings digest", digest == finding.config_digest, seen


def _check_page(
    page: bytes,
    *,
    finding: Finding,
    posts: pl.DataFrame,
    edges: pl.DataFrame,
    again: Again,
    manifest: Mapping[str, Any],
    config: Config,
    pictures: Mapping[str, Thumbnail],
) -> Check:
    """Make the page again: what people read of a package must be what its numbers say."""
    seed = manifest.get("seed")
    made = package_page(
        finding, posts=posts, shares=again.shares, edges=edges, config=config, seed=seed if type(seed) is int else 0,
        pictures=pictures,
    )  # fmt: skip
    same = page == made.encode("utf-8", "replace")
    return "report.html", same, Message("check.page" if same else "check.other-page")


def _check_pictures(
    pictures: Mapping[str, Thumbnail], *, finding: Finding, posts: pl.DataFrame, clusters: pl.DataFrame
) -> list[Check]:
    if not pictures:
        return []
    problems = check_pictures(pictures, finding=finding, posts=posts, clusters=clusters)
    return [_seen("pictures", problems, Message("check.pictures", n=len(pictures)))]


def _seen(name: str, problems: list[Message], sound: Message) -> Check:
    return name, not problems, Message("check.problems", problems=problems) if problems else sound


def _split(manifest: Mapping[str, Any]) -> Split | None:
    """Return the division of time that the manifest names; the check of the proof reports a bad one."""
    try:
        return stated_split(manifest)
    except HOSTILE:
        return None


def _try(checks: list[Check], name: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except ExchangeError as error:
        checks.append((name, False, error.message))
        return None
