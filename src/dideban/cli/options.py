"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from dideban.cli.console import usage_error
from dideban.cli.help import option

if TYPE_CHECKING:
    from dideban.config import Config
    from dideban.progress import Progress

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

_MAP = option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN")
_KEEP_IDS = option("--keep-ids", is_flag=True, default=None)
_KEY_FILE = option("--key-file", type=click.Path(path_type=Path))
_THREADS = option("--threads", type=int)
_QUIET = option("--quiet", is_flag=True)
_TIMES = (
    option("--time-zone", metavar="ZONE"),
    option("--day-first", is_flag=True, default=None),
)
_SETTINGS = (
    option("--config", "toml", type=click.Path(path_type=Path)),
    option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
    ),
)
_METHOD = (
    option("--method", type=click.Choice(METHODS)),
    option("--fdr", type=float),
    option("--window", type=float),
    option("--min-weight", type=int),
    option("--seed", type=int),
)


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for one in reversed(options):
            function = one(function)
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
"""Of the commands that read posts or a table of shares, and use no method of finding groups."""


@dataclass(frozen=True, kw_only=True)
class SharedOptions:
    """What the options above were given."""

    flags: dict[str, Any]
    """Values of the options named in FLAGS; None = not given."""
    settings: tuple[str, ...] = ()
    """Of ``--set``; they win over the other options."""
    toml: Path | None = None
    mapping: tuple[str, ...] = ()
    key_file: Path | None = None
    quiet: bool = False

    def config(self, *, defaults: Mapping[str, Any] | None = None) -> Config:
        """Merge settings file, environment, options of the command and ``--set``.

        Parameters
        ----------
        defaults : mapping
            Dotted settings whose default differs for this command.
        """
        from dideban.config import load_config

        flags = {FLAGS[name]: value for name, value in self.flags.items() if value is not None}
        flags.update(pairs_of(self.settings, "--set"))
        return load_config(toml_path=toml_of(self.toml), environment=os.environ, flags=flags, defaults=defaults)

    def columns(self) -> dict[str, str]:
        """Return what ``--map`` says: field to column."""
        return pairs_of(self.mapping, "--map")

    def progress(self) -> Progress:
        """Return the progress display."""
        from dideban.cli.console import progress

        return progress(quiet=self.quiet)

    def reading(self) -> dict[str, Any]:
        """Return the arguments that every pipeline that reads posts has in common."""
        return {
            "config": self.config(), "key_file": self.key_file, "mapping": self.columns() or None,
            "progress": self.progress(),
        }  # fmt: skip


_SHARED = ("settings", "toml", "mapping", "key_file", "quiet")


def gather(function: F) -> F:
    """Hand the shared options of a command to it as one argument, ``shared``; write it below the options."""
    own = inspect.signature(function).parameters

    @functools.wraps(function)
    def run(**values: Any) -> Any:
        given = {name: values.pop(name) for name in _SHARED if name in values and name not in own}
        flags = {name: values.pop(name) for name in FLAGS if name in values and name not in own}
        return function(shared=SharedOptions(flags=flags, **given), **values)

    return cast("F", run)


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
