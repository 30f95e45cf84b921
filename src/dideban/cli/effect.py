"""``dideban effect``: posts and responses in, what each response did out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dideban.cli.options import load, pairs_of, table_options

if TYPE_CHECKING:
    from dideban.pipelines.effect import EffectRun

MAX_SHOWN = 12


@click.command("effect")
@click.argument("posts", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--responses", type=click.Path(path_type=Path), required=True, help="CSV of what was done and when.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option(
    "--narratives", type=click.Path(path_type=Path), help="Folder of 'dideban narratives': targets are its ids."
)
@table_options
def command(
    posts: tuple[Path, ...],
    responses: Path,
    out: Path,
    narratives: Path | None,
    mapping: tuple[str, ...],
    settings: tuple[str, ...],
    quiet: bool,
    key_file: Path | None,
    toml: Path | None,
    **flags: Any,
) -> None:
    """Say what responses did to the links, hashtags, texts or narratives that they answered.

    The table has the columns response, target, at and horizon_h (6, 24, 48 or 168 hours), and where known kind,
    planned_at, drawn_with (the targets of the lot, separated by |) and odds. A target is written as in the posts: an
    address, a hashtag, or the id of a narrative. Writes effect.html and effect.json to the folder given by --out.

    Each target is compared with others that were noticed by the same rule, were as far along and got no response.
    Where that cannot be done, the reason is said instead of a figure.
    """
    config = load(toml, flags, settings)
    from dideban.cli.console import progress
    from dideban.pipelines.effect import measure_effects

    run = measure_effects(
        list(posts),
        responses=responses,
        out=out,
        narratives=narratives,
        config=config,
        key_file=key_file,
        mapping=pairs_of(mapping, "--map") or None,
        progress=progress(quiet=quiet),
    )
    if not quiet:
        click.echo(summarise(run))


def summarise(run: EffectRun) -> str:
    """Return what was found as lines for the terminal."""
    from dideban.cli.console import language, printable
    from dideban.cli.lines import line, notes_of
    from dideban.effect.words import pooled_sentences, sentences
    from dideban.messages import say

    lang = language()
    lines = [line("page.eff-main", n=len(run.effects), usable=sum(one.identifiable for one in run.effects)), ""]
    for pooled in run.pooled:
        head = f"{printable(pooled.kind)}: " if pooled.kind else ""
        lines += [head + " ".join(say(one, lang) for one in pooled_sentences(pooled)), ""]
    for one in run.effects[:MAX_SHOWN]:
        lines += [printable(one.response.name), *(f"  {say(said, lang)}" for said in sentences(one))]
    if len(run.effects) > MAX_SHOWN:
        lines.append(line("summary.more-on-page", n=len(run.effects) - MAX_SHOWN))
    for row, why in run.rejects[:MAX_SHOWN]:
        lines.append(line("effect.row-set-aside", row=row, why=why))
    return "\n".join([*lines, *notes_of(run.notes), "", line("summary.page", path=run.report)])
