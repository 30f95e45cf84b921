"""Figures of the page: SVG, the same bytes for the same numbers, on white so that they read on any page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dideban.validation.gather import Run, in_part, is_hidden, n_found, plants
from dideban.validation.intervals import exact_interval

COLOURS = ("#1b6ca8", "#c0561a", "#3d7a3d", "#7b4fa3", "#8a6d00", "#555555")
MARKS = "osD^vP"


@contextmanager
def _figure(path: Path, *, n_rows: int, n_columns: int, size: tuple[float, float]) -> Iterator[Any]:
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    style = {
        "svg.hashsalt": "dideban",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "savefig.facecolor": "white",
    }
    with mpl.rc_context(style):
        figure, axes = plt.subplots(n_rows, n_columns, figsize=size, squeeze=False, layout="constrained")
        yield axes
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "dideban"})
        plt.close(figure)


def _points(axis: Any, xs: list[float], hits: list[tuple[int, int]], *, number: int, label: str) -> None:
    shares = [k / n if n else 0.0 for k, n in hits]
    bounds = [exact_interval(k, n) for k, n in hits]
    below = [share - low for share, (low, _) in zip(shares, bounds, strict=True)]
    above = [high - share for share, (_, high) in zip(shares, bounds, strict=True)]
    axis.errorbar(
        xs,
        shares,
        yerr=[below, above],
        color=COLOURS[number % len(COLOURS)],
        marker=MARKS[number % len(MARKS)],
        capsize=3,
        linewidth=1.5,
        label=label,
    )


def draw_power(run: Run, path: Path) -> bool:
    """Draw the share of hidden groups found by operations, a line per size, a panel per jitter."""
    some = plants(run.of("power"), is_hidden)
    if not some:
        return False
    sizes, jitters = sorted({p["size"] for p in some}), sorted({p["jitter_s"] for p in some})
    with _figure(path, n_rows=1, n_columns=len(jitters), size=(9, 3.6)) as axes:
        for axis, jitter in zip(axes[0], jitters, strict=True):
            for number, size in enumerate(sizes):
                cells = sorted({p["operations"] for p in some})
                hits = []
                for count in cells:
                    here = [p for p in some if (p["size"], p["operations"], p["jitter_s"]) == (size, count, jitter)]
                    hits.append((n_found(here), len(here)))
                shifted = [count + 0.15 * (number - 1) for count in cells]
                _points(axis, shifted, hits, number=number, label=f"{size} accounts")
            axis.set(xlabel="joint operations", title=f"within {jitter:g} s", ylim=(-0.02, 1.04), xticks=cells)
            axis.axhline(0.9, color="#999999", linewidth=0.8, linestyle=":")
        axes[0][0].set_ylabel("share found")
        axes[0][-1].legend(frameon=False, loc="lower right")
    return True


def draw_evasion(run: Run, path: Path) -> bool:
    """Draw the probability of being found against reach kept, a panel per adversary, points by strength."""
    names = sorted({job.params["adversary"] for job in run.jobs_of("evasion")})
    if not names:
        return False
    plain = run.of("evasion", strength=0.0)
    with _figure(path, n_rows=2, n_columns=(len(names) + 1) // 2, size=(9, 5.6)) as axes:
        for number, (axis, name) in enumerate(zip(axes.flat, names, strict=False)):
            strengths = sorted({job.params["strength"] for job in run.jobs_of("evasion", adversary=name)} | {0.0})
            rows = [plain if not s else run.of("evasion", adversary=name, strength=s) for s in strengths]
            reach = [sum(r["reach_kept"] for r in some) / max(len(some), 1) for some in rows]
            hits = [in_part(some) for some in rows]
            _points(axis, reach, hits, number=number, label=name)
            for x, (k, n), strength in zip(reach, hits, strengths, strict=True):
                axis.annotate(
                    f"{strength:g}", (x, k / max(n, 1)), textcoords="offset points", xytext=(5, 4), fontsize=8
                )
            axis.set(title=name, xlim=(-0.05, 1.15), ylim=(-0.05, 1.1))
        for axis in list(axes.flat)[len(names) :]:
            axis.set_axis_off()
        for axis in axes[-1]:
            axis.set_xlabel("reach kept")
        for row in axes:
            row[0].set_ylabel("share found, in part")
    return True


def draw_variants(run: Run, path: Path) -> bool:
    """Draw the share of planted groups found under every variant of the method."""
    names = list(dict.fromkeys(job.params["name"] for part in ("ablation", "sensitivity") for job in run.jobs_of(part)))
    if not names:
        return False
    with _figure(path, n_rows=1, n_columns=1, size=(8, 0.32 * len(names) + 1)) as axes:
        axis = axes[0][0]
        for row, name in enumerate(names):
            results = run.of("ablation", name=name) + run.of("sensitivity", name=name)
            k, n = n_found(plants(results)), len(plants(results))
            low, high = exact_interval(k, n)
            axis.plot([low, high], [row, row], color=COLOURS[0], linewidth=1.5)
            axis.plot([k / n], [row], color=COLOURS[0], marker="o")
        axis.set_yticks(range(len(names)), names)
        axis.invert_yaxis()
        axis.set(xlim=(0, 1), xlabel="share of planted groups found, 95% interval")
    return True
