"""``dideban room``: the watch room. Starts Django by the name of its settings, without importing the room."""

from __future__ import annotations

import getpass
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from dideban.cli.console import language, tell
from dideban.cli.help import Command, Group, option
from dideban.cli.lines import line
from dideban.cli.when_up import say_when_up
from dideban.errors import ConfigError, InputError, StoreError
from dideban.messages import Message, languages

NEEDED = ("django", "deltalake", "huey", "granian", "ninja", "allauth", "whitenoise", "feedparser", "trafilatura")
HOST, PORT = "127.0.0.1", 8765
COMMENTS_APART = 2
"""From the port of a demo to that of its comments: the usual ones of both are 8765 and 8767."""
_first = ""


@click.group("room", cls=Group, invoke_without_command=True)
@option("--data", type=click.Path(path_type=Path))
@option("--host", default=HOST, show_default=True)
@option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65_535))
@option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@option("--demo", is_flag=True)
@option("--history", is_flag=True)
@click.pass_context
def command(
    context: click.Context, data: Path | None, host: str, port: int, workers: int, demo: bool, history: bool
) -> None:
    """Run the watch room: sources followed day and night, findings, alerts, cases, people."""
    require_extra()
    if history and not demo:
        raise click.UsageError(line("cli.room.history-needs-demo"))
    if data is not None or demo:
        folder = data if data is not None else Path.cwd() / "dideban-demo-room"
        os.environ["DIDEBAN_ROOM_DATA"] = str(folder.absolute())
    if host != HOST or port != PORT:
        os.environ.setdefault("DIDEBAN_ROOM_URL", f"http://{host}:{port}")
        known = os.environ.get("DIDEBAN_ROOM_HOSTS", "127.0.0.1,localhost,[::1]")
        os.environ["DIDEBAN_ROOM_HOSTS"] = f"{known},{host}"
    if context.invoked_subcommand is not None:
        return
    comments = 0
    if demo:
        password = "the watch never sleeps"  # noqa: S105 - of a demo, printed below
        comments = _offer_comments(host, port)
        _call("room_init", member="demo", password=password, demo=True, history=history)
        click.echo(line("cli.room.demo", name="demo", password=password))
        if comments:
            key = importlib.import_module("dideban.room.upkeep.demo_comments").make_comments()
            click.echo(line("cli.room.demo-comments", address=f"http://{host}:{comments}/queue/", key=key))
    else:
        _prepare()
    _check()
    address = os.environ.get("DIDEBAN_ROOM_URL", f"http://{host}:{port}")
    check_port(host, port)
    where = line("cli.room.address", address=f"{address}/first/{_first}/" if _first else f"{address}/")
    tell(Message("cli.room.starting"))
    say_when_up(host, port, partial(click.echo, where))
    _call("room_serve", host=host, port=port, workers=workers, comments=comments)


@command.command("init", cls=Command)
@option("--room", default="watch", show_default=True)
@option("--name", default="Watch", show_default=True)
@option("--member", default="")
@option("--password-file", type=click.Path(path_type=Path, exists=True))
@option("--email", default="")
@option("--language", default="en", type=click.Choice(languages()))
def init(room: str, name: str, member: str, password_file: Path | None, email: str, language: str) -> None:
    """Make the data folder, the database, a room, and the member who leads it; also after an upgrade."""
    password = ""
    if member:
        password = password_file.read_text("utf-8").rstrip("\r\n") if password_file else _ask_password()
    _call("room_init", room=room, name=name, member=member, password=password, email=email, language=language)
    tell(Message("cli.room.ready"))


@command.command("peers", cls=Command)
@option("--room", default="watch", show_default=True)
def peers(room: str) -> None:
    """List the peers of a room, one line of JSON each."""
    _check()
    _call("room_peers", room=room, do="list")


@command.command("pull", cls=Command)
@click.argument("peer", default="")
@option("--room", default="watch", show_default=True)
def pull(peer: str, room: str) -> None:
    """Pull from a peer now, or from all."""
    _check()
    _call("room_peers", room=room, do="pull", peer=peer)


@command.command("push", cls=Command)
@click.argument("peer", default="")
@option("--room", default="watch", show_default=True)
def push(peer: str, room: str) -> None:
    """Push to a peer now what it may read and was not sent, or to all."""
    _check()
    _call("room_peers", room=room, do="push", peer=peer)


@command.command("web", cls=Command)
@option("--host", default=HOST, show_default=True)
@option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65_535))
@option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def web(host: str, port: int, workers: int) -> None:
    """Serve the pages alone; ``dideban room work`` does the rest."""
    _check()
    check_port(host, port)
    _call("room_web", host=host, port=port, workers=workers)


@command.command("work", cls=Command)
def work() -> None:
    """Follow sources, run ticks and deliver alerts alone; ``dideban room web`` serves the pages."""
    _check()
    _call("room_work")


@command.command("status", cls=Command)
def status() -> None:
    """Say in a few lines how the room is and what to do next; ends with 1 where something is to be done."""
    _call("room_status", language=language())


@command.command("check", cls=Command)
def check() -> None:
    """Check settings, database, posts, audit trail and worker; ends with 1 where something is wrong."""
    _call("room_check")


@command.command("backup", cls=Command)
@click.argument("to", type=click.Path(path_type=Path))
def backup(to: Path) -> None:
    """Write everything the room has into one file, while it runs."""
    _call("room_backup", to=str(to.absolute()))


@command.command("restore", cls=Command)
@click.argument("backup_file", type=click.Path(path_type=Path, exists=True))
def restore(backup_file: Path) -> None:
    """Make a room from a backup, in a data folder that is empty."""
    _call("room_restore", source=str(backup_file.absolute()))


@command.command("move", cls=Command)
def move() -> None:
    """Bring a room from SQLite into the database that DATABASE_URL names, compared row by row."""
    _call("room_move")


@command.command("password", cls=Command)
@click.argument("member")
@option("--password-file", type=click.Path(path_type=Path, exists=True))
def password(member: str, password_file: Path | None) -> None:
    """Set the password of a member who cannot sign in; all sessions of theirs end."""
    _check()
    new = password_file.read_text("utf-8").rstrip("\r\n") if password_file else _ask_password()
    _call("room_password", member=member, password=new)
    tell(Message("cli.room.password-set"))


@command.command("bounces", cls=Command)
@click.argument("reports", type=click.Path(path_type=Path, exists=True, dir_okay=False), nargs=-1, required=True)
@option("--room", default="watch", show_default=True)
def bounces(reports: tuple[Path, ...], room: str) -> None:
    """Take reports of mail servers (RFC 3464) that addresses of the newsletter are gone, one mail a file."""
    _check()
    _call("room_bounces", *[str(path.absolute()) for path in reports], room=room)


@command.command("import", cls=Command)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@option("--room", default="watch", show_default=True)
@option("--name", required=True)
def import_scan(path: Path, room: str, name: str) -> None:
    """Bring posts of another scan or finding package in, with the pseudonyms that they carry."""
    _check()
    _call("room_import", path=str(path.absolute()), room=room, name=name)


@command.command("mcp", cls=Command)
@option("--url", default=f"http://{HOST}:{PORT}", show_default=True, envvar="DIDEBAN_ROOM_URL")
@option("--room", default="watch", show_default=True)
@option("--token-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def mcp(url: str, room: str, token_file: Path | None) -> None:
    """Let an assistant read a room over the Model Context Protocol, with the token of a member."""
    token = token_file.read_text("utf-8").strip() if token_file else os.environ.get("DIDEBAN_ROOM_TOKEN", "")
    if not token:
        raise ConfigError("cli.room.no-token", hint="cli.room.token-hint", key="token")
    if importlib.util.find_spec("mcp") is None:
        raise ConfigError("cli.room-extra", hint="hint.install-mcp", key="mcp", missing=["mcp"])
    importlib.import_module("dideban.room.mcp.server").run(url=url, room=room, token=token)


@command.group("audit", cls=Group)
def audit() -> None:
    """Look after the audit trail."""


@audit.command("verify", cls=Command)
@option(
    "--anchors", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True,
)  # fmt: skip
@option("--no-ask", is_flag=True)
def audit_verify(anchors: tuple[Path, ...], no_ask: bool) -> None:
    """Recompute the hash chain of the audit trail; ends with 1 where it was changed."""
    _call("room_audit", "verify", anchors=[str(path.absolute()) for path in anchors], no_ask=no_ask)


@audit.command("peer", cls=Command)
@click.argument("name")
def audit_peer(name: str) -> None:
    """Keep anchors of another room, and print the token it sends them with; a name that is there gets a new one."""
    _check()
    _call("room_audit", "peer", name=name)


@audit.command("renew", cls=Command)
def audit_renew() -> None:
    """Start over with anchors, after some were lost for a known reason; the trail records it."""
    _check()
    _call("room_audit", "renew")


def _offer_comments(host: str, port: int) -> int:
    """Return the port for the comments of a demo; 0 where the settings name a comment process of their own."""
    if "DIDEBAN_ROOM_COMMENTS" in os.environ:
        return 0
    chosen = next((one for one in range(port + COMMENTS_APART, port + 20) if _is_free(host, one)), 0)
    if chosen:
        os.environ["DIDEBAN_ROOM_COMMENTS"] = str(Path(os.environ["DIDEBAN_ROOM_DATA"]) / "comments")
        os.environ["DIDEBAN_ROOM_COMMENTS_URL"] = f"http://{host}:{chosen}"
    return chosen


def _is_free(host: str, port: int) -> bool:
    try:
        check_port(host, port)
    except ConfigError:
        return False
    return True


def check_port(host: str, port: int) -> None:
    """Refuse to begin where nobody could reach the pages.

    Raises
    ------
    ConfigError
        Another program listens there, or the address is not one of this machine.
    """
    import socket

    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise ConfigError("cli.room.port-taken", hint="cli.room.port-hint", key="port", host=host, port=port) from error


def call_room(command_name: str, *, data: Path | None, **options: Any) -> None:
    """Run one command of the room for another group of commands."""
    require_extra()
    if data is not None:
        os.environ["DIDEBAN_ROOM_DATA"] = str(data.absolute())
    _check()
    _call(command_name, **options)


def require_extra() -> None:
    """Stop where the extra ``room`` is not installed.

    Raises
    ------
    ConfigError
        Something of it is missing.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            "cli.room-extra", hint="hint.install-room", key="room", missing=missing,
        )  # fmt: skip


def _call(command_name: str, /, *arguments: str, **options: Any) -> None:
    """Run one command of the room; report trouble with the database in one line."""
    management = _django()
    with _plain():
        management.call_command(command_name, *arguments, **options)


@contextmanager
def _plain() -> Iterator[None]:
    """Turn what the database and its driver say into a sentence, without the password."""
    trouble = importlib.import_module("django.db.utils").Error
    improper = importlib.import_module("django.core.exceptions").ImproperlyConfigured
    hide = importlib.import_module("dideban.room.logs").hide_secrets
    try:
        yield
    except (trouble, improper) as error:
        first = hide((str(error).strip() or type(error).__name__).splitlines()[0])
        raise StoreError("cli.database-unusable", hint="hint.database", reason=first) from error


def _django() -> Any:
    os.environ["DJANGO_SETTINGS_MODULE"] = "dideban.room.settings"
    importlib.import_module("django").setup()
    return importlib.import_module("django.core.management")


def _prepare() -> None:
    """Bring the database up to date, and ask for the first member where there is none."""
    _call("room_init")
    members = importlib.import_module("django.contrib.auth").get_user_model()
    if members.objects.exists():
        return None
    if not sys.stdin.isatty():
        raise ConfigError("cli.room-no-member", hint="hint.room-init", key="member")
    if click.confirm(line("cli.room.first-page"), default=True, err=True):
        global _first
        _first = importlib.import_module("dideban.room.upkeep.first_start").offer()
        return None
    tell(Message("cli.room.first-member"))
    name = click.prompt(line("cli.room.ask-name"), err=True)
    while True:  # a password that is too weak, or that differs, asks again
        try:
            return _call("room_init", member=name, password=_ask_password())
        except (ConfigError, InputError) as error:
            tell(error.message)


def _ask_password() -> str:
    password = getpass.getpass(f"{line('cli.room.ask-password', n=12)} ")
    if getpass.getpass(f"{line('cli.room.ask-again')} ") != password:
        raise ConfigError("cli.passwords-differ", key="password")
    return password


def _check() -> None:
    """Stop with plain words where a setting makes no sense or the database is of another version; print warnings."""
    _django()
    checks = importlib.import_module("django.core.checks")
    with _plain():
        found = checks.run_checks()
        trouble = importlib.import_module("dideban.room.upkeep.health").schema_trouble()
    errors = [message for message in found if message.level >= checks.ERROR]
    if errors:
        problems = [Message("cli.room-check", text=one.msg, id=one.id) for one in errors]
        raise ConfigError("cli.room-checks", hint=str(errors[0].hint or ""), key="room", problems=problems)
    if trouble:
        raise StoreError(trouble)
    for one in found:
        tell(Message("cli.room.warning", text=one.msg, id=one.id, advice=one.hint or ""))
