"""``dideban demo``: a sample with planted campaigns, scanned, the findings beside what was planted."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, gather, keep_ids_option, run_options

N_POSTS = 20_000
DAYS = 14.0
SEED = 1
KEY = b"nobody real is in this sample..."
"""Key of the pseudonyms: made-up accounts need no secret, and with one key everybody's demo shows the same ids."""


@click.command("demo", cls=Command)
@option("--out", type=click.Path(path_type=Path), default=Path("demo-out"), show_default=True)
@option("--posts", "n_posts", type=int, default=N_POSTS, show_default=True)
@keep_ids_option
@run_options
@gather
def command(
    out: Path,
    n_posts: int,
    shared: SharedOptions,
) -> None:
    """Make a sample in Persian, Arabic and English, scan it, and show what was found beside what was planted."""
    config, progress = shared.config(), shared.progress()
    import polars as pl

    from dideban.cli.compare_truth import compare
    from dideban.cli.console import language
    from dideban.cli.prepare import prepare_kernels
    from dideban.cli.summary import summarise
    from dideban.ingest import load_key
    from dideban.pipelines.scan import scan
    from dideban.simulate import write_sample

    prepare_kernels(progress)
    with tempfile.TemporaryDirectory() as scratch:
        sample = Path(scratch) / "sample.csv"
        write_sample(sample, seed=SEED, n_posts=n_posts, days=DAYS, progress=progress)
        truth = pl.read_csv(sample.parent / "truth.csv")
        key = load_key(shared.key_file) if shared.key_file else KEY
        result = scan([sample], out=out, config=config, key=key, lang=language(), progress=progress)
        shutil.copy(sample, out / sample.name)
        shutil.copy(sample.parent / "truth.csv", out / "truth.csv")
    if not shared.quiet:
        click.echo(summarise(result), nl=False)
        click.echo(compare(result, truth, key=key, keep_ids=config.ingest.keep_ids), nl=False)
