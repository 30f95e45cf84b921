"""Finding packages: one folder (or zip) that lets anybody check one finding without trusting who made it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from dideban.atomic import our_disk, write_bytes, write_folder
from dideban.findings import SCHEMA_NAME, Finding
from dideban.report import Thumbnail
from dideban.schema import EDGES, POSTS
from dideban.store.clusters import CLUSTERS
from dideban.store.manifest import OPTIONS, make_manifest
from dideban.store.others import OTHERS
from dideban.store.pictures import NO_PICTURES, PICTURES, pictures_bytes

CONTENTS = ("finding.json", "posts.parquet", "edges.parquet", "clusters.parquet", "others.parquet", "report.html")
"""Files of every package beside ``manifest.json``."""
OPTIONAL = (PICTURES,)
"""Files that a package has where whoever made it asked for them."""
MANIFEST = "manifest.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_package(
    finding: Finding,
    *,
    folder: Path,
    posts: pl.DataFrame,
    edges: pl.DataFrame,
    report_html: str,
    clusters: pl.DataFrame | None = None,
    others: pl.DataFrame | None = None,
    pictures: Mapping[str, Thumbnail] = NO_PICTURES,
    manifest_extra: Mapping[str, Any],
    signing_key: bytes | None = None,
) -> Path:
    """Write a finding with everything needed to recompute it.

    Parameters
    ----------
    finding : Finding
    folder : path
        The folder to write, usually named by the finding's id; what stood there is replaced.
    posts : POSTS, (n_posts,)
        As from :func:`dideban.store.package_posts`.
    edges : EDGES, (n_edges,)
        Edges of the run; those between members are kept.
    report_html : str
        A page about this finding.
    clusters : CLUSTERS, (n_clustered,)
        As from :func:`dideban.store.package_posts`; needed where the finding rests on texts or media.
    others : OTHERS, (n_shares,)
        As from :func:`dideban.store.package_posts`.
    pictures : mapping
        Object to a small picture, as from :func:`dideban.store.pictures.pictures_inside`, where someone asked for
        pictures; the page must be made with the same.
    manifest_extra : mapping
        ``config`` (``Config.to_dict()``) and ``seed``; also ``affiliations`` (``Affiliations.only(...).to_dict()``)
        where a list of owners was used, and ``n_posts_cut`` where ``package_posts`` left posts out.
    signing_key : bytes
        Ed25519 private key: 32 raw bytes or PEM.

    Returns
    -------
    path
        ``folder``.

    Raises
    ------
    SchemaError
        A column of ``posts`` or ``edges`` is missing or mistyped.
    StoreError
        The folder cannot be written.

    Notes
    -----
    The same input gives the same bytes. The folder appears whole or not at all.
    """
    files = {
        "finding.json": finding_bytes(finding),
        "posts.parquet": _parquet(POSTS.check(posts).sort("platform", "post_id")),
        "edges.parquet": _parquet(member_edges(EDGES.check(edges), accounts=finding.accounts)),
        "clusters.parquet": _parquet(CLUSTERS.check(CLUSTERS.empty() if clusters is None else clusters)),
        "others.parquet": _parquet(OTHERS.check(OTHERS.empty() if others is None else others)),
        "report.html": report_html.encode("utf-8", "replace"),
        **({PICTURES: pictures_bytes(pictures)} if pictures else {}),
    }
    manifest = make_manifest(finding.id, files=files, extra=manifest_extra, signing_key=signing_key)
    write_folder(folder, {**files, MANIFEST: manifest}, survives="kill")
    return folder


def zip_package(folder: Path, *, to: Path) -> Path:
    """Pack a package folder into one zip with fixed dates, so that the same package gives the same bytes.

    Raises
    ------
    StoreError
        The folder cannot be read or the zip cannot be written.
    """
    buffer = io.BytesIO()
    with our_disk(to), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in (MANIFEST, *CONTENTS, *(name for name in OPTIONAL if (folder / name).is_file())):
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", _EPOCH)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, (folder / name).read_bytes())
    write_bytes(to, buffer.getvalue(), survives="kill")
    return to


def finding_bytes(finding: Finding) -> bytes:
    """Return the bytes of ``finding.json``. The id of the group is the room's own and stays at home."""
    content = {name: value for name, value in finding.to_dict().items() if name != "group_id"}
    return orjson.dumps({"schema": SCHEMA_NAME, "finding": content}, option=OPTIONS)


def member_edges(edges: pl.DataFrame, *, accounts: list[str]) -> pl.DataFrame:
    """Keep the edges between ``accounts``, sorted."""
    inside = pl.col("account_a").is_in(accounts) & pl.col("account_b").is_in(accounts)
    return edges.filter(inside).sort("account_a", "account_b", "object_kind", "window_s")


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd", row_group_size=250_000, statistics=True)
    return buffer.getvalue()
