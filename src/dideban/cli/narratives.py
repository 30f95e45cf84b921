"""``dideban narratives``: files of posts in, what they tell of and when out."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dideban.cli.options import load, pairs_of, table_options

if TYPE_CHECKING:
    from dideban.findings.narratives import Narrative
    from dideban.pipelines.narratives import NarrativeRun

MAX_SHOWN = 15
WIDTH = 100


@click.command("narratives")
@click.argument("posts", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option(
    "--findings",
    type=click.Path(path_type=Path),
    help="Folder of a scan: shows how much comes from proved groups; without POSTS its posts are read.",
)
@click.option(
    "--min-posts", type=int, default=10, show_default=True, help="Narratives with fewer posts are not listed."
)
@click.option(
    "--min-accounts", type=int, default=3, show_default=True, help="Narratives of fewer accounts are not listed."
)
@click.option(
    "--half-life", type=float, default=2.0, show_default=True, help="Days after which what was said counts half."
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="File to go on from and to keep for the next run; made if missing. Keep it as you keep the posts.",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Folder of a local model of meaning (tokenizer.json, model.safetensors); none comes with Dideban.",
)
@table_options
def command(
    posts: tuple[Path, ...],
    out: Path,
    findings: Path | None,
    min_posts: int,
    min_accounts: int,
    half_life: float,
    state: Path | None,
    model: Path | None,
    mapping: tuple[str, ...],
    settings: tuple[str, ...],
    quiet: bool,
    key_file: Path | None,
    toml: Path | None,
    **flags: Any,
) -> None:
    """Cluster POSTS by what they say, over time, whoever wrote them.

    Writes narratives.html, narratives.json and posts.parquet (which post is in which narrative) to the folder given by
    --out, and prints a short summary. A narrative is not a finding: it shows nothing about concert, truth or intent.
    """
    config = load(toml, flags, settings)
    from dideban.cli.console import progress
    from dideban.config import NarrativeConfig
    from dideban.pipelines.narratives import narrate

    result = narrate(
        list(posts),
        out=out,
        config=config,
        settings=NarrativeConfig(min_posts=min_posts, min_accounts=min_accounts, half_life_d=half_life),
        findings=findings,
        state=state,
        model=model,
        key_file=key_file,
        mapping=pairs_of(mapping, "--map") or None,
        progress=progress(quiet=quiet),
    )
    if not quiet:
        click.echo(summarise(result), nl=False)


def summarise(result: NarrativeRun) -> str:
    """Return the narratives as lines for the terminal."""
    from dideban.cli.console import printable

    found = result.narratives
    lines = [
        f"{len(found.items):,} narratives hold {found.n_listed_posts:,} of {found.n_posts:,} posts; "
        f"{found.n_small:,} smaller ones are not listed"
    ]
    for item in found.items[:MAX_SHOWN]:
        lines += ["", *_lines(item)]
    if len(found.items) > MAX_SHOWN:
        lines += ["", f"... and {len(found.items) - MAX_SHOWN:,} more on the page."]
    notes = [line for note in found.notes for line in textwrap.wrap(f"note: {note}", WIDTH)]
    lines += ["", *notes] if notes else []
    lines += ["", f"page:       {result.report}", f"narratives: {result.out / 'narratives.json'}", ""]
    return printable("\n".join(lines))


def _lines(item: Narrative) -> list[str]:
    facts = [
        f"{item.n_posts:,} posts of {item.n_texts:,} messages by {item.n_accounts:,} accounts",
        " ".join(item.languages) or "language not known",
        f"{item.first_seen[:16].replace('T', ' ')} to {item.last_seen[:16].replace('T', ' ')}",
    ]
    if item.n_posts_before:
        facts.append(f"{item.n_posts_before:,} posts told before, since {item.known_since[:10]}")
    if item.bursts:
        facts.append(f"{len(item.bursts)} {'burst' if len(item.bursts) == 1 else 'bursts'}")
    if item.n_proved_posts:
        facts.append(f"{item.n_proved_posts / item.n_posts:.0%} from proved groups")
    head = f"{item.id}  {' · '.join(item.terms[:6])}"
    return [head, *textwrap.wrap("; ".join(facts), WIDTH, initial_indent="  ", subsequent_indent="  ")]
