"""``dideban comments``: comments of readers, in a process and a database of their own."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from dideban.cli.console import tell
from dideban.cli.help import Command, Group, option
from dideban.errors import ConfigError, StoreError
from dideban.messages import Message, cause_of

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
HOST, PORT = "127.0.0.1", 8767


@click.group("comments", cls=Group)
def command() -> None:
    """Take comments of readers: nothing is shown before a moderator has read it."""
    if importlib.util.find_spec("granian") is None:
        raise ConfigError("comments.extra", hint="comments.extra-hint")


@command.command("run", cls=Command)
@FOLDER
@option("--site", type=click.Path(path_type=Path), required=True)
@option("--host", default=HOST, show_default=True)
@option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65_535))
@option("--behind-proxy", is_flag=True)
@option("--https", is_flag=True)
def run(folder: Path, *, site: Path, host: str, port: int, behind_proxy: bool, https: bool) -> None:
    """Serve the form and the queue."""
    from dideban.comments.server import serve

    tell(Message("comments.serving", address=f"http://{host}:{port}/queue/"))
    serve(folder, site=site, host=host, port=port, behind_proxy=behind_proxy, is_secure=https)


@command.command("moderator", cls=Command)
@FOLDER
@click.argument("name", metavar="NAME")
def moderator(folder: Path, name: str) -> None:
    """Make a key for a moderator; an earlier one of the name ends."""
    from dideban.comments import CommentDesk, CommentStore

    click.echo(CommentDesk(store=CommentStore(folder), site=folder).add_moderator(name))


@command.command("hold", cls=Command)
@FOLDER
@click.argument("number", metavar="NUMBER", type=int)
@option("--reason", required=True)
@option("--days", default=180, show_default=True, type=click.IntRange(1, 3_650))
@option("--by", required=True)
def hold(folder: Path, number: int, *, reason: str, days: int, by: str) -> None:
    """Keep a sealed copy of a comment, and take it off the page."""
    from dideban.comments import CommentDesk, CommentStore
    from dideban.comments.sealing import make_keys

    store = CommentStore(folder)
    private = make_keys(folder)
    CommentDesk(store=store, site=folder).hold(number, reason=reason, days=days, by=by)
    if private.exists():
        tell(Message("comments.move-key", path=str(private)))


@command.command("unseal", cls=Command)
@FOLDER
@click.argument("private", metavar="KEY", type=click.Path(path_type=Path))
def unseal(folder: Path, private: Path) -> None:
    """Print the copies under hold with the private key, one JSON document a line."""
    from dideban.comments import CommentStore
    from dideban.comments.sealing import unseal as opened

    try:
        key = private.read_bytes()
    except OSError as error:
        raise StoreError("file.not-read", path=str(private), reason=cause_of(error)) from error
    with CommentStore(folder).connect() as link:
        for row in link.execute("SELECT sealed FROM holds ORDER BY at, comment_id").fetchall():
            click.echo(opened(key, row["sealed"]).decode())
