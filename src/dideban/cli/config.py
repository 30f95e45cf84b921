"""``dideban config``: every setting, its value and where it came from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from dideban.cli.help import Command
from dideban.cli.lines import line
from dideban.cli.options import pairs_of, settings_options, toml_of


@click.command("config", cls=Command)
@settings_options
def command(toml: Path | None, settings: tuple[str, ...]) -> None:
    """Show every setting, its value, and where it came from. The output is a valid dideban.toml."""
    from dideban.config import Config, config_keys, load_config, setting_layers

    flags = pairs_of(settings, "--set")
    layers = setting_layers(toml_path=toml_of(toml), environment=os.environ, flags=flags)
    config, default = load_config(flags={key: value for key, (value, _) in layers.items()}), Config()
    click.echo(f"# {line('cli.config.digest', digest=config.digest())}")
    section = ""
    for key in config_keys():
        name, _, inner = key.rpartition(".")
        if name != section:
            section = name
            click.echo(f"\n[{section}]")
        value, usual = _get(config, key), _get(default, key)
        written = f"{inner} = {_toml(value)}" if value is not None else f"# {line('cli.config.not-set', name=inner)}"
        note = line("cli.config.default")
        if key in layers:
            origin = layers[key][1].replace("option", "--set")
            note = origin if value == usual else line("cli.config.origin", origin=origin, usual=_toml(usual))
        click.echo(f"{written:<36}  # {note}")


def _get(config: object, key: str) -> object:
    for part in key.split("."):
        config = getattr(config, part)
    return config


def _toml(value: object) -> str:
    import json

    return json.dumps(list(value) if isinstance(value, tuple) else value)
