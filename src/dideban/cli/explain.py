"""``dideban explain``: a finding in plain words, with its evidence."""

from __future__ import annotations

import difflib
import typing
from os.path import commonpath
from pathlib import Path

import click

from dideban.cli.console import language, printable, speak, tell
from dideban.cli.help import Command, option
from dideban.errors import ConfigError
from dideban.messages import Message, languages, say

if typing.TYPE_CHECKING:
    from dideban.findings import Finding


@click.command("explain", cls=Command)
@click.argument("where", metavar="FINDING_OR_DIR", type=click.Path(path_type=Path))
@click.argument("finding_id", metavar="[ID]", required=False)
@option("--lang", type=click.Choice(languages()))
def command(where: Path, finding_id: str | None, lang: str | None) -> None:
    """Print a finding in plain words, with its evidence."""
    from dideban.findings.explain import explain_finding

    speak(lang or "")
    lang = language()
    findings = _choose(_load(where), finding_id=finding_id, where=where)
    if len(findings) == 1:
        click.echo(printable(explain_finding(findings[0], lang=lang)), nl=False)
        return
    mark = f" {say(Message('cli.lead-mark'), lang)}"
    for finding in findings:
        click.echo(
            printable(
                f"{finding.id}{mark if finding.lead else ''}  {finding.statement.get(lang, finding.statement['en'])}"
            )
        )


def _load(where: Path) -> list[Finding]:
    from dideban.store import read_findings, read_package

    if where.is_dir() and (where / "findings.json").is_file():
        return read_findings(where / "findings.json")[0]
    if where.is_dir() or where.suffix.lower() == ".zip":
        return [read_package(where).finding]
    return read_findings(where)[0]


def _alike(known: str, asked: str) -> float:
    """How much of an id is as it was asked for: the beginning counts most."""
    return len(commonpath([known, asked])) + difflib.SequenceMatcher(None, known, asked).ratio()


def _choose(findings: list[Finding], *, finding_id: str | None, where: Path) -> list[Finding]:
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
