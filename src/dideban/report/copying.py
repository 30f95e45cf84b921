"""Copied texts to one self-contained page in the look of the report."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from dideban.findings.copying import Copies
from dideban.messages import translations
from dideban.report import words
from dideban.report.page import environment, policy_of

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
    style, script = words.asset("report.css"), words.asset("report.js")
    counted: Counter[str] = Counter(copy.kind for family in found.families for copy in family.copies)
    with words.collecting():
        return (
            environment()
            .get_template("copying.html")
            .render(
                title=title,
                version=version,
                found=found,
                notes=[translations(note) for note in found.notes],
                families=found.families[:MAX_SHOWN],
                n_families=len(found.families),
                n_copies=sum(counted.values()),
                kinds={kind: counted[kind] for kind in KINDS if counted[kind]},
                style=Markup(style),  # noqa: S704 - our own file
                script=Markup(script),  # noqa: S704 - our own file
                policy=policy_of(style, script),
                table_of_texts=words.table_of_texts,
                languages=words.language_names(),
            )
        )
