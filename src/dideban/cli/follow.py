"""``dideban follow``: which groups of one result are those of the next."""

from __future__ import annotations

import json
import typing
from pathlib import Path

import click

from dideban.cli.console import language
from dideban.cli.help import Command, option
from dideban.messages import Message, say

if typing.TYPE_CHECKING:
    import polars as pl


@click.command("follow", cls=Command)
@click.argument("results", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@option("--json", "as_json", is_flag=True)
def command(results: tuple[Path, ...], as_json: bool) -> None:
    """Describe which groups go on from one result to the next, and which were born, merged, split or ended."""
    import polars as pl

    from dideban.groups import follow_groups
    from dideban.schema import GROUP_HISTORY

    history = GROUP_HISTORY.empty()
    for number, folder in enumerate(results):
        followed = follow_groups(history, _last(folder), period_ix=number)
        history = pl.concat([history, followed.groups])
        events = followed.events.to_dicts()
        if as_json:
            lines = [json.dumps({"result": str(folder), **event}, ensure_ascii=False) for event in events]
        else:
            head = Message("follow.result", path=folder, n=len(followed.ids))
            said = [f"  {say(event_message(event), language())}" for event in events]
            lines = [say(head, language()), *said]
        for line in lines:
            click.echo(line)


def event_message(event: dict[str, typing.Any]) -> Message:
    """Return what became of a group as a message."""
    numbers = {name: value for name, value in event.items() if name.startswith("n_")}
    return Message(f"follow.{event['event']}", group=event["group_id"], others=list(event["other_ids"]), **numbers)


def _last(folder: Path) -> pl.DataFrame:
    """Return the groups of the last period of a result as GROUPS."""
    import polars as pl

    from dideban.schema import GROUPS
    from dideban.store import read_findings, read_history

    history = read_history(folder)
    known = {f.group_id for f in read_findings(folder / "findings.json")[0]}
    last = history.filter(pl.col("period_ix") == pl.col("period_ix").max(), pl.col("group_id").is_in(list(known)))
    numbered = last.with_columns(group_ix=pl.col("group_id").rank("dense").cast(pl.Int64) - 1)
    return GROUPS.check(numbered.select(GROUPS.names).sort("group_ix", "account_id"))
