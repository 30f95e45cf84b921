"""Every writer of the room: ``python writers.py ROOT DATABASE NAME ...`` kills them; see test_writers."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.update(
    DJANGO_SETTINGS_MODULE="dideban.room.settings",
    DIDEBAN_ROOM_DATA=sys.argv[1] if __name__ == "__main__" else os.environ.get("DIDEBAN_ROOM_DATA", ""),
    DIDEBAN_ROOM_LOG_LEVEL="CRITICAL",
)

if __name__ == "__main__":
    import django

    django.setup()

import polars as pl
from django.conf import settings
from django.db import connections

from dideban.findings.narratives import make_narratives
from dideban.findings.narratives.checkpoint import write_state
from dideban.room.audit import anchors
from dideban.room.cases.storage import keep_file
from dideban.room.posts.spool import SPOOLED, Spool
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.sealed_ids import make_seal
from dideban.room.sources.uploads import keep_uploads
from dideban.room.ticks import packages, redaction
from dideban.room.upkeep import backup as backups
from dideban.room.upkeep.setup import _make_secret
from dideban.schema import POSTS
from dideban.store.delta import STORED
from dideban.store.flat import lay_out, write_flat
from dideban.text import SignatureCache
from unit import killed

DATABASE = Path(sys.argv[2]) if __name__ == "__main__" else Path()
SOURCE = Path(sys.argv[1]) / "source" if __name__ == "__main__" else Path()
"""Where the backup is that is restored."""


def _posts(n: int, schema: dict[str, Any] = POSTS.dtypes) -> pl.DataFrame:
    """Twenty posts for each n."""
    rows = [{"post_id": f"p{i}", "account_id": f"a{i % 5}", "platform": "x", "source": "wire", "text": f"words about bread number {i} again and again"}
            for i in range(20 * n)]  # fmt: skip
    frame = pl.DataFrame(rows).with_columns(
        created_at=(
            pl.datetime(2026, 3, 1, time_unit="us", time_zone="UTC") + pl.duration(seconds=pl.int_range(pl.len()))
        )
    )
    missing = {name: dtype for name, dtype in schema.items() if name not in frame.columns}
    return frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items()).select(
        pl.col(name).cast(dtype) for name, dtype in schema.items()
    )


def _at(home: Path) -> Path:
    """Let the room live in ``home``, with a database of its own."""
    settings.DATA = home
    if not (home / "room.sqlite3").exists() and (home / "with-database").exists():
        shutil.copy(DATABASE, home / "room.sqlite3")
    connections["default"].settings_dict["NAME"] = str(home / "room.sqlite3")
    return home


def _case_file(home: Path, n: int) -> None:
    _at(home)
    keep_file("watch", [b"x" * 100 * n])


def _upload(home: Path, n: int) -> None:
    _at(home)
    keep_uploads("watch", [("posts.csv", [b"x" * 100 * n])])


def _seal(home: Path, n: int) -> None:
    _at(home)
    folder_of("watch").root.mkdir(parents=True, exist_ok=True)
    make_seal("watch")


def _secret(home: Path, n: int) -> None:
    os.environ.pop("DIDEBAN_ROOM_SECRET_KEY", None)
    _make_secret(_at(home) / "secret.key")


def _shares(home: Path, n: int) -> None:
    table = pl.DataFrame({"finding_id": [f"f{n}"] * n, "post_id": ["x/1"] * n})
    found = SimpleNamespace(findings=[SimpleNamespace(id=f"f{n}")], found=SimpleNamespace(shares=table))
    packages.write_shares(found, home=home, wanted={f"f{n}"})  # type: ignore[arg-type]


def _signatures(home: Path, n: int) -> None:
    cache = SignatureCache(home / "signatures.parquet")
    cache.prints(_posts(n)["text"])
    cache.keep()


def _narratives(home: Path, n: int) -> None:
    from dideban.config import NarrativeConfig

    path = home / "narratives.zip"
    found = make_narratives(_posts(n).lazy(), config=NarrativeConfig(min_posts=2, min_accounts=3), state=path)
    assert found.state is not None
    write_state(path, found.state, config=NarrativeConfig())


def _backup(home: Path, n: int) -> None:
    data = home.with_name(f"{home.name}-data")
    if not data.exists():
        data.mkdir()
        (data / "with-database").touch()
        (data / "secret.key").write_bytes(b"s" * 60)
    _at(data)
    try:
        backups.back_up(home / "room.tar.gz")
    finally:
        connections["default"].close()


def _restore(home: Path, n: int) -> None:
    _at(home)
    try:
        backups.restore(SOURCE / "room.tar.gz")
    finally:
        connections["default"].close()


WRITERS: dict[str, Any] = {
    "spool": lambda home, n: Spool(home / "spool").add(_posts(n, SPOOLED)),
    "case-file": _case_file,
    "upload": _upload,
    "seal": _seal,
    "secret": _secret,
    "anchors": lambda home, n: anchors.append(home / "audit.anchors", seq=n, head="a" * 64),
    "search-file": lambda home, n: write_flat(home / "f.flat", lay_out(_posts(n, STORED.dtypes))),
    "signatures": _signatures,
    "narratives": _narratives,
    "redacted": lambda home, n: redaction._write(home / "posts.parquet", _posts(n)),
    "shares": _shares,
    "backup": _backup,
    "restore": _restore,
}
CREATE = {"seal", "secret", "restore"}
"""These make what is not there, and never replace anything."""
STEPS = {"seal": 2, "restore": 2, "anchors": 0}
"""Renamings at which a writer is killed, where it is not one: anchors are appended."""


if __name__ == "__main__":
    names = sys.argv[3:]
    sys.argv = [sys.argv[0], sys.argv[1], *names]
    SOURCE.mkdir()
    killed.in_a_fork(lambda: _backup(SOURCE, 1))
    killed.main(WRITERS, steps=STEPS, create=CREATE)
