"""Where a room keeps its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True)
class RoomFolder:
    """Paths of one room below the data folder."""

    root: Path

    @property
    def posts(self) -> Path:
        """Delta table of posts."""
        return self.root / "posts"

    @property
    def flat(self) -> Path:
        """Posts laid out for searching, a file per data file of the table; rebuilt where one is missing."""
        return self.root / "flat"

    @property
    def index(self) -> Path:
        """Keys of posts, sealed ids, erased accounts (SQLite)."""
        return self.root / "index.sqlite3"

    @property
    def spool(self) -> Path:
        """Posts that are acknowledged and not yet in the table."""
        return self.root / "spool"

    @property
    def findings(self) -> Path:
        """One folder per finding package."""
        return self.root / "findings"

    @property
    def scan(self) -> Path:
        """Outcome of the latest tick: edges, groups, run.json."""
        return self.root / "scan"

    @property
    def thumbnails(self) -> Path:
        """Small pictures of posts, where a source keeps some."""
        return self.root / "thumbnails"

    @property
    def narratives(self) -> Path:
        """State of the follower of narratives: which post is in which."""
        return self.root / "narratives"

    @property
    def signatures(self) -> Path:
        """What ticks computed about texts; holds normal forms of them, and is rebuilt where it is missing."""
        return self.scan / "signatures.parquet"

    @property
    def uploads(self) -> Path:
        """Uploaded files under way."""
        return self.root / "uploads"

    @property
    def case_files(self) -> Path:
        """Files of cases, named by their hash."""
        return self.root / "files"

    @property
    def site(self) -> Path:
        """The public site as it was built last."""
        return self.root / "site"

    @property
    def site_key(self) -> Path:
        """Signs the public site (Ed25519)."""
        return self.root / "keys" / "site.key"

    @property
    def newsletter_key(self) -> Path:
        """Opens the addresses of readers. May be moved away: DIDEBAN_ROOM_NEWSLETTER_KEY_PATH names the folder."""
        if settings.NEWSLETTER_KEY_PATH:
            return Path(settings.NEWSLETTER_KEY_PATH) / f"{self.root.name}.newsletter"
        return self.root / "keys" / "newsletter.key"

    @property
    def joint(self) -> Path:
        """Blinded names of the room's accounts, a file per epoch under way."""
        return self.root / "joint"

    @property
    def joint_key(self) -> Path:
        """Signs what the room says to other rooms (Ed25519)."""
        return self.root / "keys" / "joint.key"

    @property
    def key(self) -> Path:
        """Key of the pseudonyms."""
        return self.root / "keys" / "pseudonym.key"

    @property
    def seal_public(self) -> Path:
        """Seals original ids; opens none."""
        return self.root / "keys" / "seal.public"

    @property
    def seal_private(self) -> Path:
        """Opens sealed ids. May be moved away: DIDEBAN_ROOM_REVEAL_KEY_PATH names the folder."""
        if settings.REVEAL_KEY_PATH:
            return Path(settings.REVEAL_KEY_PATH) / f"{self.root.name}.private"
        return self.root / "keys" / "seal.private"


def folder_of(slug: str) -> RoomFolder:
    """Return the paths of a room."""
    return RoomFolder(Path(settings.DATA) / "rooms" / slug)


def make_folder(slug: str) -> RoomFolder:
    """Make the folder of a room, readable by its owner alone."""
    folder = folder_of(slug)
    for path in (folder.root, folder.findings, folder.uploads, folder.case_files, folder.key.parent):
        path.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            path.chmod(0o700)
    return folder
