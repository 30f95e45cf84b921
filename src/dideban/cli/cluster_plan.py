"""The plan of a run on a cluster, as a table for the terminal."""

from __future__ import annotations

from dideban.cli.console import language
from dideban.cli.lines import line
from dideban.cluster.plan import MOST_BYTES, ClusterPlan, PlannedStage
from dideban.messages import Message, say

COLUMNS = ("stage", "rows", "written", "shuffled", "partition", "driver")


def lines_of(plan: ClusterPlan) -> str:
    """Return a plan as lines: a stage each, what they come to, and what to change."""
    head = [line(f"cluster.plan.{name}") for name in COLUMNS]
    rows = [head, *(_row(stage) for stage in plan.stages)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    table = ["  ".join(_cell(cell, width, place) for place, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows]  # fmt: skip
    said = [
        line("cluster.plan.for", n=plan.n_posts, partitions=plan.n_partitions),
        "",
        *(one.rstrip() for one in table),
        "",
        line("cluster.plan.sum", written=plan.written, shuffled=plan.shuffled, driver=plan.driver),
    ]
    if plan.advised_partitions != plan.n_partitions:
        said.append(line("cluster.plan.more-partitions", most=MOST_BYTES, n=plan.advised_partitions))
    return "\n".join([*said, ""])


def _row(stage: PlannedStage) -> list[str]:
    sizes = (stage.written, stage.shuffled, stage.partition, stage.driver)
    words = [say(Message("cluster.plan.size", size=size), language()) if size else "-" for size in sizes]
    rows = say(Message("cluster.plan.count", n=stage.n_rows), language())
    return [line(f"cluster.stage.{stage.name}"), rows, *words]


def _cell(text: str, width: int, place: int) -> str:
    return text.ljust(width) if place == 0 else text.rjust(width)
