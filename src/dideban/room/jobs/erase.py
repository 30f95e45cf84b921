"""Deleting a person's posts on request: from the table, the index, the spool and the packages of findings."""

from __future__ import annotations

import polars as pl
from django.db import transaction
from django.utils import timezone

from dideban.errors import StoreError
from dideban.room.audit.actions import record
from dideban.room.findings.models import Finding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.locks import wait_for
from dideban.room.narratives.follow import forget_accounts
from dideban.room.posts.flats import keep_up
from dideban.room.posts.merge import merge
from dideban.room.posts.models import Erasure
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.store.delta import PostTable
from dideban.store.post_keys import PostKeys


def run_erasure(erasure: Erasure) -> None:
    """Delete, once; what died half-way is done again from the start.

    Notes
    -----
    Findings stay, as claims about pseudonyms; the posts of the person leave their packages, which then say so and no
    longer recompute. The audit trail keeps that it was done, by whom, and how many posts it was.
    """
    room, account = erasure.room, erasure.account_id
    folder = folder_of(room.slug)
    keys, table = PostKeys(folder.index), PostTable(folder.posts)
    _merge_waiting(room.slug)
    keys.erase(account)  # what arrives from now on is refused, what was on its way is dropped by the merge
    _merge_waiting(room.slug)
    with wait_for(folder.root / "merge.lock", seconds=120) as is_ours:
        if not is_ours:
            raise StoreError("the table of posts is in use for too long")
        mentioned = (
            table.scan(columns=["account_id"]).filter(pl.col("account_id") == account).select(pl.len()).collect()
        )
        n_posts = int(mentioned.item())
        if n_posts:
            table.delete(f"account_id = '{account}'", at_once=True)
        keep_up(room.slug)
    n_findings = redact(room, account)
    with transaction.atomic():
        erasure.n_posts, erasure.n_findings, erasure.done_at = n_posts, n_findings, timezone.now()
        erasure.save()
        record(
            room, "person.erased", by=None, subject=f"erasure:{erasure.pk}",
            details={"account": account, "posts": n_posts, "findings": n_findings},
        )  # fmt: skip


def _merge_waiting(room: str) -> None:
    while merge(room) is not None:
        pass


def redact(room: Room, account: str) -> int:
    """Take the posts of an account out of all that was worked out from them; return how many findings it is in."""
    folder_of(room.slug).signatures.unlink(missing_ok=True)
    forget_accounts(room, [account])
    touched = [f for f in Finding.objects.filter(room=room) if account in f.document.get("accounts", [])]
    for finding in touched:
        _redact(room.slug, finding, account)
    return len(touched)


def _redact(room: str, finding: Finding, account: str) -> None:
    """Take the posts of an account out of a package, and its texts out of the document of the finding."""
    package = package_of(room, finding.finding_id)
    names: list[str] = []
    if (path := package / "posts.parquet").exists():
        posts = pl.read_parquet(path, glob=False)
        gone = posts.filter(pl.col("account_id") == account)
        names = gone.select(pl.concat_str("platform", pl.lit("/"), "post_id")).to_series().to_list()
        posts.filter(pl.col("account_id") != account).write_parquet(path)
        for other in ("clusters.parquet", "report.html"):
            (package / other).unlink(missing_ok=True)
        (package / "REDACTED.txt").write_text("Posts of a person were removed on request.\n", "utf-8")
    if (path := shares_path(room, finding.finding_id)).exists():
        shares = pl.read_parquet(path, glob=False)
        shares.filter(pl.col("account_id") != account).write_parquet(path)
    document = dict(finding.document)
    document["posts"] = [name for name in document.get("posts", []) if name not in names]
    Finding.objects.filter(pk=finding.pk).update(document=document, redacted_at=timezone.now())
