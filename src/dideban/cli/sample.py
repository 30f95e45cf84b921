"""``dideban sample``: realistic posts with planted campaigns, and the truth beside them."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.help import Command, option

SUFFIXES = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}


@click.command("sample", cls=Command)
@click.argument("out", type=click.Path(path_type=Path))
@option("--posts", type=int, default=20_000, show_default=True)
@option("--seed", type=int, default=1, show_default=True)
@option("--days", type=float, default=14.0, show_default=True)
@option("--language", "languages", multiple=True, metavar="CODE")
@option("--format", type=click.Choice(["csv", "ndjson", "parquet"]))
@option("--no-campaigns", is_flag=True)
@option("--quiet", is_flag=True)
def command(
    out: Path,
    *,
    posts: int,
    seed: int,
    days: float,
    languages: tuple[str, ...],
    format: str | None,
    no_campaigns: bool,
    quiet: bool,
) -> None:
    """Write realistic posts in Persian, Arabic and English to OUT."""
    from dideban.cli.console import progress, tell
    from dideban.cli.overwrite_guard import keep_others
    from dideban.messages import Message
    from dideban.simulate import DEFAULT, write_sample

    keep_others(out)
    notes = write_sample(
        out,
        seed=seed,
        n_posts=posts,
        format=format or SUFFIXES.get(out.suffix.lower(), "csv"),  # type: ignore[arg-type]
        days=days,
        languages=languages or ("fa", "ar", "en"),
        plants=() if no_campaigns else DEFAULT,
        progress=progress(quiet=quiet),
    )
    if not quiet:
        files = [Message("sample.posts", path=out), Message("sample.truth", path=out.parent / "truth.csv")]
        for note in [*notes, *files]:
            tell(note)
