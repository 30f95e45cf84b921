"""``dideban inspect``: what a file is and how it would be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from dideban.cli.console import language, printable
from dideban.cli.help import Command, option
from dideban.cli.options import SharedOptions, file_options, gather, settings_options
from dideban.errors import InputError
from dideban.ingest import Inspection, PartInspection, inspect_file
from dideban.ingest.notes import NO_RECORD, NO_ROWS, STAYS_EMPTY
from dideban.ingest.reasons import meaning
from dideban.messages import Message, say
from dideban.messages.message import Value

WIDTH = 60
_SHOWN = ("created_at", "account_id", "text", "urls", "hashtags", "mentions", "repost_of", "reply_to", "reach")


@click.command("inspect", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@file_options
@settings_options
@option("--json", "as_json", is_flag=True)
@gather
def command(
    file: Path,
    as_json: bool,
    shared: SharedOptions,
) -> None:
    """Describe what FILE is and how it would be read: shape, columns, ten rows, what is missing."""
    found = inspect_file(file, config=shared.config().ingest, mapping=shared.columns())
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=True, default=str, indent=2))
    elif found.parts or len(found.problems) > 1:
        for line in report(found):
            click.echo(line)
    if found.refused:
        raise InputError(found.refused, hint=found.refused_hint)


def report(found: Inspection) -> list[str]:
    """Return an inspection as lines for people; what foreign text is in them was made harmless."""
    lines = [_text("bytes", name=found.name, n=found.n_bytes)]
    for part in found.parts:
        lines += ["", *_part(part)]
    lines += [_text("unusable", problem=problem) for problem in found.problems]
    if found.n_more:
        lines.append(_text("more-parts", n=found.n_more))
    return lines


def _text(code: str, **values: Value) -> str:
    return say(Message(f"inspect.{code}", **values), language())


def _part(part: PartInspection) -> list[str]:
    packing = "" if part.packing == "none" else part.packing
    delimiter = Message("inspect.delimiter", text=part.delimiter) if part.delimiter else ""
    written = [one for one in (part.form, packing, part.encoding, delimiter) if one]
    lines = [
        _text("part", name=part.name, title=part.title, written=written),
        f"  {_text('columns', names=part.columns[:40])}",
    ]
    lines += [
        f"  {target:<12} <- {printable(source)}  ({say(part.reasons[target], language())})"
        for target, source in part.mapping.items()
    ]
    empty = [target for target, loss in part.missing.items() if loss == STAYS_EMPTY]
    lines += [
        f"  {target:<12} {_text('missing', loss=loss)}" for target, loss in part.missing.items() if target not in empty
    ]
    lines += [f"  {_text('stay-empty', names=empty)}"] * bool(empty)
    lines += [f"  {_text('not-used', names=part.unused[:40])}"] * bool(part.unused)
    lines += [f"  {say(warning, language())}" for warning in part.warnings]
    lines += [f"  {_text('note', message=note)}" for note in part.notes]
    return [*lines, *_rows(part)]


def _rows(part: PartInspection) -> list[str]:
    if not part.n_sample:
        return ["", f"  {say(_empty(part), language())}"]
    lines = [f"  {_filled(part)}", ""]
    lines += [f"  {_text('first-posts', n=len(part.rows), rows=part.n_sample)}"]
    lines += [f"    {printable(_row(row))}" for row in part.rows]
    if part.n_rejects:
        lines += ["", f"  {_text('set-aside', n=part.n_rejects, rows=part.n_sample)}"]
        met = dict.fromkeys(reject["reason"] for reject in part.rejects)
        lines += [f"    {reason}: {say(meaning(reason), language())}" for reason in met]
        lines += [f"    {_reject(reject)}" for reject in part.rejects]
    return lines


def _filled(part: PartInspection) -> str:
    n_posts = part.n_sample - part.n_rejects
    shares = [
        Message("inspect.share", name=name, share=round(count / n_posts, 2))
        for name, count in part.filled.items()
        if name in _SHOWN
    ]
    return _text("have-value", shares=shares or Message("inspect.nothing"))


def _reject(reject: dict[str, Any]) -> str:
    where = {"row": reject["row"], "reason": reject["reason"], "column": reject["column"]}
    return _text("reject", **where, value=_short(reject["value"]))


def _empty(part: PartInspection) -> Message:
    return NO_RECORD if part.form in ("json", "ndjson") else NO_ROWS


def _row(row: dict[str, Any]) -> str:
    parts = [f"{name}={_short(row[name])}" for name in _SHOWN if row[name] not in (None, [], "")]
    return f"{row['platform']}/{row['post_id']}  " + "  ".join(parts)


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
