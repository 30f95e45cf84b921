"""``dideban sample``: realistic posts with planted campaigns, and the truth beside them."""

from __future__ import annotations

from pathlib import Path

import click

SUFFIXES = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}


@click.command("sample")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--posts", type=int, default=20_000, show_default=True, help="Number of posts, exactly.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same file, byte for byte.")
@click.option("--days", type=float, default=14.0, show_default=True, help="Days that the posts spread over.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="fa, ar or en; may be repeated. [all]")
@click.option(
    "--format",
    type=click.Choice(["csv", "ndjson", "parquet"]),
    help="Format of OUT.  [default: by its ending, else csv]",
)
@click.option("--no-campaigns", is_flag=True, help="Plant nothing: whatever is found is a false finding.")
@click.option("--quiet", is_flag=True, help="Say nothing on success.")
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
    """Write realistic posts in Persian, Arabic and English to OUT.

    All posts, accounts, places and links are made up. Some accounts act in concert, as planted
    campaigns; others look like it for ordinary reasons (feeds, wires, schedulers, breaking news). 'truth.csv' beside
    OUT says who belongs to what. An earlier sample is replaced; other files are not.
    """
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
