"""Narratives of posts as they come: only what is new is read; what was learned is kept between runs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import polars as pl

from dideban.atomic import swapping
from dideban.config import NarrativeConfig
from dideban.errors import DidebanError, StoreError
from dideban.findings.narratives.builder import follow_batches
from dideban.findings.narratives.read import Messages, read_messages
from dideban.findings.narratives.tracker import Tracker
from dideban.messages import cause_of
from dideban.schema import INSTANT, post_key

VERSION = 1
"""Grows whenever a rule of narratives changes: an older state is then rebuilt."""
CURRENT, TRACKER, MEMBERS_FILE = "current.json", "tracker.zip", "members.parquet"
MOST_NUMBERS = 5_000_000
"""Numbers given before a follower starts over: they take memory for as long as it lives."""
MEMBERS: dict[str, pl.DataType] = {
    "platform": pl.String(),
    "post_id": pl.String(),
    "account_id": pl.String(),
    "created_at": INSTANT,
    "text_id": pl.String(),
    "narrative": pl.Int64(),
}
"""One row per post read; ``text_id`` and ``narrative`` are null where it carries too little text to compare."""
_KEY = ["platform", "post_id"]
_ROWS = 32_768


class Follower:
    """Follows narratives through posts as they come, in whatever pieces.

    Parameters
    ----------
    config : NarrativeConfig
        Settings.
    threads : count
        0 = all cores. Never changes the result.

    Notes
    -----
    Unlike :func:`dideban.findings.narratives.make_narratives`, which sees all posts, near-duplicates are taken for one
    message only among the posts of one piece (equal texts always): reworded copies that come later join the narrative
    by their likeness instead. So the pieces matter a little; the order of rows within a piece does not.
    """

    def __init__(self, config: NarrativeConfig, *, threads: int = 0) -> None:
        self.config, self.threads = config, threads
        self.tracker = Tracker(config, threads=threads)
        self.members = pl.DataFrame(schema=MEMBERS)

    def unread(self, keys: pl.LazyFrame) -> pl.DataFrame:
        """Return the rows of ``keys`` (``platform``, ``post_id`` ...) that were not read yet."""
        return keys.join(self.members.lazy().select(_KEY), on=_KEY, how="anti").collect()

    def take_in(self, posts: pl.DataFrame) -> None:
        """Take in new posts.

        Parameters
        ----------
        posts : POSTS, (n_posts,)
            None of them read before; in any order.
        """
        messages = self._read(posts)
        follow_batches(self.tracker, messages)
        rows = posts.select("platform", "post_id", "account_id", "created_at", name=_name())
        said = messages.posts.select("name", "text_id")
        joined = rows.join(said, on="name", how="left").drop("name")
        texts = joined["text_id"].drop_nulls().unique()
        numbers = [self.tracker.number(text_id) for text_id in texts]
        named = pl.DataFrame({"text_id": texts, "narrative": numbers}, schema_overrides={"narrative": pl.Int64})
        fresh = joined.join(named, on="text_id", how="left").select(list(MEMBERS))
        self.members = _renamed(pl.concat([self.members, fresh]), self.tracker.joined())

    def keep(self, keys: pl.LazyFrame) -> int:
        """Forget all posts but those of ``keys`` (``platform``, ``post_id``); return how many were forgotten."""
        kept = self.members.lazy().join(keys.select(_KEY), on=_KEY, how="semi").collect()
        gone = self.members.height - kept.height
        if gone:
            self._reduce(kept, accounts=())
        return gone

    def forget(self, accounts: Iterable[str]) -> int:
        """Forget accounts and all their posts; return how many posts."""
        names = sorted(set(accounts))
        kept = self.members.filter(~pl.col("account_id").is_in(names))
        gone = self.members.height - kept.height
        self._reduce(kept, accounts=names)
        return gone

    def save(self, folder: Path) -> None:
        """Write what was learned; an interruption leaves what was there before.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        before = _pointer(folder).get("state", "")
        name = f"state-{int(before[6:] or 0) + 1:08d}"
        home = folder / name
        try:
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            self.tracker.save(home / TRACKER)
            sha256 = _write(self.members.sort("narrative", "created_at", *_KEY), home / MEMBERS_FILE)
            with swapping(folder / CURRENT, survives="kill") as waiting:
                waiting.write_text(json.dumps({"state": name, "version": VERSION, "members": sha256}), "utf-8")
        except OSError as error:
            raise StoreError(
                "file.not-written", hint="hint.disk-full", path=str(folder), reason=cause_of(error)
            ) from error  # fmt: skip
        finally:
            for old in folder.glob("state-*"):
                # whoever reads now may still have the one before open
                if old.name not in (_pointer(folder).get("state", ""), before):
                    shutil.rmtree(old, ignore_errors=True)

    @classmethod
    def load(cls, folder: Path, config: NarrativeConfig, *, threads: int = 0) -> Self | None:
        """Return a follower that goes on from what :meth:`save` wrote.

        Returns
        -------
        Follower or None
            None where nothing was kept, another version or other settings wrote it, or a file is damaged; and, once in
            months, where so many numbers were given that it is better to begin again.
        """
        pointer = _pointer(folder)
        if pointer.get("version") != VERSION:
            return None
        home, made = folder / str(pointer["state"]), cls(config, threads=threads)
        try:
            made.members = _read(home / MEMBERS_FILE, str(pointer.get("members")))
            made.tracker = Tracker.load(home / TRACKER, config=config, threads=threads)
        except (OSError, ValueError, DidebanError, pl.exceptions.PolarsError):
            return None
        return made if made.tracker.n_given < MOST_NUMBERS else None

    def _read(self, posts: pl.DataFrame) -> Messages:
        """Read posts; those that repost, without a text, what was read before count as it."""
        messages = read_messages(posts.lazy(), threads=self.threads)
        bare = posts.filter(pl.col("repost_of").is_not_null()).with_columns(name=_name())
        bare = bare.join(messages.posts.select("name"), on="name", how="anti")
        wanted = bare.select("platform", post_id="repost_of").unique()
        known = self.members.drop_nulls("text_id").join(wanted, on=_KEY, how="semi")
        known = known.select("platform", "text_id", repost_of="post_id")
        handed = bare.join(known, on=["platform", "repost_of"]).with_columns(at_us=pl.col("created_at").dt.epoch("us"))
        told = pl.concat([messages.posts, handed.select(messages.posts.columns)]).sort("created_at", "name")
        missing = handed.filter(~pl.col("text_id").is_in(messages.texts["text_id"].implode()))
        texts = missing.unique("text_id").select("text_id", "text", "lang", "name").with_columns(text=pl.lit(""))
        return Messages(
            posts=told, texts=pl.concat([messages.texts, texts]), links=messages.links, n_posts=messages.n_posts
        )

    def _reduce(self, kept: pl.DataFrame, *, accounts: Iterable[str]) -> None:
        before, after = (frame["text_id"].drop_nulls().unique() for frame in (self.members, kept))
        gone = before.filter(~before.is_in(after.implode()))
        self.tracker.forget(text_ids=gone.to_list(), accounts=accounts)
        self.members = kept


def members_path(folder: Path) -> Path | None:
    """Return where MEMBERS lie, sorted by narrative and time; None where nothing was kept."""
    name = _pointer(folder).get("state")
    path = folder / str(name) / MEMBERS_FILE
    return path if name and path.is_file() else None


def _name() -> pl.Expr:
    return post_key()


def _renamed(members: pl.DataFrame, joined: dict[int, int]) -> pl.DataFrame:
    if not joined:
        return members
    table = pl.DataFrame({"narrative": list(joined), "older": list(joined.values())}, schema_overrides=_OLDER)
    found = members.join(table, on="narrative", how="left", maintain_order="left")
    return found.with_columns(narrative=pl.coalesce("older", "narrative")).select(list(MEMBERS))


_OLDER = {"narrative": pl.Int64(), "older": pl.Int64()}


def _pointer(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / CURRENT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    is_ours = isinstance(found, dict) and str(found.get("state", "")).startswith("state-")
    return found if is_ours and str(found["state"])[6:].isdigit() else {}


def _write(frame: pl.DataFrame, path: Path) -> str:
    frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=_ROWS)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, sha256: str) -> pl.DataFrame:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise ValueError(f"{path.name} is damaged")
    return pl.read_parquet(path, glob=False).select(list(MEMBERS)).cast(pl.Schema(MEMBERS))
