"""``dideban config``: every setting and its value."""

from __future__ import annotations

from pathlib import Path

import click

from dideban.cli.options import load, pairs_of


@click.command("config")
@click.option("--config", "toml", type=click.Path(path_type=Path), help="Settings.  [default: ./dideban.toml]")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any setting, e.g. fdr=0.1")
def command(toml: Path | None, settings: tuple[str, ...]) -> None:
    """Show every setting, its value, and which differ from the default. The output is a valid dideban.toml."""
    from dideban.config import Config, config_keys

    config, default = load(toml, pairs_of(settings, "--set")), Config()
    click.echo(f"# digest {config.digest()}")
    section = ""
    for key in config_keys():
        name, _, inner = key.rpartition(".")
        if name != section:
            section = name
            click.echo(f"\n[{section}]")
        value, usual = _get(config, key), _get(default, key)
        line = f"{inner} = {_toml(value)}" if value is not None else f"# {inner} is not set"
        click.echo(line + ("" if value == usual else f"  # default {_toml(usual)}"))


def _get(config: object, key: str) -> object:
    for part in key.split("."):
        config = getattr(config, part)
    return config


def _toml(value: object) -> str:
    import json

    return json.dumps(list(value) if isinstance(value, tuple) else value)
