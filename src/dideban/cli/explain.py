"""``dideban explain``: a finding in plain words, with its evidence."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.choose_findings import choose_findings, load_findings
from dideban.cli.console import language, printable, speak
from dideban.cli.help import Command, option
from dideban.messages import Message, languages, say


@click.command("explain", cls=Command)
@click.argument("where", metavar="FINDING_OR_DIR", type=click.Path(path_type=Path))
@click.argument("finding_id", metavar="[ID]", required=False)
@option("--lang", type=click.Choice(languages()))
def command(where: Path, finding_id: str | None, lang: str | None) -> None:
    """Print a finding in plain words, with its evidence."""
    from dideban.findings.explain import explain_finding

    speak(lang or "")
    lang = language()
    findings = choose_findings(load_findings(where), finding_id=finding_id, where=where)
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
