"""Campaigns planted in sample posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dideban.simulate.model import Plant, require

CampaignKind = Literal["link", "repost", "copied-text", "reworded-text", "hashtags", "media", "mixed"]
OBJECT_OF: dict[str, tuple[str, ...]] = {
    "link": ("link",),
    "repost": ("repost",),
    "copied-text": ("text",),
    "reworded-text": ("text",),
    "hashtags": ("hashtags",),
    "media": ("media",),
    "mixed": ("link", "repost", "text"),
}
"""Campaign kind to the object kinds that it pushes."""


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A plant in a language, in one of the ways campaigns push things."""

    kind: CampaignKind
    plant: Plant
    language: str | None
    """Language of the members; None = any."""
    uptake: float = 9.0
    """Ordinary accounts that take up an object that the campaign made, mean per object."""

    def __post_init__(self) -> None:
        require(
            self.kind in OBJECT_OF,
            "campaign.kind",
            self.kind,
            "one-of",
            allowed=list(OBJECT_OF),
        )
        require(
            0 <= self.uptake <= 1000,
            "campaign.uptake",
            self.uptake,
            "within",
            least=0,
            most=1000,
        )

    @property
    def n_posts(self) -> int:
        """Posts that the campaign adds at most, those of ordinary accounts that take it up included (about)."""
        return round(self.plant.n_operations * (self.plant.n_accounts + self.uptake + 1))


_DESIGNS: tuple[tuple[CampaignKind, str | None, int, int, float, str], ...] = (
    ("link", "fa", 14, 26, 45.0, "mixed"),
    ("repost", "en", 10, 30, 15.0, "mixed"),
    ("reworded-text", "fa", 12, 22, 50.0, "exclusive"),
    ("copied-text", "ar", 8, 18, 40.0, "exclusive"),
    ("hashtags", "en", 9, 16, 40.0, "mixed"),
    ("media", "ar", 6, 14, 30.0, "mixed"),
    ("mixed", None, 20, 30, 55.0, "mixed"),
    ("repost", "fa", 5, 40, 8.0, "popular"),
    ("link", "en", 30, 12, 60.0, "popular"),
    ("copied-text", "en", 7, 8, 30.0, "exclusive"),
    ("link", "ar", 16, 24, 20.0, "popular"),
    ("reworded-text", "en", 18, 15, 58.0, "exclusive"),
    ("hashtags", "fa", 11, 20, 50.0, "popular"),
    ("reworded-text", "ar", 25, 10, 55.0, "exclusive"),
)
"""Kind, language, accounts, operations, jitter (s), where."""

DEMO_CAMPAIGNS = 5
MOST_CAMPAIGNS = 56


FEWEST_POSTS = 3_000
"""A smaller sample has too few shared objects for a campaign to hide among."""


def default_campaigns(n_posts: int, languages: Sequence[str]) -> tuple[Campaign, ...]:
    """Return the campaigns that suit a sample: 5 in 20,000 posts, more as it grows, none where none would fit.

    At most about one post in eight belongs to a campaign.
    """
    if n_posts < FEWEST_POSTS:
        return ()
    wanted = min(MOST_CAMPAIGNS, max(DEMO_CAMPAIGNS, round(DEMO_CAMPAIGNS * (n_posts / 20_000) ** 0.5)))
    chosen: list[Campaign] = []
    room = n_posts // 8
    for number in range(MOST_CAMPAIGNS):
        campaign = _design(number, languages)
        if campaign is not None and campaign.n_posts <= room and len(chosen) < wanted:
            chosen.append(campaign)
            room -= campaign.n_posts
    return tuple(chosen)


def _design(number: int, languages: Sequence[str]) -> Campaign | None:
    kind, language, n_accounts, n_operations, jitter_s, where = _DESIGNS[number % len(_DESIGNS)]
    if language is not None and language not in languages:
        return None
    plant = Plant(
        n_accounts=n_accounts,
        n_operations=n_operations,
        jitter_s=jitter_s,
        where=where,  # type: ignore[arg-type]
        kinds=OBJECT_OF[kind],
    )
    return Campaign(kind=kind, plant=plant, language=language)
