"""``dideban effect``: posts and responses in, what each response did out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, gather, table_options

if TYPE_CHECKING:
    from dideban.pipelines.effect import MeasuredEffects

MAX_SHOWN = 12


@click.command("effect", cls=Command)
@click.argument("posts", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--responses", type=click.Path(path_type=Path), required=True)
@option("--out", type=click.Path(path_type=Path), required=True)
@option("--narratives", type=click.Path(path_type=Path))
@option("--gone", type=click.Path(path_type=Path))
@table_options
@gather
def command(
    posts: tuple[Path, ...],
    responses: Path,
    out: Path,
    narratives: Path | None,
    gone: Path | None,
    shared: SharedOptions,
) -> None:
    """Describe what responses did to the links, hashtags, texts or narratives that they answered."""
    from dideban.pipelines.effect import measure_effects

    run = measure_effects(
        list(posts),
        responses=responses,
        out=out,
        narratives=narratives,
        gone=gone,
        **shared.reading(),
    )
    if not shared.quiet:
        click.echo(summarise(run))


def summarise(run: MeasuredEffects) -> str:
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
    for said in (*run.further.moved_lines(), *run.further.removal_lines()):
        lines += [" ".join(say(one, lang) for one in said), ""]
    for one in run.effects[:MAX_SHOWN]:
        lines += [printable(one.response.name), *(f"  {say(said, lang)}" for said in sentences(one))]
    if len(run.effects) > MAX_SHOWN:
        lines.append(line("summary.more-on-page", n=len(run.effects) - MAX_SHOWN))
    for row, why in run.rejects[:MAX_SHOWN]:
        lines.append(line("effect.row-set-aside", row=row, why=why))
    return "\n".join([*lines, *notes_of(run.notes), "", line("summary.page", path=run.report)])
