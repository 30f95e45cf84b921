"""``dideban site``: the public site of a room, built as static files, and copies of it checked."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.console import language, printable
from dideban.cli.help import Command, Group, option
from dideban.errors import ConfigError, ExchangeError
from dideban.messages import Message, cause_of, describe, say


@click.group("site", cls=Group)
def command() -> None:
    """Build the public site of a room, and check copies of one."""


@command.command("build", cls=Command)
@click.argument("room")
@option("--out", type=click.Path(path_type=Path), required=True)
@option("--zip", "packed", type=click.Path(path_type=Path))
@option("--data", type=click.Path(path_type=Path))
def build(room: str, out: Path, packed: Path | None, data: Path | None) -> None:
    """Write the public site of a room as static files, signed with its key."""
    from dideban.cli.room import call_room

    to = str(packed.absolute()) if packed else ""
    call_room("room_site", data=data, room=room, out=str(out.absolute()), zip=to)


@command.command("verify", cls=Command)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@option("--key", type=click.Path(path_type=Path, dir_okay=False))
@option("--claims", "with_claims", is_flag=True)
@option("--json", "as_json", is_flag=True)
def verify(path: Path, key: Path | None, with_claims: bool, as_json: bool) -> None:
    """Check a copy of a site, a folder or zip: the signature, every hash, and that nothing was added."""
    import orjson

    from dideban.site import verify_claims, verify_site

    result = verify_site(path, public_key=None if key is None else _read_key(key))
    n_claims, wrong = verify_claims(path) if with_claims and result.ok else (0, [])
    problems = [*result.problems, *wrong]
    if as_json:
        document = {
            "ok": not problems, "n_files": result.n_files, "signer": result.signer,
            "problems": [describe(one) for one in problems], **({"n_claims": n_claims} if with_claims else {}),
        }  # fmt: skip
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        for one in problems:
            click.echo(printable(say(one, language())))
    if problems:
        raise ExchangeError("site.check.fails", hint="hint.package-changed", n=len(problems))
    if not as_json:
        click.echo(say(Message("site.check.holds", n=result.n_files, key=result.signer[:16]), language()))
        if with_claims:
            click.echo(say(Message("site.check.claims-hold", n=n_claims), language()))


def _read_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("file.not-read", key="--key", path=path, reason=cause_of(error)) from error
