"""Small pictures in a package, where whoever made it asked for them: ``pictures.json``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import orjson
import polars as pl

from dideban.errors import ExchangeError
from dideban.findings import Finding
from dideban.ingest.pictures import can_decode, find_alike
from dideban.messages import Message
from dideban.report import Thumbnail, pictures_to_show
from dideban.report.pictures import PER_FINDING, read_thumbnail
from dideban.store.bounds import parse_json
from dideban.store.manifest import OPTIONS

PICTURES = "pictures.json"
PICTURES_SCHEMA = "dideban.pictures/1"
NO_PICTURES: Mapping[str, Thumbnail] = {}


def pictures_bytes(pictures: Mapping[str, Thumbnail]) -> bytes:
    """Return the bytes of ``pictures.json``: object to a JPEG in base64."""
    held = {name: base64.b64encode(one.jpeg).decode() for name, one in pictures.items()}
    return orjson.dumps({"schema": PICTURES_SCHEMA, "pictures": held}, option=OPTIONS)


def parse_pictures(data: bytes) -> dict[str, Thumbnail]:
    """Read the small pictures of a package. Nothing is decoded.

    Raises
    ------
    ExchangeError
        Not as :func:`pictures_bytes` writes it; more pictures than a page shows; one that is larger than a thumbnail,
        no JPEG, or holds more than pixels.
    """
    document = parse_json(data, name=PICTURES)
    held = document.get("pictures") if isinstance(document, dict) else None
    if not isinstance(held, dict) or document.get("schema") != PICTURES_SCHEMA:
        raise ExchangeError("package.not-schema", name=PICTURES, schema=PICTURES_SCHEMA)
    if not 0 < len(held) <= PER_FINDING:
        raise ExchangeError("package.n-pictures", name=PICTURES, n=len(held), most=PER_FINDING)
    pictures = {name: _thumbnail(name, text) for name, text in held.items()}
    if data != pictures_bytes(pictures):
        raise ExchangeError("package.not-schema", name=PICTURES, schema=PICTURES_SCHEMA)
    return pictures


def _thumbnail(name: str, text: object) -> Thumbnail:
    try:
        found = read_thumbnail(base64.b64decode(text, validate=True)) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise ExchangeError("package.not-thumbnail", name=name[:40])
    return found


def pictures_inside(
    finding: Finding, *, posts: pl.DataFrame, clusters: pl.DataFrame, known: Mapping[str, Thumbnail]
) -> dict[str, Thumbnail]:
    """Return the small pictures that may lie in the package of a finding.

    Those of the first pictures that the finding names, which posts of the package show, and which look like what
    their hash says: what this leaves out, :func:`check_pictures` would refuse.
    """
    shown = _shown(posts, clusters)
    wanted = {name: known[name] for name in pictures_to_show([finding], known=known) if name in shown}
    alike = find_alike({name: one.jpeg for name, one in wanted.items()}) if wanted else frozenset()
    return {name: one for name, one in wanted.items() if name in alike}


def check_pictures(
    pictures: Mapping[str, Thumbnail], *, finding: Finding, posts: pl.DataFrame, clusters: pl.DataFrame
) -> list[Message]:
    """Return what is wrong with the pictures of a package; empty = each shows an object of posts inside."""
    shown = _shown(posts, clusters)
    problems = [Message("check.picture.stranger", name=name[:40]) for name in sorted(set(pictures) - shown)]
    known = {entry.id for entry in finding.objects if entry.kind == "media"}
    problems += [Message("check.picture.not-named", name=name[:40]) for name in sorted(set(pictures) & shown - known)]
    if problems:
        return problems
    if not can_decode():
        return [Message("check.picture.no-library")]
    alike = find_alike({name: one.jpeg for name, one in pictures.items()})
    return [Message("check.picture.other", name=name[:40]) for name in pictures if name not in alike]


def _shown(posts: pl.DataFrame, clusters: pl.DataFrame) -> set[str]:
    """Return the pictures that posts show, as they stand there or as the run gathered them."""
    gathered = clusters.filter(pl.col("object_kind") == "media")["object_id"]
    return {*posts["media"].explode(empty_as_null=True, keep_nulls=True).drop_nulls(), *gathered}
