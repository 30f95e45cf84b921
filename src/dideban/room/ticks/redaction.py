"""Remove the posts of an erased account from everything derived from them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import orjson
import polars as pl

from dideban.atomic import replacing, write_bytes
from dideban.room.findings.follow import strip_posts
from dideban.room.findings.models import KeptFinding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.joint.findings import forget_account
from dideban.room.narratives.follow import purge_accounts
from dideban.room.review.keep import drop_decoys
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sharing.actions import revoke_redacted
from dideban.schema import post_key

REMOVED = "…"
"""Stands in a finding where words of an erased person stood."""

DERIVED = ("clusters.parquet", "others.parquet", "report.html")
"""Files of a package that are made of its posts."""


def pattern_of(texts: Sequence[str]) -> re.Pattern[bytes] | None:
    """Return what finds any of some texts in bytes, however a program of the room may have written it."""
    forms = sorted({form for text in texts for form in _written(text)}, key=len, reverse=True)
    return re.compile(b"|".join(re.escape(form) for form in forms)) if forms else None


def _written(text: str) -> Iterator[bytes]:
    """Yield a text as it is, as JSON and HTML escape it, as addresses carry it, and in two bytes a letter."""
    yield text.encode()
    for is_ascii in (True, False):
        yield json.dumps(text, ensure_ascii=is_ascii)[1:-1].encode()
    for page in (html.escape(text), html.escape(text, quote=False)):
        yield page.encode()
        yield page.replace('"', "&#34;").replace("&quot;", "&#34;").replace("&#x27;", "&#39;").encode()
    yield quote(text, safe="").encode()
    yield quote_plus(text).encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")


def redact(room: Room, account: str, *, marks: Sequence[str] = ()) -> int:
    """Take the posts of an account out of everything derived from them; return how many findings it is in.

    Parameters
    ----------
    marks : sequence of str
        Pieces of what the account wrote and no one else: the first wording of an object may stand in findings that
        the account is no member of.
    """
    folder_of(room.slug).signatures.unlink(missing_ok=True)
    purge_accounts(room, [account])
    forget_account(room, account)
    drop_decoys(room)  # words of the person may stand in any; the next night makes others
    touched = [f for f in KeptFinding.objects.filter(room=room) if account in f.document.get("accounts", [])]
    for finding in touched:
        _redact(room.slug, finding, account)
    touched_too: list[KeptFinding] = []
    for finding in KeptFinding.objects.filter(room=room) if marks else ():
        if _scrub(room.slug, finding, account, marks):
            touched_too.append(finding)
    revoke_redacted(room, {one.finding_id for one in (*touched, *touched_too)})
    return len(touched)


def redact_posts(room: Room, posts: pl.DataFrame) -> int:
    """Take posts (platform, post_id) out of the packages of findings, whose claims stay; return how many had some."""
    names = set(posts.select(post_key()).to_series().to_list())
    gone = posts.select("platform", "post_id").unique()
    touched = set()
    for finding in KeptFinding.objects.filter(room=room).iterator():
        package = package_of(room.slug, finding.finding_id)
        held = bool(names.intersection(finding.document.get("posts", [])))
        for path in (package / "posts.parquet", shares_path(room.slug, finding.finding_id)):
            held |= path.exists() and _take_out(path, gone)
        if held:
            touched.add(finding.finding_id)
            _forget_derived(package)
            strip_posts(finding, names=names)
    revoke_redacted(room, touched)
    return len(touched)


def _forget_derived(package: Path) -> None:
    """Remove what was made of the posts of a package."""
    for name in DERIVED:
        (package / name).unlink(missing_ok=True)


def _take_out(path: Path, gone: pl.DataFrame) -> bool:
    held = pl.read_parquet(path, glob=False)
    if not {"platform", "post_id"} <= set(held.columns):
        return False
    left = held.join(gone, on=["platform", "post_id"], how="anti", maintain_order="left")
    if left.height < held.height:
        _write(path, left)
    return left.height < held.height


def _scrub(room: str, finding: KeptFinding, account: str, marks: Sequence[str]) -> bool:
    """Take the words of an account out of a finding and its package, member or not; say whether it held some."""
    clean = _without(finding.document, marks)
    is_changed = bool(clean != finding.document)
    if is_changed:
        finding.document = clean
        finding.save(update_fields=["document"])
    package = package_of(room, finding.finding_id)
    if (path := package / "finding.json").is_file():
        document = orjson.loads(path.read_bytes())
        if (clean := _without(document, marks)) != document:
            write_bytes(path, orjson.dumps(clean), survives="power")
    if (path := package / "posts.parquet").is_file():
        posts = pl.read_parquet(path, glob=False)
        if (left := posts.filter(pl.col("account_id") != account)).height < posts.height:
            _write(path, left)
    page = package / "report.html"
    if page.is_file() and (pattern := pattern_of(marks)) and pattern.search(page.read_bytes()):
        page.unlink()
    return is_changed


def _write(path: Path, frame: pl.DataFrame) -> None:
    with replacing(path, survives="power") as part:
        frame.write_parquet(part)


def _without(value: Any, marks: Sequence[str]) -> Any:
    """Return plain data in which every text that holds one of the marks is gone."""
    if isinstance(value, dict):
        return {name: _without(one, marks) for name, one in value.items()}
    if isinstance(value, list):
        return [_without(one, marks) for one in value]
    return REMOVED if isinstance(value, str) and any(mark in value for mark in marks) else value


def _redact(room: str, finding: KeptFinding, account: str) -> None:
    """Take the posts of an account out of a package, and its texts out of the document of the finding."""
    package = package_of(room, finding.finding_id)
    names: list[str] = []
    if (path := package / "posts.parquet").exists():
        posts = pl.read_parquet(path, glob=False)
        gone = posts.filter(pl.col("account_id") == account)
        names = gone.select(post_key()).to_series().to_list()
        _write(path, posts.filter(pl.col("account_id") != account))
        _forget_derived(package)
        (package / "REDACTED.txt").write_text("Posts of a person were removed on request.\n", "utf-8")
    if (path := shares_path(room, finding.finding_id)).exists():
        shares = pl.read_parquet(path, glob=False)
        _write(path, shares.filter(pl.col("account_id") != account))
    strip_posts(finding, names=names)
