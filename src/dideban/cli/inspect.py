"""``dideban inspect``: what a file is and how it would be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from dideban.cli.console import printable
from dideban.cli.options import file_options, load, pairs_of, settings_options
from dideban.errors import InputError
from dideban.ingest import Inspection, PartInspection, inspect_file
from dideban.ingest.notes import NO_RECORD, NO_ROWS
from dideban.ingest.reasons import meaning

WIDTH = 60
_SHOWN = ("created_at", "account_id", "text", "urls", "hashtags", "mentions", "repost_of", "reply_to", "reach")
_PACKINGS = {"none": "", "gzip": ", gzip", "zstd": ", zstd", "zip": ", zip"}


@click.command(name="inspect")
@click.argument("file", type=click.Path(path_type=Path))
@file_options
@settings_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    file: Path,
    mapping: tuple[str, ...],
    toml: Path | None,
    settings: tuple[str, ...],
    as_json: bool,
    **flags: Any,
) -> None:
    """Say what FILE is and how it would be read: shape, columns, ten rows, what is missing.

    Ends with the code that a scan of the file would end with: 10 when it cannot be used.
    """
    config = load(toml, flags, settings).ingest
    found = inspect_file(file, config=config, mapping=pairs_of(mapping, "--map"))
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=True, default=str, indent=2))
    elif found.parts or len(found.problems) > 1:
        for line in report(found):
            click.echo(printable(line))
    if found.refused:
        raise InputError(found.refused, hint=found.refused_hint)


def report(found: Inspection) -> list[str]:
    """Return an inspection as lines for people."""
    lines = [f"{found.name}: {found.n_bytes:,} bytes"]
    for part in found.parts:
        lines += ["", *_part(part)]
    lines += [f"cannot be used: {problem}" for problem in found.problems]
    if found.n_more:
        lines.append(f"... and {found.n_more:,} more parts")
    return lines


def _part(part: PartInspection) -> list[str]:
    written = "".join(
        [
            part.form,
            _PACKINGS.get(part.packing, ""),
            f", {part.encoding}" if part.encoding else "",
            f", delimiter {part.delimiter!r}" if part.delimiter else "",
        ]
    )
    lines = [f"{part.name}: {part.title} ({written})", f"  columns: {', '.join(part.columns[:40])}"]
    lines += [f"  {target:<12} <- {source}  ({part.reasons[target]})" for target, source in part.mapping.items()]
    lines += [f"  {target:<12} missing: {loss}" for target, loss in part.missing.items() if loss != "stays empty"]
    empty = [target for target, loss in part.missing.items() if loss == "stays empty"]
    lines += [f"  stay empty: {', '.join(empty)}"] * bool(empty)
    lines += [f"  not used: {', '.join(part.unused[:40])}"] * bool(part.unused)
    lines += [f"  {warning}" for warning in part.warnings]
    lines += [f"  note: {note}" for note in part.notes]
    if not part.n_sample:
        return [*lines, "", f"  {_empty(part)}"]
    lines.append(f"  have a value: {_filled(part)}")
    lines += ["", f"  the first {len(part.rows)} posts of {part.n_sample:,} rows looked at:"]
    lines += [f"    {_row(row)}" for row in part.rows]
    if part.n_rejects:
        lines += ["", f"  {part.n_rejects:,} of {part.n_sample:,} would be set aside:"]
        met = dict.fromkeys(reject["reason"] for reject in part.rejects)
        lines += [f"    {reason}: {meaning(reason)}" for reason in met]
        lines += [f"    row {r['row']}: {r['reason']} {r['column']} {_short(r['value'])}" for r in part.rejects]
    return lines


def _filled(part: PartInspection) -> str:
    n_posts = part.n_sample - part.n_rejects
    words = [f"{name} {count / n_posts:.0%}" for name, count in part.filled.items() if name in _SHOWN]
    return ", ".join(words) or "nothing"


def _empty(part: PartInspection) -> str:
    return str(NO_RECORD if part.form in ("json", "ndjson") else NO_ROWS)


def _row(row: dict[str, Any]) -> str:
    parts = [f"{name}={_short(row[name])}" for name in _SHOWN if row[name] not in (None, [], "")]
    return f"{row['platform']}/{row['post_id']}  " + "  ".join(parts)


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
