"""``dideban scan``: files of posts in, a folder of findings out."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, file_options, gather, run_options


@click.command("scan", cls=Command)
@click.argument("posts", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--out", type=click.Path(path_type=Path), required=True)
@file_options
@option("--affiliations", type=click.Path(path_type=Path))
@option("--after", type=click.Path(path_type=Path))
@option("--signatures", type=click.Path(path_type=Path))
@option("--media", type=click.Path(path_type=Path))
@option("--read-pictures", is_flag=True)
@run_options
@gather
def command(
    posts: tuple[Path, ...],
    out: Path,
    affiliations: Path | None,
    after: Path | None,
    signatures: Path | None,
    media: Path | None,
    read_pictures: bool,
    shared: SharedOptions,
) -> None:
    """Find groups that act in concert in POSTS: files or folders in any known shape."""
    reading = shared.reading()
    from dideban.cli.affiliation_option import affiliations_of
    from dideban.cli.console import language
    from dideban.cli.prepare import prepare_kernels
    from dideban.cli.summary import summarise
    from dideban.pipelines.scan import scan

    if all(path.exists() for path in posts):
        prepare_kernels(reading["progress"])
    result = scan(
        list(posts),
        out=out,
        affiliations=affiliations_of(affiliations, config=reading["config"]),
        after=after,
        signatures=signatures,
        media=media,
        read_pictures=read_pictures,
        lang=language(),
        **reading,
    )
    if not shared.quiet:
        click.echo(summarise(result), nl=False)
