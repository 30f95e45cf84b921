"""``dideban demo``: a sample with planted campaigns, scanned, the findings beside what was planted."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import click

from dideban.cli.options import keep_ids_option, load, run_options

N_POSTS = 20_000
DAYS = 14.0
SEED = 1
KEY = b"nobody real is in this sample..."
"""Key of the pseudonyms: made-up accounts need no secret, and with one key everybody's demo shows the same ids."""


@click.command("demo")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo-out"), show_default=True, help="Folder to write."
)
@click.option("--posts", "n_posts", type=int, default=N_POSTS, show_default=True, help="Posts of the sample.")
@keep_ids_option
@run_options
def command(
    out: Path,
    n_posts: int,
    quiet: bool,
    key_file: Path | None,
    toml: Path | None,
    settings: tuple[str, ...],
    **flags: Any,
) -> None:
    """Make a sample in Persian, Arabic and English, scan it, and show what was found beside what was planted.

    The posts are made up; the campaigns in them are known, so that you can see what the findings are worth.
    """
    config = load(toml, flags, settings)
    import polars as pl

    from dideban.cli.compare_truth import compare
    from dideban.cli.console import language, progress
    from dideban.cli.prepare import prepare_kernels
    from dideban.cli.summary import summarise
    from dideban.ingest import load_key
    from dideban.pipelines.scan import scan
    from dideban.simulate import write_sample

    prepare_kernels(quiet=quiet)
    with tempfile.TemporaryDirectory() as scratch:
        sample = Path(scratch) / "sample.csv"
        write_sample(sample, seed=SEED, n_posts=n_posts, days=DAYS, progress=progress(quiet=quiet))
        truth = pl.read_csv(sample.parent / "truth.csv")
        key = load_key(key_file) if key_file else KEY
        result = scan([sample], out=out, config=config, key=key, lang=language(), progress=progress(quiet=quiet))
        shutil.copy(sample, out / sample.name)
        shutil.copy(sample.parent / "truth.csv", out / "truth.csv")
    if not quiet:
        click.echo(summarise(result), nl=False)
        click.echo(compare(result, truth, key=key, keep_ids=config.ingest.keep_ids), nl=False)
