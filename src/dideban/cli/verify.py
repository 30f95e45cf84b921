"""``dideban verify``: recompute a finding package from the posts inside it."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.console import language, printable
from dideban.cli.help import Command, option
from dideban.errors import ConfigError, ExchangeError
from dideban.messages import Message, cause_of, describe, say


@click.command("verify", cls=Command)
@click.argument("package", type=click.Path(path_type=Path))
@option("--key", type=click.Path(path_type=Path, dir_okay=False))
@option("--json", "as_json", is_flag=True)
def command(package: Path, key: Path | None, as_json: bool) -> None:
    """Check a finding package: every hash, and every number recomputed from the posts inside."""
    import orjson

    from dideban.store import verify_package

    result = verify_package(package, public_key=None if key is None else _read_key(key))
    if as_json:
        checks = [{"check": name, "ok": ok, **describe(seen)} for name, ok, seen in result.checks]
        document = {"finding_id": result.finding_id, "ok": result.ok, "checks": checks}
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        marks = {ok: say(Message(f"cli.verify.{'ok' if ok else 'fails'}"), language()) for ok in (True, False)}
        for name, ok, seen in result.checks:
            click.echo(f"{marks[ok]:<6} {printable(name)}: {say(seen, language())}")
    failed = [name for name, ok, _ in result.checks if not ok]
    if failed:
        raise ExchangeError(
            "package.checks-fail",
            hint="hint.package-changed",
            path=package,
            n=len(failed),
            all=len(result.checks),
            failed=failed,
        )
    if not as_json:
        click.echo(say(Message("cli.verify.all-hold", id=result.finding_id, n=len(result.checks)), language()))


def _read_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("file.not-read", key="--key", path=path, reason=cause_of(error)) from error
