"""DISARM techniques that the behaviour of a group suggests.

Codes and names are facts from the DISARM red framework (DISARM Foundation, release of November 2024, CC BY-SA 4.0);
the framework itself is not part of this project. Techniques whose names presume who is behind an account or why are
never suggested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAMES = {
    "T0015.001": "Use Existing Hashtag",
    "T0049": "Flood Information Space",
    "T0049.005": "Conduct Swarming",
    "T0084.001": "Use Copypasta",
    "T0115": "Post Content",
    "T0116": "Comment or Reply on Content",
    "T0118": "Amplify Existing Narrative",
    "T0119": "Cross-Posting",
    "T0119.002": "Post across Platform",
}
"""T-code to name."""

FLOOD_POSTS = 1_000
"""Joint posts from which a group is said to flood."""
SWARM_ACCOUNTS = 5
"""Members that reply to one target together, from which it is a swarm."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a group did jointly."""

    n_objects: Mapping[str, int]
    """Kind to joint objects."""
    n_posts: int
    widest: Mapping[str, int]
    """Kind to the most members on one object."""
    platforms: frozenset[str]


def suggest_techniques(behaviour: Behaviour) -> list[dict[str, str]]:
    """Return techniques that the behaviour alone justifies, with the reason, sorted by code."""
    n, widest = behaviour.n_objects, behaviour.widest
    reasons = {
        "T0015.001": f"used {n.get('hashtags', 0)} identical sequences of hashtags" if n.get("hashtags") else "",
        "T0049": f"{behaviour.n_posts} joint posts" if behaviour.n_posts >= FLOOD_POSTS else "",
        "T0049.005": f"{widest['reply']} members replied to one target together"
        if widest.get("reply", 0) >= SWARM_ACCOUNTS
        else "",
        "T0084.001": f"{widest['text']} members posted one text" if widest.get("text", 0) >= 3 else "",
        "T0115": "pushed links, texts or media in own posts" if n.keys() & {"link", "domain", "text", "media"} else "",
        "T0116": f"replied together to {n.get('reply', 0)} targets" if n.get("reply") else "",
        "T0118": f"reposted {n.get('repost', 0)} posts together" if n.get("repost") else "",
        "T0119": f"posted {n.get('text', 0)} texts from several accounts" if n.get("text", 0) >= 2 else "",
        "T0119.002": f"joint shares on {', '.join(sorted(behaviour.platforms))}"
        if len(behaviour.platforms) > 1
        else "",
    }
    return [{"id": code, "name": NAMES[code], "why": why} for code, why in sorted(reasons.items()) if why]
