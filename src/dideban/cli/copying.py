"""``dideban copying``: articles or posts in, who holds whose words out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, gather, table_options

if TYPE_CHECKING:
    from dideban.findings.copying import Copies
    from dideban.pipelines.copies import CopyRun

MAX_SHOWN = 12


@click.command("copying", cls=Command)
@click.argument("texts", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--out", type=click.Path(path_type=Path), required=True)
@option("--min-letters", type=int, default=200, show_default=True)
@option("--least-share", type=click.FloatRange(0.05, 1.0), default=0.3, show_default=True)
@table_options
@gather
def command(
    texts: tuple[Path, ...],
    out: Path,
    min_letters: int,
    least_share: float,
    shared: SharedOptions,
) -> None:
    """Describe who published first and who copied how much of it: TEXTS are article pages, feeds or posts."""
    from dideban.pipelines.copies import trace_copies

    result = trace_copies(
        list(texts),
        out=out,
        min_letters=min_letters,
        least_share=least_share,
        **shared.reading(),
    )
    if not shared.quiet:
        click.echo(summarise(result), nl=False)


KINDS = ("no-line", "attributed", "declared", "wire", "own")
"""What is said of copies, in order."""
HEADS = ("source", "later", "texts", "no-line", "share")


def summarise(result: CopyRun) -> str:
    """Return what was found as lines for the terminal."""
    from dideban.cli.lines import line, notes_of
    from dideban.messages import Message

    found = result.copies
    counts: Counter[str] = Counter(copy.kind for family in found.families for copy in family.copies)
    kinds = [Message(f"summary.copy.{kind}", n=counts[kind]) for kind in KINDS if counts[kind]]
    after = Message("summary.after-colon", parts=kinds) if kinds else ""
    lines = [line("summary.copies-found", n=sum(counts.values()), all=found.n_texts, kinds=after)]
    if result.n_rejects:
        lines.append(line("summary.set-aside", n=result.n_rejects))
    lines += [*_flows(found), *notes_of(list(found.notes)), ""]
    lines += [line("summary.page", path=result.report), line("summary.copies-file", path=result.out / "copying.json")]
    return "\n".join([*lines, ""])


def _flows(found: Copies) -> list[str]:
    if not found.flows:
        return []
    from dideban.cli.console import language, printable
    from dideban.cli.lines import line
    from dideban.messages import locale

    own = locale(language())
    source, later, texts, no_line, share = (line(f"summary.flow-head.{head}") for head in HEADS)
    lines = ["", f"  {source:<28} {later:<28} {texts:>6} {no_line:>8} {share:>6}"]
    for flow in found.flows[:MAX_SHOWN]:
        names = printable(f"{flow.source[:28]:<28} {flow.publisher[:28]:<28}")
        mean = own.percent(round(flow.mean_share, 2))
        lines.append(f"  {names} {own.number(flow.n):>6} {own.number(flow.n_no_line):>8} {mean:>6}")
    return lines
