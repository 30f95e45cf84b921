"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from dideban.config import Config

F = TypeVar("F", bound=Callable[..., Any])

METHODS = ("synchrony", "threshold", "coortweet", "qut")

FLAGS = {
    "method": "method",
    "fdr": "fdr",
    "seed": "seed",
    "threads": "threads",
    "keep_ids": "ingest.keep_ids",
    "window": "coshare.window_s",
    "min_weight": "coshare.min_weight",
}
"""Option name to setting."""


def run_options(function: F) -> F:
    """Add the options of every command that runs the flow."""
    for option in reversed(
        (
            click.option("--method", type=click.Choice(METHODS), help="How groups are found.  [default: synchrony]"),
            click.option("--fdr", type=float, help="Share of findings that may be wrong.  [default: 0.05]"),
            click.option("--window", type=float, help="Window of the threshold rules, seconds.  [default: 60]"),
            click.option("--min-weight", type=int, help="Least shared objects of the threshold rules.  [default: 2]"),
            click.option("--seed", type=int, help="Seed of every random choice.  [default: 1]"),
            click.option("--threads", type=int, help="Threads; 0 = all cores. Never changes a result."),
            click.option("--keep-ids", is_flag=True, default=None, help="Keep account ids; recorded in the result."),
            click.option("--key-file", type=click.Path(path_type=Path), help="Key of the pseudonyms; made if missing."),
            click.option(
                "--config", "toml", type=click.Path(path_type=Path), help="Settings.  [default: ./dideban.toml]"
            ),
            click.option("--quiet", is_flag=True, help="Say nothing on success."),
        )
    ):
        function = option(function)
    return function


def flags_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Translate option values into dotted settings."""
    return {FLAGS[name]: value for name, value in options.items()}


def pairs_of(pairs: tuple[str, ...], option: str) -> dict[str, str]:
    """Split ``key=value`` arguments."""
    result = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise click.UsageError(f"{option}: {pair!r} is not of the form NAME=VALUE")
        result[key.strip()] = value.strip()
    return result


def load(toml: Path | None, flags: Mapping[str, Any]) -> Config:
    """Merge settings file, environment and flags."""
    from dideban.config import load_config

    default = Path("dideban.toml")
    return load_config(toml_path=toml or (default if default.is_file() else None), environment=os.environ, flags=flags)
