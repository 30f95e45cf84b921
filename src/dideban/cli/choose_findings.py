"""Which findings a person means: a folder, a file or a package, and the start of an id."""

from __future__ import annotations

import difflib
import typing
from os.path import commonpath
from pathlib import Path

from dideban.cli.console import tell
from dideban.errors import ConfigError
from dideban.messages import Message

if typing.TYPE_CHECKING:
    from dideban.findings import Finding


def load_findings(where: Path) -> list[Finding]:
    """Return the findings of a scan folder, a findings.json or a package."""
    from dideban.store import read_findings, read_package

    if where.is_dir() and (where / "findings.json").is_file():
        return read_findings(where / "findings.json")[0]
    if where.is_dir() or where.suffix.lower() == ".zip":
        return [read_package(where).finding]
    return read_findings(where)[0]


def _alike(known: str, asked: str) -> float:
    """How much of an id is as it was asked for: the beginning counts most."""
    return len(commonpath([known, asked])) + difflib.SequenceMatcher(None, known, asked).ratio()


def choose_findings(findings: list[Finding], *, finding_id: str | None, where: Path) -> list[Finding]:
    """Return the findings whose id begins like that, all where none is named.

    Raises
    ------
    ConfigError
        There is none.
    """
    chosen = [f for f in findings if finding_id is None or f.id.startswith(finding_id)]
    if finding_id is not None and not chosen:
        known = sorted((f.id for f in findings), key=lambda one: (-_alike(one, finding_id), one))[:5]
        raise ConfigError(
            "package.no-such-finding",
            hint="hint.findings-there" if findings else "hint.no-findings",
            key="ID",
            path=where,
            value=finding_id,
            n=len(findings),
            known=known,
        )
    if not chosen:
        tell(Message("cli.no-findings"))
    return chosen
