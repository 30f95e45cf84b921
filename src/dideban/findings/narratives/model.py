"""What a narrative is made of. ``Narratives.to_dict`` is ``narratives.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import polars as pl

from dideban.findings.narratives.checkpoint import State
from dideban.messages import Message, describe

SCHEMA_NAME = "dideban.narratives/1"
"""Name and version of the ``narratives.json`` format; the number grows when a reader could break."""


@dataclass(frozen=True, kw_only=True)
class NarrativeBurst:
    """A stretch in which the narrative took a larger share of all posts than usual."""

    start: str
    end: str
    """ISO 8601, UTC; the end is not part of it."""
    n_posts: int
    share: float
    """Share of all posts of the stretch, 0..1."""
    usual_share: float
    weight: float
    """How much better the raised share explains the stretch, natural logarithm."""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A post that stands for the narrative."""

    role: str
    """``first``, ``most-copied`` or ``typical``."""
    post_id: str
    at: str
    text: str
    """As displayed, cut at 1,000 characters."""
    lang: str
    n_posts: int
    """Posts with the same message."""


@dataclass(frozen=True, kw_only=True)
class ListedNarrative:
    """Posts about the same thing, whoever wrote them. Not a claim about any account."""

    id: str
    """``n`` and 16 hex digits: the print of its first text. Never given to another narrative."""
    joined: list[str]
    """Ids that were given to parts of it before they turned out to be one."""
    n_posts: int
    n_texts: int
    """Distinct messages, near-duplicates counted once."""
    n_accounts: int
    first_seen: str
    last_seen: str
    terms: list[str]
    """Words that tell it from the rest, most telling first, as written most often."""
    languages: dict[str, int]
    places: dict[str, int]
    """Places declared by the sources, most frequent first, ten at most."""
    sources: dict[str, int]
    """Domains linked, most frequent first, ten at most."""
    platforms: dict[str, int]
    first_bin: int
    """Bin of the timeline in which ``counts`` begins."""
    counts: list[int]
    """Posts per bin, from the first to the last bin that has any."""
    bursts: list[NarrativeBurst]
    quotes: list[Quote]
    n_proved_posts: int | None
    """Posts by accounts of proved groups; None where no findings were given."""
    proved: dict[str, int] = field(default_factory=dict)
    """The same by finding."""
    n_posts_before: int = 0
    """Posts that earlier runs with the same state counted; not among ``n_posts``."""
    known_since: str = ""
    """When the first of those was posted; empty where there are none."""


@dataclass(frozen=True, kw_only=True)
class Narratives:
    """All narratives of a set of posts."""

    items: list[ListedNarrative]
    """Largest first."""
    start: str
    """Start of the first bin of the timeline, ISO 8601, UTC; empty without posts."""
    step_s: int
    """Length of a bin of the timeline, seconds."""
    totals: list[int]
    """All posts per bin."""
    n_posts: int
    """Posts read."""
    n_with_text: int
    """Posts with text enough to compare, reposts of such posts included."""
    n_listed_posts: int
    """Posts in the narratives listed."""
    n_small: int
    """Narratives too small to list."""
    notes: list[Message]
    posts: pl.DataFrame
    """``post_id`` (platform/post_id), ``narrative_id``, ``text_id`` of every post of a listed narrative."""
    state: State | None = field(default=None, repr=False, compare=False)
    """What the next run goes on from."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything but ``posts`` as plain data."""
        content: dict[str, Any] = {
            "schema": SCHEMA_NAME,
            "timeline": {"start": self.start, "step_s": self.step_s, "totals": self.totals},
            "counts": {
                "posts": self.n_posts,
                "posts_with_text": self.n_with_text,
                "posts_listed": self.n_listed_posts,
                "narratives": len(self.items),
                "narratives_too_small": self.n_small,
            },
            "notes": [describe(note) for note in self.notes],
            "narratives": orjson.loads(orjson.dumps(self.items)),
        }
        return content
