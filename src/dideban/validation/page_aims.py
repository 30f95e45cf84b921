"""What the page says first and last: aims and figures, what got worse, where the method fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dideban.simulate import ADVERSARIES, CROWD_SETS, HARD_CROWDS, MAX_DELAY_S
from dideban.validation.gather import Run, false_shares
from dideban.validation.intervals import exact_interval
from dideban.validation.page_real import behind, label
from dideban.validation.page_streams import ALONE, LARGE
from dideban.validation.tally import Cells, CellShape, Tally, sum_cells
from dideban.validation.words import count, mean, percent, rate, share_of, table

MOST_REACH = 0.2
"""Reach that a campaign may keep and stay unseen."""
LEAST_APART_S = 600.0
"""Or how far apart its members must come."""
WORSE = 0.05
"""A figure is worse than before when it is so much below what it was, as a share."""


def aims(run: Run, cells: Cells, before: Cells) -> str:
    """Hold the aims of the method against what was measured."""
    rows = [*_null_aims(cells, before), *_name_aims(run, cells, before), *_power_aims(cells, before)]
    rows += [*_real_aims(cells, before), *_evasion_aims(cells), *_runtime_aims(run)]
    if not rows:
        return "Neither null streams nor plants were measured in this run."
    return table(["figure", "aim", "measured", "reached", "previous method"], rows)


Row = Sequence[object]


def _null_aims(cells: Cells, before: Cells) -> Iterator[Row]:
    for name in (*ALONE, *LARGE):
        now = cells.get(f"null/{name}")
        if now and (name in CROWD_SETS or name in LARGE or now["with_findings"] / now["streams"] > 0.05):
            what = f"streams of `{name}` without a campaign that have a finding"
            yield [what, "at most 5%", *_at_most(now, "with_findings", "streams", 0.05), _was(before, f"null/{name}")]
    alone = [name for name in (f"null/{crowd}" for crowd in HARD_CROWDS) if name in cells]
    total = sum_cells(cells, alone)
    if total:
        what = f"streams of one crowd alone that have a finding, {len(alone)} of {len(HARD_CROWDS)} crowds together"
        then = share_of(sum_cells(before, alone), "with_findings", "streams")
        yield [what, "at most 5%", *_at_most(total, "with_findings", "streams", 0.05), then]


def _name_aims(run: Run, cells: Cells, before: Cells) -> Iterator[Row]:
    framing = [name for name in cells if name.startswith("framing/")]
    total = sum_cells(cells, framing)
    if total:
        hits, n = total["with_innocent"], total["streams"]
        then = share_of(sum_cells(before, framing), "with_innocent", "streams")
        yield ["framing streams that name an innocent account", "none", rate(hits, n), "no" if hits else "yes", then]
    for part, label_ in (("power", "hidden and slow plants"), ("own", "content of their own"), ("cases", "cases")):
        now = cells.get(f"{part}/streams")
        if now and now["names"]:
            then = share_of(before.get(f"{part}/streams"), "innocent", "names")
            what = f"innocent accounts among those named, streams with {label_}"
            yield [what, "at most 5%", *_at_most(now, "innocent", "names", 0.05), then]
    results = run.of("power")
    if results:
        shares = false_shares(results)
        wrong = sum(shares) / len(shares)
        yield ["false share among findings, mean", "at most 5%", mean(shares), "yes" if wrong <= 0.05 else "no", "-"]


def _hidden(low: int, high: int) -> Callable[[CellShape], bool]:
    return lambda one: one.where == "popular" and low <= one.operations <= high and one.jitter_s <= 40


def _own(low: float, high: float) -> Callable[[CellShape], bool]:
    return lambda one: one.operations == 12 and low <= one.posts_per_day <= high


POWER_AIMS: tuple[tuple[str, str, float, str, str, Callable[[CellShape], bool]], ...] = (
    ("power", "hidden groups found, 12 or more operations", 0.98, "found", "plants", _hidden(12, 99)),
    ("power", "hidden groups found, 8 operations", 0.90, "found", "plants", _hidden(8, 8)),
    ("power", "members named, hidden, 8 or more operations", 0.90, "named", "members", _hidden(8, 99)),
    (
        "power",
        "slow groups (1 h) found, 18 operations",
        0.60,
        "found",
        "plants",
        lambda one: one.jitter_s == 3600 and one.operations == 18,
    ),
    ("own", "own content, 12 operations, 3 or 5 posts a day: found", 0.80, "found", "plants", _own(3, 5)),
    ("own", "own content, 12 operations, 2 posts a day: found", 0.50, "found", "plants", _own(2, 2)),
    ("cases", "one day, 20 joint posts, 40 others: found", 0.95, "found", "plants", lambda one: one.moment == "any"),
    ("cases", "always the first: found or a lead", 0.95, "shown", "plants", lambda one: one.moment == "first"),
)
"""Part, what, least share, field, of which, and which plants."""


def _power_aims(cells: Cells, before: Cells) -> Iterator[Row]:
    for part, what, least, hits, tries, fits in POWER_AIMS:
        names = [
            name for name in cells if name.startswith(f"{part}/") and _is_plant(name) and fits(CellShape.read(name))
        ]
        now, then = sum_cells(cells, names), sum_cells(before, names)
        if now.get(tries):
            reached = "yes" if now[hits] >= least * now[tries] else "no"
            yield [
                what,
                f"at least {percent(least)}",
                rate(now[hits], now[tries]),
                reached,
                share_of(then, hits, tries),
            ]


def _is_plant(name: str) -> bool:
    return not name.endswith("/streams")


def _is_pair(name: str) -> bool:
    """Return whether the plants of a cell are two accounts each, of which no finding can be made."""
    return name.startswith(("power/", "own/", "cases/")) and _is_plant(name) and CellShape.read(name).size < 3


def _real_aims(cells: Cells, before: Cells) -> Iterator[Row]:
    pump = cells.get("real/pump-all")
    if pump:
        then = before.get("real/pump-all")
        what = "known pairs of pump channels inside findings"
        reached = "yes" if pump["true"] >= 60 else "no"
        yield [what, "at least 60", count(pump["true"]), reached, count(then["true"]) if then else "-"]
        what = "pairs inside findings of pump channels that are known"
        reached = "yes" if pump["true"] * 4 >= pump["pairs"] > 0 else "no"
        then_share = share_of(then, "true", "pairs")
        yield [what, "at least 25%", rate(pump["true"], pump["pairs"]), reached, then_share]
    some = [name for name in cells if name.startswith("real/")]
    if some:
        total, was = sum_cells(cells, some), sum_cells(before, some)
        exchanged = total["slots"] + total["hours"]
        then_count = count(was["slots"] + was["hours"]) if "hours" in was else "-"
        what = "findings in exchanged copies of real sets (slots; contents and hours)"
        yield [what, "none", count(exchanged), "no" if exchanged else "yes", then_count]


def _evasion_aims(cells: Cells) -> Iterator[Row]:
    for adversary in ADVERSARIES:
        cell = _unseen(cells, adversary)
        if cell:
            name, now = cell
            strength = float(name.rpartition("-")[2])
            kept, apart_s = now["reach_kept"] / now["streams"], distance_s(adversary, strength)
            what = f"`{adversary}` at strength {strength:g}, where most are unseen: reach kept"
            shown = f"{percent(kept)}; two members {apart_s / 60:g} min apart on the mean" if apart_s else percent(kept)
            reached = kept <= MOST_REACH or apart_s >= LEAST_APART_S
            yield [what, "at most 20%, or 10 min of closeness given up", shown, "yes" if reached else "no", "-"]


def distance_s(adversary: str, strength: float) -> float:
    """Return how far apart two members come on the mean where they wait for a time of their own; else 0."""
    return strength * MAX_DELAY_S / 3 if adversary == "delay" else 0.0


def _unseen(cells: Cells, adversary: str) -> tuple[str, Tally] | None:
    """Return the least strength at which an adversary goes unseen.

    More groups are missed than found, and fewer than half of the members are named in whatever is found: cells that
    are found one by one, and campaigns that become one finding, are seen.
    """
    mine = [(float(n.rpartition("-")[2]), n, c) for n, c in cells.items() if n.startswith(f"evasion/{adversary}-")]
    missed = [
        (name, one)
        for _, name, one in sorted(mine, key=lambda cell: cell[0])
        if one["found"] < 0.5 * one["plants"] and one["named"] < 0.5 * one["members"]
    ]
    return missed[0] if missed else None


def _runtime_aims(run: Run) -> Iterator[Row]:
    for one in run.of("runtime"):
        ratio, ratio_all = (one["proof"] / max(one[name], 1e-9) for name in ("threshold", "threshold_all"))
        what = f"time at {one['n_traces']:,} traces by that of the threshold rule, one window (the same four)"
        yield [what, "none stated", f"{ratio:.1f} ({ratio_all:.1f})", "-", "-"]


def _at_most(now: Tally, hits: str, tries: str, most: float) -> tuple[str, str]:
    """Return the figure, and whether it is below the aim; how far its interval reaches beside."""
    k, n = now[hits], now[tries]
    shown = rate(k, n)
    if k > most * n:
        return shown, "no"
    high = exact_interval(round(k), round(n))[1]
    return shown, "yes" if high <= most else f"yes; the interval reaches {percent(high)}"


def _was(before: Cells, name: str) -> str:
    return share_of(before.get(name), "with_findings", "streams")


def worse(cells: Cells, before: Cells, source: dict[str, Any]) -> str:
    """List what the previous method did better on the same streams."""
    if not before:
        return "No figures of an earlier method are kept."
    lines = [line for name in cells if name in before for line in _worse(name, cells[name], before[name])]
    said = (
        f"The previous method is `{source['method']}` (code digest `{source['digest']}`, {source['seeds']}), measured "
        "by the same code on the first of the same seeds; its counts are kept beside the code. A figure is listed when "
        f"it is {percent(WORSE)} points or more worse than it was."
    )
    return said + "\n\n" + ("\n".join(lines) if lines else "Nothing measured here got worse by as much.")


def _worse(name: str, now: Tally, then: Tally) -> Iterator[str]:
    part, _, cell = name.partition("/")
    checks: list[tuple[str, str, int, str]] = []
    if not _is_pair(name):
        checks = [("found", "plants", 1, "groups found"), ("named", "members", 1, "members named")]
    checks += [("with_findings", "streams", -1, "streams with a finding")] if part == "null" else []
    checks += [("with_innocent", "streams", -1, "streams that name an innocent account")] if part == "framing" else []
    for hits, tries, sign, what in checks:
        if now.get(tries) and then.get(tries):
            a, b = now[hits] / now[tries], then[hits] / then[tries]
            if sign * (b - a) >= WORSE:
                counts = f"{count(now[hits])}/{count(now[tries])} against {count(then[hits])}/{count(then[tries])}"
                yield f"- {part}, `{cell}`: {what} {percent(a)}, before {percent(b)} ({counts})."


def failures(run: Run, cells: Cells) -> str:
    """List what the numbers say against the method."""
    lines = [*_named_wrongly(cells), *_missed(cells)]
    for adversary in ADVERSARIES:
        cell = _unseen(cells, adversary)
        if cell:
            name, now = cell
            lines.append(
                f"- `{adversary}` at strength {name.rpartition('-')[2]} goes unfound in "
                f"{count(now['plants'] - now['found'])} of {count(now['plants'])} cases and keeps "
                f"{percent(now['reach_kept'] / now['streams'])} of its reach"
                f"{_apart(adversary, float(name.rpartition('-')[2]))} "
                f"({percent(now['extra_posts'] / now['streams'])} more posts)."
            )
    for job in run.jobs_of("real"):
        result = run.results[job.key]
        exchanged = result.get("n_shuffled", 0) + sum(len(sizes) for sizes in result.get("hours_sizes", []))
        if exchanged:
            lines.append(f"- {label(job.name)}: {exchanged} findings in exchanged copies, where none is true.")
        elif not result.get("absent") and not result["sizes"]:
            lines.append(f"- {label(job.name)}: nothing found.")
    lines += behind(run)
    return "\n".join(lines) or "Nothing in the figures above was below the aims."


def _apart(adversary: str, strength: float) -> str:
    apart_s = distance_s(adversary, strength)
    return f", its members {apart_s / 60:g} min apart on the mean" if apart_s else ""


def _named_wrongly(cells: Cells) -> Iterator[str]:
    for name, now in cells.items():
        part, _, cell = name.partition("/")
        if part == "null" and now["with_findings"] > 0.05 * now["streams"]:
            share = rate(now["with_findings"], now["streams"])
            yield f"- Streams of `{cell}` without a campaign: {share} have a finding."
        elif part == "framing" and now["with_innocent"]:
            share = rate(now["with_innocent"], now["streams"])
            yield f"- Framing, `{cell}` attackers: {share} of streams name an innocent account."
        elif part in ("power", "own", "cases", "evasion") and now.get("innocent", 0) > 0.05 * now.get("names", 0):
            where = "streams" if cell == "streams" else f"`{cell}`"
            yield f"- {part}, {where}: {rate(now['innocent'], now['names'])} of accounts named are innocent."


def _missed(cells: Cells) -> Iterator[str]:
    for name, now in cells.items():
        part, _, cell = name.partition("/")
        if part not in ("power", "own", "cases") or not _is_plant(name):
            continue
        if _is_pair(name):
            if now["found"]:
                share = rate(now["found"], now["plants"])
                yield f"- {part}, `{cell}`: two accounts became a finding with somebody else in it, {share}."
        elif now["found"] < 0.5 * now["plants"]:
            yield f"- {part}, `{cell}`: more are missed than found, {rate(now['found'], now['plants'])}."
