"""Effects of responses to one self-contained page in the look of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dideban.report.page import fill_page

MAX_SHOWN = 100
"""Responses shown with their curve; the rest are in ``effect.json``."""
WIDTH, HEIGHT, PAD = 720, 160, 4
MAX_POINTS = 240
"""Points of a curve; longer ones are added up."""


def render_effects(content: Mapping[str, Any], *, version: str = "", title: str = "") -> str:
    """Return effects as one HTML page.

    Parameters
    ----------
    content : mapping
        As in ``effect.json``.
    version : str
        Of the program, for the head of the page.
    title : str
        Name of the material.

    Notes
    -----
    Deterministic: the same content gives the same bytes.
    """
    responses = content["responses"]
    shown = [{**one, "drawing": draw_curve(one.get("curve") or {})} for one in responses[:MAX_SHOWN]]
    return fill_page(
        "effect.html",
        lambda: {
            "title": title, "version": version, "responses": shown, "n_all": len(responses),
            "n_identifiable": sum(bool(one["identifiable"]) for one in responses),
            "pooled": content["pooled"], "further": content["further"],
            "notes": [note["text"] for note in content["notes"]],
            "rejects": content["rejects"][:MAX_SHOWN], "method": content["method"],
            "digest": content["settings_digest"], "size": (WIDTH, HEIGHT),
        },
    )  # fmt: skip


def draw_curve(curve: Mapping[str, Sequence[float]]) -> dict[str, Any] | None:
    """Return the paths of the treated unit among its controls, in a box of WIDTH by HEIGHT.

    Returns
    -------
    dict or None
        ``band``, ``middle``, ``treated`` (SVG path data), ``zero`` (x of the response), ``most`` (posts an hour at the
        top), ``step`` (hours a point).
    """
    if not curve:
        return None
    hours = list(curve["hour"])
    step = max(1, -(-len(hours) // MAX_POINTS))
    lines = {name: _binned(curve[name], step) for name in ("treated", "low", "middle", "high")}
    most = max(1e-9, *lines["treated"], *lines["high"])
    n = len(lines["treated"])

    def place(index: int, value: float) -> str:
        x = PAD + (WIDTH - 2 * PAD) * index / max(1, n - 1)
        y = HEIGHT - PAD - (HEIGHT - 2 * PAD) * value / most
        return f"{x:.1f} {y:.1f}"

    def path(values: Sequence[float]) -> str:
        return "M" + "L".join(place(index, value) for index, value in enumerate(values))

    back = "L".join(place(index, lines["low"][index]) for index in reversed(range(n)))
    zero = PAD + (WIDTH - 2 * PAD) * (-hours[0] / step) / max(1, n - 1)
    return {
        "band": f"{path(lines['high'])}L{back}Z", "middle": path(lines["middle"]), "treated": path(lines["treated"]),
        "zero": round(zero, 1), "most": round(most / step, 1), "step": step,
        "from_h": int(-hours[0]), "to_h": int(hours[-1]),
    }  # fmt: skip


def _binned(values: Sequence[float], step: int) -> list[float]:
    return [sum(values[start : start + step]) for start in range(0, len(values), step)]
