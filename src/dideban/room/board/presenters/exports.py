"""Findings and posts as files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson
import polars as pl
from django.core.exceptions import PermissionDenied
from django.http import Http404

from dideban import exchange, store
from dideban.findings import Finding
from dideban.room.access import Access
from dideban.room.findings.models import KeptFinding
from dideban.room.findings.packages import package_of, read_edges, read_posts
from dideban.room.wording.reading import language
from dideban.schema import FOLLOWED, GROUPS, POSTS

MAX_POSTS = 100_000


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    ending: str
    media: str
    label: str


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "workbook": Format("xlsx", XLSX, "XLSX"),
    "posts": Format("csv", "text/csv; charset=utf-8", "CSV"),
    "gexf": Format("gexf", "application/xml", "GEXF"),
    "graphml": Format("graphml", "application/xml", "GraphML"),
    "json": Format("json", "application/json", "JSON"),
    "report": Format("html", "text/html; charset=utf-8", "HTML"),
    "package": Format("zip", "application/zip", "ZIP"),
}
POST_FORMATS = {
    "xlsx": Format("xlsx", XLSX, "XLSX"),
    "csv": Format("csv", "text/csv; charset=utf-8", "CSV"),
    "ndjson": Format("ndjson", "application/x-ndjson", "NDJSON"),
    "parquet": Format("parquet", "application/vnd.apache.parquet", "Parquet"),
}


def export_finding(access: Access, one: KeptFinding, kind: str) -> tuple[bytes, str]:
    """Return a finding as a file, and its media type.

    Raises
    ------
    Http404
        Its package is not there.
    PermissionDenied
        A package and its page hold posts of every place: not for members limited to some.
    """
    room, form = access.room.slug, FORMATS[kind]
    if kind == "json":
        return orjson.dumps(one.document, option=orjson.OPT_INDENT_2), form.media
    folder = package_of(room, one.finding_id)
    if kind in ("package", "report"):
        if access.scope().places is not None:
            raise PermissionDenied
        if not (folder / "report.html").is_file():
            raise Http404
        if kind == "report":
            return (folder / "report.html").read_bytes(), form.media
    with tempfile.TemporaryDirectory(prefix="dideban-export-") as scratch:
        path = Path(scratch) / f"file.{form.ending}"
        if kind == "package":
            store.zip_package(folder, to=path)
        else:
            _write(path, kind, access, one)
        return path.read_bytes(), form.media


def _write(path: Path, kind: str, access: Access, one: KeptFinding) -> None:
    room = access.room.slug
    engine = Finding.from_dict({k: v for k, v in one.document.items() if k not in ("id", "n_accounts")})
    edges = read_edges(room, one.finding_id)
    members = [(0, account, 0.0) for account in engine.accounts]
    groups = GROUPS.check(pl.DataFrame(members, schema=GROUPS.dtypes, orient="row"))
    posts = read_posts(room, one.finding_id)
    if (places := access.scope().places) is not None:
        posts = posts.filter(pl.col("place").is_in(list(places)))
    if kind == "workbook":
        exchange.write_xlsx(
            path, [engine], edges=edges, groups=groups, posts=posts.select(POSTS.names), lang=language()
        )
    elif kind == "posts":
        exchange.write_csv(path, posts)
    else:
        after = [(0, a.account_id, a.n_objects, a.n_members) for a in engine.followed]
        followed = FOLLOWED.check(pl.DataFrame(after, schema=FOLLOWED.dtypes, orient="row"))
        write = exchange.write_gexf if kind == "gexf" else exchange.write_graphml
        write(path, edges, groups=groups, followed=followed)


def export_posts(posts: pl.DataFrame, kind: str) -> tuple[bytes, str]:
    """Return posts as a file, and its media type."""
    form = POST_FORMATS[kind]
    with tempfile.TemporaryDirectory(prefix="dideban-export-") as scratch:
        path = Path(scratch) / f"posts.{form.ending}"
        if kind == "csv":
            exchange.write_csv(path, posts)
        elif kind == "xlsx":
            rows = posts.select(name for name in POSTS.names)
            exchange.write_xlsx(path, [], edges=_no_edges(), groups=GROUPS.empty(), posts=rows, lang=language())
        elif kind == "ndjson":
            posts.write_ndjson(path)
        else:
            posts.write_parquet(path, compression="zstd")
        return path.read_bytes(), form.media


def _no_edges() -> pl.DataFrame:
    from dideban.schema import EDGES

    return EDGES.empty()
