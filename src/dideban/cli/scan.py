"""``dideban scan``: files of posts in, a folder of findings out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dideban.cli.options import file_options, load, pairs_of, run_options


@click.command("scan")
@click.argument("posts", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@file_options
@click.option("--affiliations", type=click.Path(path_type=Path), help="List of declared owners (TOML).")
@click.option("--after", type=click.Path(path_type=Path), help="Earlier result whose groups are followed on.")
@click.option(
    "--signatures",
    type=click.Path(path_type=Path),
    help="Cache of text signatures: the next run reads only new texts.",
)
@click.option(
    "--media",
    type=click.Path(path_type=Path),
    help="Folder of the pictures that posts name.  [default: beside the files that name them]",
)
@run_options
def command(
    posts: tuple[Path, ...],
    out: Path,
    mapping: tuple[str, ...],
    affiliations: Path | None,
    after: Path | None,
    signatures: Path | None,
    media: Path | None,
    settings: tuple[str, ...],
    quiet: bool,
    key_file: Path | None,
    toml: Path | None,
    **flags: Any,
) -> None:
    """Find groups that act in concert in POSTS: files or folders in any known shape.

    Writes report.html, findings.json, a package per finding, tables, spreadsheets and network files to the folder
    given by --out, and prints a short summary.
    """
    config = load(toml, flags, settings)
    from dideban.cli.affiliation_option import affiliations_of
    from dideban.cli.console import language, progress
    from dideban.cli.prepare import prepare_kernels
    from dideban.cli.summary import summarise
    from dideban.pipelines.scan import scan

    prepare_kernels(quiet=quiet)
    result = scan(
        list(posts),
        out=out,
        config=config,
        key_file=key_file,
        mapping=pairs_of(mapping, "--map") or None,
        affiliations=affiliations_of(affiliations, config=config),
        after=after,
        signatures=signatures,
        media=media,
        lang=language(),
        progress=progress(quiet=quiet),
    )
    if not quiet:
        click.echo(summarise(result), nl=False)
