"""``dideban export``: findings for other systems."""

from __future__ import annotations

import hashlib
import typing
import zipfile
from pathlib import Path

import click

from dideban.cli.choose_findings import choose_findings, load_findings
from dideban.cli.console import language, printable, tell
from dideban.cli.help import Command, option
from dideban.errors import ConfigError
from dideban.messages import Message, say

if typing.TYPE_CHECKING:
    from dideban.exchange.stix import Terms
    from dideban.findings import Finding

TLPS = ("clear", "green", "amber", "amber+strict", "red")


@click.command("export", cls=Command)
@click.argument("form", metavar="FORMAT", type=click.Choice(["stix", "misp"]))
@click.argument("where", metavar="FINDING_OR_DIR", type=click.Path(path_type=Path))
@click.argument("finding_ids", metavar="[ID]...", nargs=-1)
@option("--tlp", type=click.Choice(TLPS), default="amber+strict", show_default=True)
@option("--tlp-version", type=click.IntRange(1, 2), default=2, show_default=True)
@option("--room", default="Dideban", show_default=True)
@option("--namespace", default="")
@option("--modified", default="")
@option("--for-collection", is_flag=True)
@option("--out", type=click.Path(path_type=Path))
@option("--preview", is_flag=True)
def command(
    form: str, where: Path, finding_ids: tuple[str, ...], tlp: str, tlp_version: int, room: str, namespace: str,
    modified: str, for_collection: bool, out: Path | None, preview: bool,
) -> None:  # fmt: skip
    """Write findings as STIX 2.1 (OpenCTI, other rooms) or as MISP events."""
    from dideban.exchange.stix import Terms, Tlp

    _check_time(modified)
    chosen = _chosen(where, finding_ids)
    terms = Terms(
        sender=room, namespace=namespace, tlp=Tlp(tlp), tlp_version=tlp_version, modified_at=modified,
        for_file=not for_collection,
    )  # fmt: skip
    if preview:
        for finding in chosen:
            _show(finding)
        return
    data = _written(form, chosen, where=where, terms=terms)
    if out is None:
        click.echo(data, nl=False)
    else:
        from dideban.atomic import write_bytes

        write_bytes(out, data, survives="kill")
    tell(Message("cli.exported", n=len(chosen), tlp=terms.tlp.label, size=len(data)))


def _check_time(modified: str) -> None:
    from dideban.exchange.stix.names import stix_time

    if modified:
        try:
            stix_time(modified)
        except ValueError as error:
            raise ConfigError("config.not-a-time", key="--modified", value=modified) from error


def _chosen(where: Path, finding_ids: tuple[str, ...]) -> list[Finding]:
    findings = load_findings(where)
    if not finding_ids:
        return choose_findings(findings, finding_id=None, where=where)
    found = [one for name in finding_ids for one in choose_findings(findings, finding_id=name, where=where)]
    return list({one.id: one for one in found}.values())


def _written(form: str, findings: list[Finding], *, where: Path, terms: Terms) -> bytes:
    if form == "stix":
        from dideban.exchange.stix import bundle_bytes, finding_objects

        return bundle_bytes(
            [
                one
                for finding in findings
                for one in finding_objects(finding, terms=terms, package_sha256=_package_hash(where, finding.id))
            ]
        )
    from dideban.exchange.misp import misp_event
    from dideban.findings.model import canonical_json

    events = [misp_event(one, terms=terms, package_sha256=_package_hash(where, one.id)) for one in findings]
    return canonical_json(events[0] if len(events) == 1 else {"response": events}) + b"\n"


def _package_hash(where: Path, finding_id: str) -> str:
    """Return the SHA-256 of the manifest of the package of a finding; empty where there is none."""
    home = where if where.is_dir() else where.parent
    for path in (home / "findings" / finding_id / "manifest.json", where / "manifest.json"):
        if path.is_file():
            return hashlib.sha256(path.read_bytes()).hexdigest()
    if where.suffix.lower() == ".zip":
        with zipfile.ZipFile(where) as archive:
            name = next(name for name in archive.namelist() if name.endswith("manifest.json"))
            return hashlib.sha256(archive.read(name)).hexdigest()
    return ""


def _show(finding: Finding) -> None:
    from dideban.exchange.stix import leaving

    click.echo(printable(f"{finding.id}"))
    for row in leaving(finding):
        name, why = (say(Message(f"stix.{word}-{row.part}"), language()) for word in ("part", "why"))
        mark = say(Message(f"stix.leaves-{row.leaves}"), language())
        count = say(Message("stix.counts", leave=row.n_leave, stay=row.n_stay), language())
        click.echo(printable(f"  {mark}: {name} ({count}): {why}"))
