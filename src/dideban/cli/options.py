"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dideban.cli.console import usage_error

if TYPE_CHECKING:
    from dideban.config import Config

F = TypeVar("F", bound=Callable[..., Any])

METHODS = ("synchrony", "threshold", "coortweet", "qut")
DEFAULT_TOML = Path("dideban.toml")

FLAGS = {
    "method": "method",
    "fdr": "fdr",
    "seed": "seed",
    "threads": "threads",
    "keep_ids": "ingest.keep_ids",
    "time_zone": "ingest.time_zone",
    "day_first": "ingest.day_first",
    "window": "coshare.window_s",
    "min_weight": "coshare.min_weight",
    "min_participation": "coshare.min_participation",
    "percentile": "coshare.percentile",
}
"""Option name to setting."""

_MAP = click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column of the file holds a field, e.g. account_id=author, or account_id=2 by place. Repeatable.",
)
_KEEP_IDS = click.option("--keep-ids", is_flag=True, default=None, help="Keep account ids; recorded in the result.")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Key of the pseudonyms; made if missing.")
_THREADS = click.option("--threads", type=int, help="Threads; 0 = all cores. Never changes a result.")
_QUIET = click.option("--quiet", is_flag=True, help="Say nothing on success.")
_TIMES = (
    click.option(
        "--time-zone", metavar="ZONE", help="Zone of times that carry none, e.g. Asia/Tehran.  [default: UTC]"
    ),
    click.option("--day-first", is_flag=True, default=None, help="Read 03/04/2024 as 3 April."),
)
_SETTINGS = (
    click.option("--config", "toml", type=click.Path(path_type=Path), help="Settings file.  [default: ./dideban.toml]"),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any setting, e.g. coshare.window_s=30. Repeatable.",
    ),
)
_METHOD = (
    click.option("--method", type=click.Choice(METHODS), help="How groups are found.  [default: synchrony]"),
    click.option("--fdr", type=float, help="Share of findings that may be wrong.  [default: 0.05]"),
    click.option("--window", type=float, help="Window of the threshold rules, seconds.  [default: 60]"),
    click.option("--min-weight", type=int, help="Least shared objects of the threshold rules.  [default: 2]"),
    click.option("--seed", type=int, help="Seed of every random choice.  [default: 1]"),
)


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


settings_options = _all(*_SETTINGS)
"""--config and --set: of every command that has settings."""
file_options = _all(_MAP, *_TIMES, _KEEP_IDS)
"""How files are read: of every command that reads posts of strangers."""
run_options = _all(*_METHOD, _THREADS, _KEY_FILE, *_SETTINGS, _QUIET)
"""Of every command that runs the flow."""
keep_ids_option = _KEEP_IDS
table_options = _all(_MAP, *_TIMES, _KEEP_IDS, _KEY_FILE, _THREADS, *_SETTINGS, _QUIET)
"""Of the command that reads a table of shares."""


def flags_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Translate option values into dotted settings."""
    return {FLAGS[name]: value for name, value in options.items()}


def pairs_of(pairs: tuple[str, ...], option: str) -> dict[str, str]:
    """Split ``key=value`` arguments.

    Raises
    ------
    click.UsageError
        A pair without an equals sign, or without a name before it.
    """
    form = ("FIELD=COLUMN", "account_id=author") if option == "--map" else ("KEY=VALUE", "coshare.window_s=30")
    result = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise usage_error("cli.usage.pair", option=option, value=pair, form=form[0], example=form[1])
        result[key.strip()] = value.strip()
    return result


def toml_of(toml: Path | None) -> Path | None:
    """Return the settings file: the one named, else ``dideban.toml`` where there is one."""
    return toml or (DEFAULT_TOML if DEFAULT_TOML.is_file() else None)


def load(
    toml: Path | None,
    options: Mapping[str, Any],
    settings: tuple[str, ...] = (),
    *,
    defaults: Mapping[str, Any] | None = None,
) -> Config:
    """Merge settings file, environment, options of the command and ``--set``.

    Parameters
    ----------
    options : mapping
        Values of the options named in FLAGS; None = not given.
    settings : KEY=VALUE
        Of ``--set``; they win over the other options.
    defaults : mapping
        Dotted settings whose default differs for this command.
    """
    from dideban.config import load_config

    flags = {key: value for key, value in flags_of(options).items() if value is not None}
    flags.update(pairs_of(settings, "--set"))
    return load_config(toml_path=toml_of(toml), environment=os.environ, flags=flags, defaults=defaults)
