"""Sections of the page that rest on simulated streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dideban.validation.gather import (
    Entry,
    Run,
    claims,
    false_shares,
    in_part,
    is_hidden,
    is_slow,
    leads,
    n_found,
    plants,
)
from dideban.validation.model import Result
from dideban.validation.variants import ABLATIONS, SENSITIVITIES
from dideban.validation.words import NOT_MEASURED, average, join, mean, percent, rate, table

KINDS = ("feed", "wire", "announced", "none")


def null_rows(run: Run) -> dict[str, list[Result]]:
    """Return the null results: the default crowds, and these with sittings."""
    named = {"default crowds": [], "with sittings": []}  # type: dict[str, list[Result]]
    for job in run.jobs_of("null"):
        named["with sittings" if "sessions" in job.params["crowds"] else "default crowds"].append(run.results[job.key])
    return named


def null_section(run: Run) -> str:
    """Say what is found where nothing is planted."""
    named = {name: some for name, some in null_rows(run).items() if some}
    if not named:
        return NOT_MEASURED
    rows = [[name, len(some), *_null_cells(some)] for name, some in named.items()]
    head = ["crowds", "streams", "streams with a finding", "findings of a feed / wire / announced / none", "leads"]
    return join(
        "Every stream mixes all crowds that look coordinated and are not ([simulation](simulation.md)); *sittings* "
        "adds people who share several things in a row, which breaks an assumption of the test on purpose. A "
        "finding is *of* a feed, a wire or an announced minute when at least half its accounts belong to it; it is "
        "right about the timing and counts as false here all the same. Leads carry no stated error rate; the last "
        "column says how many a stream shows on average, and what they are of.",
        table(head, rows),
        _others(named.get("default crowds", [])),
    )


def _null_cells(some: Sequence[Result]) -> list[str]:
    found = Counter(one["kind"] for result in some for one in claims(result))
    lead = Counter(one["kind"] for result in some for one in leads(result))
    return [
        rate(sum(bool(claims(result)) for result in some), len(some)),
        " / ".join(str(found[kind]) for kind in KINDS),
        f"{average(len(leads(r)) for r in some)} a stream ({' / '.join(str(lead[kind]) for kind in KINDS)} in all)",
    ]


def _others(some: Sequence[Result]) -> str:
    """Say what other rules call on the same streams."""
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
    rows.append(["the synchrony test", "-", average((len(claims(r)) for r in some), digits=2), _any(some)])
    return join(
        "The same streams under other rules (window 60 s; groups of three or more by the same clustering). The two "
        "nulls per pair look at how many objects two accounts have in common, never at time: they find like-minded "
        "people.",
        table(["rule", "pairs, mean", "groups, mean", "streams with any"], rows),
    )


def _any(some: Sequence[Result]) -> str:
    return rate(sum(bool(claims(result)) for result in some), len(some))


def crowds_section(run: Run) -> str:
    """Say the same crowd by crowd."""
    names = list(dict.fromkeys(job.name.rpartition("-")[0] for job in run.jobs_of("crowds")))
    if not names:
        return NOT_MEASURED
    rows = []
    for name in names:
        some = [run.results[job.key] for job in run.jobs_of("crowds") if job.name.rpartition("-")[0] == name]
        called = average((result["threshold"][0]["n_pairs"] for result in some), digits=0)
        groups = average(result["threshold"][0]["n_groups"] for result in some)
        rows.append([f"`{name}`" if name != "background" else name, *_null_cells(some), called, groups])
    head = [
        "crowd",
        "streams with a finding",
        "of a feed / wire / announced / none",
        "leads",
        "threshold: pairs",
        "groups",
    ]
    return join("The background joined by one crowd at a time:", table(head, rows))


def power_section(run: Run) -> str:
    """Say which planted groups are found."""
    results = run.of("power")
    if not results:
        return NOT_MEASURED
    return join(
        f"{len(results)} streams, each with all the plants below at once. A plant is found when a finding holds at "
        "least half of it and is at least half of it. Plants help each other a little: the more is claimed, the lower "
        "the bar (e-BH). *Alone* counts only those whose e-value reaches the number of groups tested divided by 5%: "
        "about what would have been needed had nothing else been claimed.",
        "Hidden among popular objects, a join within 10 or 40 s:",
        _hidden(plants(results, is_hidden)),
        "![Share of hidden groups found](../images/validation-power.svg)",
        _summary(plants(results, is_hidden)),
        "Slow groups, hidden among popular objects, with the scale that carried the proof most often:",
        _slow(plants(results, is_slow)),
        "Exclusive groups: objects that hardly anybody else shares, a join within 40 s. They can be leads at most, "
        "unless their other shares give them away:",
        _exclusive(plants(results, lambda plant: plant["where"] == "exclusive")),
        "### False findings among findings",
        _false(results),
        "### The threshold rule on the same streams",
        _threshold(results),
    )


def _hidden(some: Sequence[Entry]) -> str:
    jitters = sorted({p["jitter_s"] for p in some})
    rows = [
        [size, count, *(_cell(some, size, count, jitter) for jitter in jitters)]
        for size in sorted({p["size"] for p in some})
        for count in sorted({p["operations"] for p in some})
    ]
    return table(["accounts", "operations", *(f"within {j:g} s" for j in jitters)], rows)


def _cell(some: Sequence[Entry], size: int, count: int, jitter: float) -> str:
    here = [p for p in some if (p["size"], p["operations"], p["jitter_s"]) == (size, count, jitter)]
    return rate(n_found(here), len(here))


def _summary(some: Sequence[Entry]) -> str:
    found = [p for p in some if p["found"]]
    rows = []
    for label, low, high in (("12 or more operations", 12, 99), ("8 operations", 8, 8), ("6 operations", 6, 6)):
        here = [p for p in some if low <= p["operations"] <= high]
        rows.append([label, rate(n_found(here), len(here)), rate(n_found(here, "alone"), len(here))])
    return join(
        table(["5 or more accounts, within 40 s", "found", "alone"], rows),
        f"Among the accounts of a finding, {percent(_mean(found, 'precision'))} are members of its plant; it holds "
        f"{percent(_mean(found, 'recall'))} of them (means over {len(found)} found plants)."
        if found
        else "",
    )


def _mean(some: Sequence[Entry], field: str) -> float:
    return float(sum(p[field] for p in some)) / max(len(some), 1)


def _slow(some: Sequence[Entry]) -> str:
    rows = []
    for jitter, size, count in sorted({(p["jitter_s"], p["size"], p["operations"]) for p in some}):
        here = [p for p in some if (p["jitter_s"], p["size"], p["operations"]) == (jitter, size, count)]
        scales = Counter(p["scale_s"] for p in here if p["found"])
        at = f"{scales.most_common(1)[0][0]:g} s" if scales else "-"
        rows.append([f"{jitter:g} s", size, count, rate(n_found(here), len(here)), at])
    return table(["join within", "accounts", "operations", "found", "scale"], rows)


def _exclusive(some: Sequence[Entry]) -> str:
    rows = []
    for size, count in sorted({(p["size"], p["operations"]) for p in some}):
        here = [p for p in some if (p["size"], p["operations"]) == (size, count)]
        rows.append([size, count, rate(n_found(here), len(here)), rate(n_found(here, "lead"), len(here))])
    return table(["accounts", "operations", "found", "a lead"], rows)


def _false(results: Sequence[Result]) -> str:
    found = [one for result in results for one in claims(result)]
    kinds = Counter(one["kind"] for one in found)
    lead = [one for result in results for one in leads(result)]
    of = Counter(one["kind"] for one in lead)
    shuffled = sum(result["n_shuffled"] for result in results)
    return join(
        f"A finding is false when no plant holds half of its accounts. Of {len(found)} findings {kinds['plant']} "
        f"are of a plant, {kinds['feed']} of a feed, {kinds['wire']} of a wire, {kinds['announced']} of an "
        f"announced minute, {kinds['none']} of nothing. Mean false share per stream: "
        f"**{mean(false_shares(results))}**; with feeds, wires and announced minutes counted as right: "
        f"{mean(false_shares(results, ordinary=False))}.",
        f"Of {len(lead)} leads {of['plant']} are of a plant, {of['feed']} of a feed, {of['wire']} of a wire, "
        f"{of['announced']} of an announced minute, {of['none']} of nothing. A lead carries no error rate, and this "
        "is why."
        if lead
        else "",
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
    rows.append(["synchrony test", n_own, rate(sum(own), len(own)), mean(false_shares(results))])
    return table(["percentile", "groups, mean", "hidden plants found", "false share of groups, mean"], rows)


def variants_section(run: Run, part: str) -> str:
    """Say what power and false findings are with one thing changed."""
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


def evasion_section(run: Run) -> str:
    """Say what it costs to stay unseen."""
    cells = sorted({(job.params["adversary"], job.params["strength"]) for job in run.jobs_of("evasion")})
    if not cells:
        return NOT_MEASURED
    rows = []
    for adversary, strength in sorted(cells, key=lambda cell: (cell[1] > 0, cell)):
        results = run.of("evasion", adversary=adversary, strength=strength)
        some = plants(results)
        either = sum(p["found"] or p["lead"] for p in some)
        rows.append(
            [
                f"`{adversary}`" if strength else "none",
                f"{strength:g}",
                percent(sum(r["reach_kept"] for r in results) / len(results)),
                percent(sum(r["extra_posts"] for r in results) / len(results)),
                rate(*in_part(results)),
                rate(n_found(some), len(some)),
                rate(either, len(some)),
            ]
        )
    head = ["adversary", "strength", "reach kept", "extra posts", "found in part", "found", "found or a lead"]
    return join(table(head, rows), "![Reach kept against being found](../images/validation-evasion.svg)")
