"""Parts of every page that are the same for all who may do the same and read the same way: made once, not per page.

They hold no post, no name and no token of a form: what they are made of is what they are asked for by.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dideban.room.wording import reading

PARTS = frozenset({"board/nav.html", "board/keys.html", "board/palette.html"})
MOST_KEPT = 512
"""Parts; each has a few KiB."""


def frame_part(template: str, *, slug: str, section: str, may: Mapping[str, bool], n_alerts: int) -> SafeString:
    """Return a part of the frame of a page, in the language of the page.

    Parameters
    ----------
    template : str
        One of PARTS.
    slug, section : str
        The room and the page; empty outside of one.
    may : mapping
        Permission to whether the reader has it.
    n_alerts : count
        Open alerts that the reader may see.

    Raises
    ------
    ValueError
        Another template: it may need, and would keep, more than this.
    """
    if template not in PARTS:
        raise ValueError(template)
    allowed = tuple(sorted(name for name, is_allowed in may.items() if is_allowed))
    return _made(template, slug, section, allowed, n_alerts, reading.language(), reading.READER.get().local_digits)


@lru_cache(maxsize=MOST_KEPT)
def _made(
    template: str, slug: str, section: str, allowed: tuple[str, ...], n_alerts: int, lang: str, local_digits: bool
) -> SafeString:
    may = dict.fromkeys(allowed, True)
    return SafeString(
        render_to_string(template, {"slug": slug, "section": section, "may": may, "n_alerts": n_alerts, "lang": lang})
    )
