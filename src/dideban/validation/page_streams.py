"""Sections of the page that rest on simulated streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dideban.simulate import ADVERSARIES, CROWD_SETS, HARD_CROWDS, VICTIMS
from dideban.validation.gather import Run, claims, false_shares, is_hidden, is_slow, n_found, plants
from dideban.validation.model import Result
from dideban.validation.plan import ATTACKERS
from dideban.validation.streams import CASE_PLANTS, OWN_PLANTS, POWER_PLANTS
from dideban.validation.tally import Cells, CellShape, Tally, plant_cell, sum_cells
from dideban.validation.variants import ABLATIONS, SENSITIVITIES
from dideban.validation.words import NOT_MEASURED, average, count, join, mean, percent, rate, share_of, table

ALONE = (*HARD_CROWDS, *CROWD_SETS)
"""Small null streams: each crowd alone, then sets of them."""
LARGE = ("default_large", "everything_large")


def null_section(run: Run, cells: Cells, before: Cells) -> str:
    """Describe what is found where nothing is planted: streams with a finding, and people named."""
    names = [name for name in (*ALONE, *LARGE) if f"null/{name}" in cells]
    if not names:
        return NOT_MEASURED
    rows = [_null_row(name, cells[f"null/{name}"], before.get(f"null/{name}")) for name in names]
    head = ["crowd", "streams with a finding", "accounts named", "of them with a common trigger", "leads a stream"]
    head += ["previous method: streams with a finding", "accounts named"]
    return join(
        "Nobody acts in concert in these streams, so that every finding is false and every account named is innocent. "
        "Rows named for one crowd mix it alone into ordinary sharing; `none` is ordinary sharing alone, `default`, "
        "`habits` and `everything` are sets of crowds ([simulation](simulation.md)); *large* streams are four times "
        "as large. Accounts *with a common trigger* belong to a feed, a wire, an announced minute, a live event, a "
        "source with fans or a set of programs: the timing is real and the explanation ordinary. They count as "
        "innocent all the same. Leads carry no error rate.",
        table(head, rows),
        _others(run),
    )


def _null_row(name: str, now: Tally, before: Tally | None) -> list[str]:
    label = f"`{name.removesuffix('_large')}`{', large' if name.endswith('_large') else ''}"
    return [
        label,
        rate(now["with_findings"], now["streams"]),
        count(now["innocent"]),
        count(now["explained"]),
        average([now["leads"] / now["streams"]]),
        share_of(before, "with_findings", "streams"),
        count(before["innocent"]) if before else "-",
    ]


def _others(run: Run) -> str:
    """Describe what other rules call on the large streams of default crowds."""
    some = [run.results[job.key] for job in run.jobs_of("null") if job.params["peers"]]
    told = [result["threshold"] for result in some if result.get("threshold")]
    if not told:
        return ""
    rows = [
        [
            "threshold rule, weight 2" if not share else f"threshold rule, percentile {share:g}",
            average((one[i]["n_pairs"] for one in told), digits=0),
            average(one[i]["n_groups"] for one in told),
            rate(sum(one[i]["n_groups"] > 0 for one in told), len(told)),
        ]
        for i, share in enumerate(one["percentile"] for one in told[0])
    ]
    pairs = [result["agreement"] for result in some if result.get("agreement")]
    for name in ("hypergeometric", "chung-lu"):
        if pairs:
            label = f"{name} null per pair, BH at 5% ({len(pairs)} streams)"
            called = sum(one[name] > 0 for one in pairs)
            rows.append([label, average((p[name] for p in pairs), digits=0), "-", rate(called, len(pairs))])
    any_found = rate(sum(bool(claims(result)) for result in some), len(some))
    rows.append(["the test", "-", average((len(claims(r)) for r in some), digits=2), any_found])
    return join(
        "The large streams of the default crowds under other rules (window 60 s; groups of three or more by the same "
        "clustering). The two nulls per pair look at how many objects two accounts have in common, never at time: "
        "they find like-minded people.",
        table(["rule", "pairs, mean", "groups, mean", "streams with any"], rows),
    )


def framing_section(cells: Cells, before: Cells) -> str:
    """Describe who is named where attackers copy innocent accounts or run ahead of them."""
    names = [f"framing/{victims}-{n}" for victims in VICTIMS for n in ATTACKERS]
    names = [name for name in names if name in cells]
    if not names:
        return NOT_MEASURED
    rows = [_framing_row(name, cells[name], before.get(name)) for name in names]
    total, then = sum_cells(cells, names), sum_cells(before, names)
    rows.append(["all", "", *_framing_row("framing/-", total, then or None)[2:]])
    head = ["innocent accounts", "attackers", "streams with an innocent account named", "innocent accounts named"]
    head += ["of them copied", "attackers named", "shown as followed", "previous method: streams", "innocent named"]
    return join(
        "Attackers copy three innocent accounts, or post before them what they will post, to have them named "
        "([simulation](simulation.md)). Several attackers do act in concert; a single one cannot be a group, so that "
        "any finding around it is false. *Shown as followed* counts innocent accounts that a finding mentions as "
        "followed by its members, which says nothing against them.",
        table(head, rows),
    )


def _framing_row(name: str, now: Tally, before: Tally | None) -> list[str]:
    victims, _, attackers = name.partition("/")[2].partition("-")
    fields = ("innocent", "copied", "attackers", "followed")
    return [
        f"`{victims}`",
        attackers,
        rate(now["with_innocent"], now["streams"]),
        *(count(now[field]) for field in fields),
        share_of(before, "with_innocent", "streams"),
        count(before["innocent"]) if before else "-",
    ]


def power_section(run: Run, cells: Cells, before: Cells) -> str:
    """Describe which planted groups are found, and how many of their members are named."""
    results = run.of("power")
    if not results:
        return NOT_MEASURED
    hidden = dict.fromkeys(_cell(plant) for plant in POWER_PLANTS if plant.jitter_s <= 40)
    slow = dict.fromkeys(_cell(plant) for plant in POWER_PLANTS if plant.jitter_s > 40)
    return join(
        f"{len(results)} streams, each with all the plants below at once. A plant is found when a finding holds at "
        "least half of it and is at least half of it. *Members named* are those in any finding, of all that were "
        "planted, found or not. Plants help each other a little: the more is claimed, the lower the bar (e-BH). "
        "*Alone* counts only those whose e-value reaches the number of groups tested divided by 5%: about what would "
        "have been needed had nothing else been claimed.",
        "Hidden among popular objects, a join within 10 or 40 s:",
        _plant_table("power", list(hidden), cells, before),
        "![Share of hidden groups found](../images/validation-power.svg)",
        "Slow groups, hidden among popular objects:",
        _plant_table("power", list(slow), cells, before),
        "### False findings and names among them",
        _false(results, cells, before),
        "### The threshold rule on the same streams",
        _threshold(results),
    )


def own_section(cells: Cells, before: Cells) -> str:
    """Describe what becomes of groups whose objects no one else shares."""
    if "own/streams" not in cells:
        return NOT_MEASURED
    names = list(dict.fromkeys(_cell(plant) for plant in OWN_PLANTS))
    return join(
        "Content of their own: new objects that hardly anybody else shares, a join within 40 s, by accounts that post "
        f"two, three or five times a day in all. {count(cells['own/streams']['streams'])} streams with all of them "
        "at once. *Found or a lead* adds what is only shown as a lead.",
        _plant_table("own", names, cells, before),
    )


def cases_section(cells: Cells, before: Cells) -> str:
    """Describe what becomes of one day, of those that are always first or always as late, and of pairs."""
    if "cases/streams" not in cells:
        return NOT_MEASURED
    labels = dict(zip((_cell(plant) for plant in CASE_PLANTS), CASES, strict=True))
    rows = [
        [label, *_plant_cells(cells[f"cases/{name}"], before.get(f"cases/{name}"))]
        for name, label in labels.items()
        if f"cases/{name}" in cells
    ]
    return join(
        f"{count(cells['cases/streams']['streams'])} small streams with one of each. Two accounts can never be a "
        "finding, so that one that holds them, *found* here, has drawn in somebody innocent; a lead is right.",
        table(["campaign", *PLANT_HEAD], rows),
    )


CASES = (
    "one day, 8 accounts, 20 joint posts within 40 s at any moment of links that 40 others share",
    "the same, members post three times a day in all",
    "9 accounts, always the first within 6 s on 30 links that 40 others share",
    "6 accounts in a fixed order, each exactly 7 s after the one before, 20 links",
    "two in lockstep, 30 popular links",
    "two in lockstep, 30 links of their own",
)
PLANT_HEAD = ["found", "found or a lead", "members named", "previous method: found", "found or a lead", "members named"]


def _plant_table(part: str, names: Sequence[str], cells: Cells, before: Cells) -> str:
    rows = [
        [_plant_label(name), *_plant_cells(cells[f"{part}/{name}"], before.get(f"{part}/{name}"))]
        for name in names
        if f"{part}/{name}" in cells
    ]
    return table(["accounts, operations, join within", *PLANT_HEAD], rows)


def _plant_label(name: str) -> str:
    shape = CellShape.read("/" + name)
    pace = f", {shape.posts_per_day:g} posts a day" if shape.posts_per_day else ""
    return f"{shape.size}, {shape.operations}, {shape.jitter_s:g} s{pace}"


def _plant_cells(now: Tally, before: Tally | None) -> list[str]:
    return [
        rate(now["found"], now["plants"]),
        percent(now["shown"] / now["plants"]),
        percent(now["named"] / now["members"]),
        share_of(before, "found", "plants"),
        percent(before["shown"] / before["plants"]) if before else "-",
        percent(before["named"] / before["members"]) if before else "-",
    ]


def _cell(plant: object) -> str:
    return plant_cell({**vars(plant), "size": vars(plant)["n_accounts"], "operations": vars(plant)["n_operations"]})


def _false(results: Sequence[Result], cells: Cells, before: Cells) -> str:
    found = [one for result in results for one in claims(result)]
    kinds = Counter(one["kind"] for one in found)
    others = (
        ", ".join(f"{n} of kind {kind}" for kind, n in sorted(kinds.items()) if kind != "plant") or "none of others"
    )
    now, then = cells["power/streams"], before.get("power/streams")
    shuffled = sum(result["n_shuffled"] for result in results)
    names = f"Of {count(now['names'])} accounts named {count(now['innocent'])} are innocent: "
    names += f"{rate(now['innocent'], now['names'])}."
    if then:
        names += f" Previous method, on fewer or the same streams: {rate(then['innocent'], then['names'])}."
    return join(
        f"Of {len(found)} findings {kinds['plant']} are of a plant, {others}. Mean false share per stream: "
        f"**{mean(false_shares(results))}**; with ordinary explanations counted as right: "
        f"{mean(false_shares(results, ordinary=False))}.",
        names + " Names of one stream hang together, so that the interval is too narrow.",
        f"Shuffled copies of the same streams, one each: {shuffled} findings in {len(results)} copies.",
    )


def _threshold(results: Sequence[Result]) -> str:
    told = [result["threshold"] for result in results]
    rows = []
    for i, share in enumerate(one["percentile"] for one in told[0]):
        hits = [
            flag
            for result, one in zip(results, told, strict=True)
            for flag, plant in zip(one[i]["found"], result["plants"], strict=True)
            if is_hidden(plant)
        ]
        wrong = [one[i]["n_false"] / max(one[i]["n_groups"], 1) for one in told]
        groups = average(one[i]["n_groups"] for one in told)
        rows.append([f"{share:g}" if share else "weight 2", groups, rate(sum(hits), len(hits)), mean(wrong)])
    own = [plant["found"] for result in results for plant in result["plants"] if is_hidden(plant)]
    n_own = average(len(claims(result)) for result in results)
    rows.append(["the test", n_own, rate(sum(own), len(own)), mean(false_shares(results))])
    return table(["percentile", "groups, mean", "hidden plants found", "false share of groups, mean"], rows)


def variants_section(run: Run, part: str) -> str:
    """Describe what power and false findings are with one thing changed."""
    base = run.of("ablation", name="as it is")
    names = ABLATIONS if part == "ablation" else SENSITIVITIES
    seeds = {job.params["seed"] for job in run.jobs_of(part)}
    if not seeds:
        return NOT_MEASURED
    same = [run.results[job.key] for job in run.jobs_of("ablation", name="as it is") if job.params["seed"] in seeds]
    first = [] if part == "ablation" or not base else [["as it is", *_variant_cells(same)]]
    rows = [[name, *_variant_cells(run.of(part, name=name))] for name in names if run.of(part, name=name)]
    head = [
        "variant",
        "hidden, 8 operations",
        "hidden, 4 or 6",
        "slow, 12 or 18",
        "false findings",
        "false share",
        "CPU s",
    ]
    return table(head, [*first, *rows])


def _variant_cells(results: Sequence[Result]) -> list[str]:
    hidden, slow = plants(results, is_hidden), plants(results, is_slow)
    eight = [p for p in hidden if p["operations"] >= 8]
    fewer = [p for p in hidden if p["operations"] < 8]
    found = [one for result in results for one in claims(result)]
    return [
        *(rate(n_found(some), len(some)) for some in (eight, fewer, slow)),
        f"{sum(one['kind'] != 'plant' for one in found)} of {len(found)}",
        mean(false_shares(results)),
        average(result["cpu_s"] for result in results),
    ]


def evasion_section(cells: Cells, before: Cells) -> str:
    """Describe what it costs to stay unseen, and who else is named meanwhile."""
    names = sorted((name for name in cells if name.startswith("evasion/")), key=_by_adversary)
    if not names:
        return NOT_MEASURED
    rows = [_evasion_row(name, cells[name], before.get(name)) for name in names]
    head = ["adversary", "strength", "reach kept", "extra posts", "found", "found or a lead", "members named"]
    head += ["innocent accounts named", "previous method: found", "innocent accounts named"]
    return join(table(head, rows), "![Reach kept against being found](../images/validation-evasion.svg)")


def _by_adversary(name: str) -> tuple[bool, int, float]:
    adversary, _, strength = name.partition("/")[2].rpartition("-")
    known = list(ADVERSARIES)
    return adversary != "plain", known.index(adversary) if adversary in known else -1, float(strength)


def _evasion_row(name: str, now: Tally, before: Tally | None) -> list[str]:
    adversary, _, strength = name.partition("/")[2].rpartition("-")
    return [
        f"`{adversary}`" if adversary != "plain" else "none",
        strength,
        percent(now["reach_kept"] / now["streams"]),
        percent(now["extra_posts"] / now["streams"]),
        rate(now["found"], now["plants"]),
        percent(now["shown"] / now["plants"]),
        percent(now["named"] / now["members"]),
        f"{count(now['innocent'])} of {count(now['names'])}",
        share_of(before, "found", "plants"),
        f"{count(before['innocent'])} of {count(before['names'])}" if before else "-",
    ]
