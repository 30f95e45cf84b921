"""Remove the posts of an erased account from everything derived from them."""

from __future__ import annotations

import polars as pl

from dideban.room.findings.follow import strip_posts
from dideban.room.findings.models import Finding
from dideban.room.findings.packages import package_of, shares_path
from dideban.room.narratives.follow import purge_accounts
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.schema import post_key


def redact(room: Room, account: str) -> int:
    """Take the posts of an account out of all that was worked out from them; return how many findings it is in."""
    folder_of(room.slug).signatures.unlink(missing_ok=True)
    purge_accounts(room, [account])
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
        names = gone.select(post_key()).to_series().to_list()
        posts.filter(pl.col("account_id") != account).write_parquet(path)
        for other in ("clusters.parquet", "others.parquet", "report.html"):
            (package / other).unlink(missing_ok=True)
        (package / "REDACTED.txt").write_text("Posts of a person were removed on request.\n", "utf-8")
    if (path := shares_path(room, finding.finding_id)).exists():
        shares = pl.read_parquet(path, glob=False)
        shares.filter(pl.col("account_id") != account).write_parquet(path)
    strip_posts(finding, names=names)
