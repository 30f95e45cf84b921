"""``dideban narratives``: files of posts in, what they tell of and when out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, gather, table_options

if TYPE_CHECKING:
    from dideban.findings.narratives import ListedNarrative
    from dideban.pipelines.narratives import NarrativeRun

MAX_SHOWN = 15


@click.command("narratives", cls=Command)
@click.argument("posts", nargs=-1, type=click.Path(path_type=Path))
@option("--out", type=click.Path(path_type=Path), required=True)
@option("--findings", type=click.Path(path_type=Path))
@option("--min-posts", type=int, default=10, show_default=True)
@option("--min-accounts", type=int, default=3, show_default=True)
@option("--half-life", type=float, default=2.0, show_default=True)
@option("--state", type=click.Path(path_type=Path))
@option("--model", type=click.Path(path_type=Path))
@table_options
@gather
def command(
    posts: tuple[Path, ...],
    out: Path,
    findings: Path | None,
    min_posts: int,
    min_accounts: int,
    half_life: float,
    state: Path | None,
    model: Path | None,
    shared: SharedOptions,
) -> None:
    """Cluster POSTS by what they say, over time, whoever wrote them."""
    from dideban.config import NarrativeConfig
    from dideban.pipelines.narratives import narrate

    result = narrate(
        list(posts),
        out=out,
        settings=NarrativeConfig(min_posts=min_posts, min_accounts=min_accounts, half_life_d=half_life),
        findings=findings,
        state=state,
        model=model,
        **shared.reading(),
    )
    if not shared.quiet:
        click.echo(summarise(result), nl=False)


def summarise(result: NarrativeRun) -> str:
    """Return the narratives as lines for the terminal."""
    from dideban.cli.lines import line, notes_of

    found = result.narratives
    counts = {"listed": found.n_listed_posts, "all": found.n_posts, "small": found.n_small}
    lines = [line("summary.narratives", n=len(found.items), **counts)]
    for item in found.items[:MAX_SHOWN]:
        lines += ["", *_lines(item)]
    if len(found.items) > MAX_SHOWN:
        lines += ["", line("summary.more-on-page", n=len(found.items) - MAX_SHOWN)]
    lines += [*notes_of(list(found.notes)), ""]
    files = {"summary.narratives-page": result.report, "summary.narratives-file": result.out / "narratives.json"}
    return "\n".join([*lines, *(line(code, path=path) for code, path in files.items()), ""])


def _lines(item: ListedNarrative) -> list[str]:
    from dideban.cli.lines import line, wrapped
    from dideban.messages import Message

    seen = [one[:16].replace("T", " ") for one in (item.first_seen, item.last_seen)]
    facts: list[Message | str] = [
        Message("summary.narrative-posts", n=item.n_posts, texts=item.n_texts, accounts=item.n_accounts),
        " ".join(item.languages) or Message("summary.language-unknown"),
        Message("summary.narrative-period", first=seen[0], last=seen[1]),
    ]
    if item.n_posts_before:
        facts.append(Message("summary.narrative-before", n=item.n_posts_before, first=item.known_since[:10]))
    if item.bursts:
        facts.append(Message("summary.bursts", n=len(item.bursts)))
    if item.n_proved_posts:
        facts.append(Message("summary.from-proved", share=round(item.n_proved_posts / item.n_posts, 2)))
    head = line("summary.narrative", id=item.id, terms=" · ".join(item.terms[:6]))
    return [head, *wrapped(Message("summary.facts", facts=facts), indent="  ")]
