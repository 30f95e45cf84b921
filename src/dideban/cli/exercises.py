"""``dideban exercises``: a result and verdicts in, exercises for the public out."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.help import Command, option

MOST_EXERCISES = 200


@click.command("exercises", cls=Command)
@click.argument("where", metavar="SCAN_DIR", type=click.Path(path_type=Path))
@option("--verdicts", type=click.Path(path_type=Path), required=True)
@option("--out", type=click.Path(path_type=Path), required=True)
@option("--count", type=click.IntRange(1, MOST_EXERCISES), default=20, show_default=True)
@option("--seed", type=int)
@option("--quiet", is_flag=True)
def command(where: Path, *, verdicts: Path, out: Path, count: int, seed: int | None, quiet: bool) -> None:
    """Make exercises of findings that have a verdict: pages, a course, a teacher's guide and QTI 3.0."""
    from dideban.cli.console import tell
    from dideban.errors import InputError
    from dideban.exercises import material_of, read_verdicts, seed_of, write_exercises
    from dideban.messages import Message

    known = read_verdicts(verdicts)
    folder = where / "findings"
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    packages = [(path, known[path.name]) for path in there if path.name in known]
    if not packages:
        raise InputError("exercises.no-finding", hint="exercises.no-finding-hint", path=str(where))
    materials = [material_of(path, verdict=verdict) for path, verdict in packages]
    chosen = seed_of(path for path, _ in packages) if seed is None else seed
    made = write_exercises(out, materials=materials, seed=chosen, n=count)
    if not quiet:
        tell(Message("exercises.written", n=max(made.values()), languages=sorted(made), path=str(out)))
        if len(known) > len(packages):
            tell(Message("exercises.not-packed", n=len(known) - len(packages)))
