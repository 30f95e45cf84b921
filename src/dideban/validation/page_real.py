"""Sections of the page that rest on real sets, and on the clock."""

from __future__ import annotations

from collections.abc import Sequence

from dideban.validation.gather import Entry, Run
from dideban.validation.model import Result
from dideban.validation.pairs import RECALLS
from dideban.validation.tally import Cells, Tally
from dideban.validation.words import NOT_MEASURED, join, percent, table

SETS = {
    "pump": "Telegram channels that announce coins to buy together, 2016 to 2020",
    "russian": "retweets of Russian Twitter, 2021 (Kulichkina, Righetti, Waldherr 2024)",
    "german": "posts before the German election of 2021, Twitter and Facebook (Righetti et al. 2022)",
    "news": "Russian-language Telegram channels with full text, 2023 to 2024; nine of them in three open brands",
    "ira": "accounts of the Internet Research Agency as named by Twitter, times to the minute (Linvill and Warren)",
}
ABSENT = "The folder of real sets was not beside the project when this page was written; nothing is stated about them."


def real_section(run: Run, before: Cells) -> str:
    """Describe what is found in real sets and in their shuffled copies."""
    measured = [(job.name, run.results[job.key]) for job in run.jobs_of("real")]
    measured = [(name, result) for name, result in measured if not result.get("absent")]
    if not measured:
        return ABSENT
    sets = dict.fromkeys(name.partition("-")[0] for name, _ in measured)
    return join(
        "No truth is complete here: who is not known to act in concert may well do so. What can be said without "
        "truth is how much is found in copies of the same data. *Slots exchanged*: accounts change places inside "
        "blocks, so that who shares what, when, and how quickly stays. *Contents exchanged*: every account posts when "
        "it did, and what it posted on a day is dealt out anew among its moments of that day. *Contents and hours "
        "exchanged*: its times of day are dealt out anew among its days as well, so that no two accounts post in the "
        "same seconds of the same days any more. The threshold rule runs at 60 s and weight 2 on the same first "
        "shares, and on one copy with slots exchanged.",
        "\n".join(f"- `{name}`: {SETS[name]}" for name in sets),
        table(
            [
                "set",
                "traces",
                "accounts",
                "found",
                "their sizes",
                "slots exchanged: findings in copies",
                "contents exchanged: findings in copies",
                "contents and hours exchanged: findings in copies",
                "leads",
                "threshold: pairs / groups",
                "shuffled: pairs / groups",
                "CPU s (threshold)",
                "previous method: found / leads",
            ],
            [_row(name, result, before.get(f"real/{name}")) for name, result in measured],
        ),
        "A finding in a copy with contents alone exchanged means that the moments of some accounts lie so close, day "
        "after day, that what they posted hardly matters: one tool is enough for it. Exchanging contents leaves that "
        "as it is, so that such a copy is not free of concert. In the group that is found in every copy of the pump "
        "channels, 41% to 62% of the posts of one account fall in the same second as a post of the other; where "
        "one of the two is moved by whole days, 0.1%. Where the hours are exchanged too this is gone.",
        "CPU seconds of the test include its shuffled copies; those of the threshold rule are for one pass.",
        _silent([(name, result) for name, result in measured if not result["sizes"]]),
        *_pumps(run, before),
        *_brands(run),
        "Single hashtags are not evidence and are left out; domains are too coarse for the test. Agency accounts "
        "with only each other to compare with are a hard case: everybody may be of the operation, so that a group "
        "is compared with others of its kind.",
    )


def label(name: str) -> str:
    """Return the name of a measured set as the page writes it."""
    folder, _, kinds = name.partition("-")
    return f"{folder} ({kinds})"


def _row(name: str, result: Result, before: Tally | None) -> Sequence[object]:
    real, shuffled = result["threshold"][0], result["threshold_shuffled"][0]
    sizes = sorted(result["sizes"], reverse=True)
    shown = ", ".join(map(str, sizes[:8])) + (", ..." if len(sizes) > 8 else "")
    return [
        label(name),
        f"{result['n_traces']:,}",
        f"{result['n_accounts']:,}",
        len(sizes),
        shown or "-",
        f"{result['n_shuffled']} in {result['n_shuffles']}",
        f"{sum(map(len, result['contents_sizes']))} in {len(result['contents_sizes'])}",
        f"{sum(map(len, result['hours_sizes']))} in {len(result['hours_sizes'])}",
        len(result["lead_sizes"]),
        f"{real['n_pairs']:,} / {real['n_groups']}",
        f"{shuffled['n_pairs']:,} / {shuffled['n_groups']}",
        f"{result['cpu_s']:.1f} ({result['threshold_cpu_s']:.2f})",
        f"{before['findings']:,.0f} / {before['leads']:,.0f}" if before else "-",
    ]


def _silent(some: Sequence[tuple[str, Result]]) -> str:
    if not some:
        return ""
    poor = [label(name) for name, result in some if not result["enough_data"]]
    text = f"Nothing is found in: {', '.join(label(name) for name, _ in some)}."
    if poor:
        text += f" The run itself says that there was not enough data to decide in: {', '.join(poor)}."
    return text


def _pumps(run: Run, before: Cells) -> list[str]:
    measured = [
        (job.name, run.results[job.key]["truth"])
        for job in run.jobs_of("real")
        if job.name.startswith("pump") and "truth" in run.results[job.key]
    ]
    if not measured:
        return []
    rows = [row for name, truth in measured for row in _pump_rows(name.partition("-")[2], truth)]
    for name, _ in measured:
        if then := before.get(f"real/{name}"):
            hits = {"n_pairs": round(then["pairs"]), "n_true": round(then["true"])}
            rows.append(_pair_row(name.partition("-")[2], "previous method", hits, round(then["known"])))
    return [
        "### Channel pairs with two or more joint pump announcements",
        "Positives are pairs that announced the same coin on the same exchange within ten minutes twice or more; "
        "all other pairs are unknown, so that precision is a lower bound. For the test, every pair inside a "
        "finding counts. The threshold rule is swept over weights at 60 s and 600 s; shown is the setting of best "
        "precision among those that reach the recall of the test. Every trace is a link, a repost or a text, none "
        "is an announcement as such.",
        table(["traces", "rule", "pairs", "positives among them", "precision", "recall"], rows),
        *_rankings(measured),
    ]


def _rankings(measured: Sequence[tuple[str, Entry]]) -> list[str]:
    """Describe how many pairs each ranking needs for a share of the positives."""
    rows = [
        [name.partition("-")[2], rule, *("-" if n is None else f"{n:,}" for n in one["needed"])]
        for name, truth in measured
        for rule, one in truth.get("ranked", {}).items()
    ]
    if not rows:
        return []
    return [
        "Which ranking of pairs would a person read down? Pairs to read for a share of the positives, best first (- "
        "= never reached). Weight by the less active divides the co-shares by the shares of the less active of the "
        "two; pair evidence is that of `explain_pairs`, which is silent about pairs whose objects nobody else shares.",
        table(["traces", "ranking", *(percent(recall) for recall in RECALLS)], rows),
    ]


def behind(run: Run) -> list[str]:
    """Say on which sets the threshold rule reaches the recall of the test with more precision."""
    lines = []
    for job in run.jobs_of("real"):
        truth = run.results[job.key].get("truth", {})
        fit = _fit(truth, max(truth["found"]["n_true"], 1)) if "sweep" in truth else None
        own = truth["found"] if fit else {}
        if fit and fit["n_true"] * own["n_pairs"] > own["n_true"] * fit["n_pairs"]:
            lines.append(
                f"- {label(job.name)}: the threshold rule ({fit['window_s']:g} s, weight {fit['weight']}) has as many "
                f"positives or more, and more precision than the test: {fit['n_true']} of {fit['n_pairs']} pairs "
                f"against {own['n_true']} of {own['n_pairs']}."
            )
    return lines


def _fit(truth: Entry, bar: int) -> Entry | None:
    """Return the setting of best precision that reaches so many positives."""
    fit = [one for one in truth["sweep"] if one["n_pairs"] and one["n_true"] >= bar]
    return max(fit, key=lambda one: (one["n_true"] / one["n_pairs"], -one["n_pairs"])) if fit else None


def _pump_rows(kinds: str, truth: Entry) -> list[Sequence[object]]:
    rows = [_pair_row(kinds, "the test", truth["found"], truth["n_true"])]
    rows.append(_pair_row(kinds, "the same with leads", truth["with_leads"], truth["n_true"]))
    for which, bar in (("test", truth["found"]["n_true"]), ("test with leads", truth["with_leads"]["n_true"])):
        best = _fit(truth, bar)
        if best and bar:
            rule = f"threshold at the recall of the {which}: {best['window_s']:g} s, weight {best['weight']}"
            rows.append(_pair_row(kinds, rule, best, truth["n_true"]))
    widest = max(truth["sweep"], key=lambda one: (one["n_true"], -one["n_pairs"]))
    rule = f"threshold, most recall: {widest['window_s']:g} s, weight {widest['weight']}"
    return [*rows, _pair_row(kinds, rule, widest, truth["n_true"])]


def _pair_row(kinds: str, rule: str, hits: Entry, n_true: int) -> Sequence[object]:
    precision = percent(hits["n_true"] / hits["n_pairs"]) if hits["n_pairs"] else "-"
    recall = percent(hits["n_true"] / n_true) if n_true else "-"
    return [kinds, rule, f"{hits['n_pairs']:,}", hits["n_true"], precision, f"{recall} of {n_true}"]


def _brands(run: Run) -> list[str]:
    found = [run.results[job.key]["truth"] for job in run.jobs_of("real") if job.name == "news-all"]
    if not found or not found[0]:
        return []
    truth = found[0]
    sure, loose = truth["found"], truth["with_leads"]
    return [
        f"Of the {truth['n_true']} pairs of channels of one open brand, {sure['n_true']} stand together in a finding "
        f"and {loose['n_true']} in a finding or a lead; findings hold {sure['n_pairs']} pairs in all, with leads "
        f"{loose['n_pairs']}.",
    ]


def runtime_section(run: Run) -> str:
    """Describe what the test costs beside the threshold rule."""
    measured = run.of("runtime")
    if not measured:
        return NOT_MEASURED
    rows = [
        [
            f"{one['n_traces']:,}",
            f"{one['proof']:.1f}",
            f"{one['proof_checked']:.1f}" if one.get("proof_checked") else "-",
            f"{one['threshold']:.2f}",
            f"{one['threshold_all']:.2f}",
            f"{one['proof'] / max(one['threshold'], 1e-9):.1f}",
            f"{one['proof'] / max(one['threshold_all'], 1e-9):.1f}",
        ]
        for one in measured
    ]
    head = [
        "traces",
        "test, four scales",
        "with a shuffled copy",
        "threshold, 60 s",
        "threshold, the same four windows",
        "ratio to one window",
        "ratio to four",
    ]
    return join(
        "Processor seconds on one thread, simulated streams with all crowds, nothing planted, kernels compiled. "
        "Both methods ran one after the other in one process; figures depend on the machine, the ratio much less "
        "so.",
        table(head, rows),
    )
