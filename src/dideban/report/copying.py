"""Copied texts to one self-contained page in the look of the report."""

from __future__ import annotations

from collections import Counter

from dideban.findings.copying import Copies
from dideban.messages import translations
from dideban.report.page import fill_page

MAX_SHOWN = 60
"""Families shown; the rest are in ``copying.json``."""
KINDS = ("no-line", "attributed", "declared", "wire", "own")


def render_copies(found: Copies, *, version: str = "", title: str = "") -> str:
    """Return copied texts as one HTML page.

    Parameters
    ----------
    found : Copies
        Shown in their order.
    version : str
        Of the program, for the head of the page.
    title : str
        Name of the material, shown in the head of the page.

    Returns
    -------
    str
        HTML that opens from a file and asks nothing of a network.

    Notes
    -----
    Deterministic: the same copies give the same bytes.
    """
    counted: Counter[str] = Counter(copy.kind for family in found.families for copy in family.copies)
    return fill_page(
        "copying.html",
        lambda: {
            "title": title,
            "version": version,
            "found": found,
            "notes": [translations(note) for note in found.notes],
            "families": found.families[:MAX_SHOWN],
            "n_families": len(found.families),
            "n_copies": sum(counted.values()),
            "kinds": {kind: counted[kind] for kind in KINDS if counted[kind]},
        },
    )
