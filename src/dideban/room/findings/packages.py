"""What a finding carries on disk: its package, written by the engine, and the shares of its accounts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from dideban.errors import InputError
from dideban.room.rooms.folder import folder_of
from dideban.schema import EDGES, POSTS, SHARES

NAME = re.compile(r"^f[0-9a-f]{16}$")


def package_of(room: str, finding_id: str) -> Path:
    """Return the folder of a package; it may be missing where a tick found more than it packs.

    Raises
    ------
    InputError
        Not a finding id.
    """
    if not NAME.match(finding_id):
        raise InputError("room.not-a-finding-id")
    return folder_of(room).findings / finding_id


def shares_path(room: str, finding_id: str) -> Path:
    """Return where the shares of a finding lie: beside its package, which holds nothing but what proves it."""
    package = package_of(room, finding_id)
    return package.with_name(f"{package.name}.shares.parquet")


def drop_package(room: str, finding_id: str) -> None:
    """Remove the package of a finding and its shares: the next tick that finds it writes both again."""
    shares_path(room, finding_id).unlink(missing_ok=True)
    (package_of(room, finding_id) / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(package_of(room, finding_id), ignore_errors=True)


def age_of(room: str, finding_id: str) -> tuple[int, int]:
    """Return when the posts and the shares of a finding were written, nanoseconds; 0 = they are not there."""
    return _written_at(package_of(room, finding_id) / "posts.parquet"), _written_at(shares_path(room, finding_id))


def read_shares(room: str, finding_id: str) -> pl.DataFrame:
    """Return SHARES of a finding: what timelines and rasters draw."""
    return _read(shares_path(room, finding_id), SHARES.empty())


def read_posts(room: str, finding_id: str, *, columns: Sequence[str] = POSTS.names) -> pl.DataFrame:
    """Return the POSTS in the package of a finding."""
    path = package_of(room, finding_id) / "posts.parquet"
    return _read(path, POSTS.empty().select(columns), columns=list(columns))


def read_edges(room: str, finding_id: str) -> pl.DataFrame:
    """Return the EDGES among the accounts of a finding."""
    return _read(package_of(room, finding_id) / "edges.parquet", EDGES.empty())


def joint_posts(room: str, finding_id: str) -> list[str]:
    """Return the names (``platform/post_id``) of the posts that the accounts of a finding shared together."""
    shares = read_shares(room, finding_id)
    return shares.filter(pl.col("is_joint"))["post_id"].unique().sort().to_list()


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read(path: Path, empty: pl.DataFrame, *, columns: list[str] | None = None) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, glob=False, columns=columns)
    except (OSError, pl.exceptions.PolarsError):
        return empty
