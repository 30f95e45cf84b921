"""``dideban copying``: articles or posts in, who holds whose words out."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dideban.cli.options import load, pairs_of, table_options

if TYPE_CHECKING:
    from dideban.findings.copying import Copies
    from dideban.pipelines.copies import CopyRun

MAX_SHOWN = 12
WIDTH = 100


@click.command("copying")
@click.argument("texts", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--min-letters", type=int, default=200, show_default=True, help="Shorter texts are not compared.")
@click.option(
    "--least-share",
    type=click.FloatRange(0.05, 1.0),
    default=0.3,
    show_default=True,
    help="Least share of a text that occurs in an earlier one.",
)
@table_options
def command(
    texts: tuple[Path, ...],
    out: Path,
    min_letters: int,
    least_share: float,
    mapping: tuple[str, ...],
    settings: tuple[str, ...],
    quiet: bool,
    key_file: Path | None,
    toml: Path | None,
    **flags: Any,
) -> None:
    """Say who published first and who copied how much of it: TEXTS are article pages, feeds or posts.

    Pages (.html) and feeds (.xml, .rss, .atom) need the extra 'news'; all else is read as posts. Writes copying.html
    and copying.json to the folder given by --out, and prints a short summary. Copying is often agreed upon; lines such
    as "as reported by ..." are found and shown, and texts of news agencies are marked.
    """
    config = load(toml, flags, settings)
    from dideban.cli.console import progress
    from dideban.pipelines.copies import trace_copies

    result = trace_copies(
        list(texts),
        out=out,
        config=config,
        min_letters=min_letters,
        least_share=least_share,
        key_file=key_file,
        mapping=pairs_of(mapping, "--map") or None,
        progress=progress(quiet=quiet),
    )
    if not quiet:
        click.echo(summarise(result), nl=False)


SAID = {
    "no-line": "no line of attribution found",
    "attributed": "name another source",
    "declared": "name their source",
    "wire": "from an agency",
    "own": "of the same publisher",
}


def summarise(result: CopyRun) -> str:
    """Return what was found as lines for the terminal."""
    from dideban.cli.console import printable

    found = result.copies
    counts: Counter[str] = Counter(copy.kind for family in found.families for copy in family.copies)
    kinds = ", ".join(f"{counts[kind]:,} {said}" for kind, said in SAID.items() if counts[kind])
    n_copies = sum(counts.values())
    lines = [
        f"{n_copies:,} of {found.n_texts:,} texts hold passages of an earlier one" + (f": {kinds}" if kinds else "")
    ]
    if result.n_rejects:
        lines.append(f"{result.n_rejects:,} rejected (rejects.csv has all)")
    lines += _flows(found)
    lines += ["", *(line for note in found.notes for line in textwrap.wrap(f"note: {note}", WIDTH))]
    lines += ["", f"page:   {result.report}", f"copies: {result.out / 'copying.json'}", ""]
    return printable("\n".join(lines))


def _flows(found: Copies) -> list[str]:
    if not found.flows:
        return []
    lines = ["", f"  {'earlier':<28} {'later':<28} {'texts':>6} {'no line':>8} {'share':>6}"]
    for flow in found.flows[:MAX_SHOWN]:
        names = f"{flow.source[:28]:<28} {flow.publisher[:28]:<28}"
        lines.append(f"  {names} {flow.n:>6,} {flow.n_no_line:>8,} {flow.mean_share:>6.0%}")
    return lines
