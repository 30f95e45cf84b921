"""English sentences of a statement."""

from __future__ import annotations

from typing import Protocol

from dideban.kinds import kind_of

Pushes = list[tuple[str, list[str]]]
"""(duration in words, what was pushed within it) for every window."""


class Words(Protocol):
    """What a language module offers; the modules ``words_en``, ``words_fa`` and ``words_ar`` follow it."""

    LEAD: str
    LEAD_REASONS: dict[str, str]
    NO_RATE: str
    CLOSING: str
    LABELS: dict[str, str]

    def number(self, value: float) -> str:
        """Write a number with the digits and separators of the language."""

    def duration(self, seconds: float) -> str:
        """Write a length of time."""

    def push(self, kind: str, n: int) -> str:
        """Say what was done with ``n`` objects of a kind."""

    def acts(self, n_accounts: int, pushes: Pushes) -> str:
        """Say who did what, how closely."""

    def chance(self, kind: str | None, tries: int) -> str:
        """Say how rare it is by chance."""

    def wrong(self, k: int, n: int) -> str:
        """Say how many findings of the list are wrong."""

    def rule(self, method: str, min_weight: int, window: str) -> str:
        """Say which fixed rule made the list."""


_KINDS = {
    "link": ("shared", "link", "links", ""),
    "domain": ("linked to", "website", "websites", ""),
    "repost": ("reposted", "post", "posts", ""),
    "text": ("posted", "text", "texts", " (word for word or nearly so)"),
    "hashtags": ("used", "sequence of hashtags", "sequences of hashtags", ""),
    "media": ("posted", "picture or video", "pictures or videos", ""),
    "reply": ("replied to", "post or account", "posts or accounts", ""),
    "contact": ("gave", "contact", "contacts", " (what to buy, call, join, write to or pay)"),
    "object": ("shared", "object", "objects", ""),
}
_METHODS = {
    "threshold": "the threshold rule",
    "coortweet": "the threshold rule as CooRTweet computes it",
    "qut": "the threshold rule as the QUT toolkit computes it",
}

LEAD = (
    "This is a lead, not a proved finding: the evidence is weaker than the error rate stated for the findings. "
    "Check it by hand."
)
LEAD_REASONS = {
    "own": (
        "Hardly anybody else shared these objects, so there is nobody to compare these accounts with; the lead rests "
        "on objects like these being taken up less quickly elsewhere."
    ),
    "source": (
        "Most of these objects come from a single source, which sets the time for whoever follows it: programs that "
        "pass on a feed look like this."
    ),
}
NO_RATE = (
    "This rule has no stated error rate: it flags accounts that merely agree as well as accounts that act in concert."
)
CLOSING = "Acting in concert is often legitimate; this does not say who is behind it, or why."
LABELS = {
    "unexplained": "",
    "declared": "A declared owner connects all of these accounts.",
    "contradicts-declared": "These accounts are declared as belonging to different owners.",
}


def number(value: float) -> str:
    """Write a number: 20,000 or 2.5."""
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def duration(seconds: float) -> str:
    """Write a length of time: 60 seconds, 1 day."""
    count, unit = split_duration(seconds)
    return f"{number(count)} {unit}{'' if count == 1 else 's'}"


def push(kind: str, n: int) -> str:
    """Say what was done with ``n`` objects of a kind: shared 31 of the same links."""
    verb, one, many, note = _KINDS[kind_of(kind).says]
    return f"{verb} the same {one}{note}" if n == 1 else f"{verb} {number(n)} of the same {many}{note}"


def acts(n_accounts: int, pushes: Pushes) -> str:
    """Say who did what, how closely."""
    done = " and ".join(f"{' and '.join(what)} within {window} of each other" for window, what in pushes)
    return f"These {number(n_accounts)} accounts {done}, at least two of them each time."


def chance(kind: str | None, tries: int) -> str:
    """Say how rare it is by chance."""
    verb, _, many, _ = _KINDS[kind_of(kind).says if kind else "object"]
    return (
        f"Among others who {verb} those {many} in the same hours, this closeness would come about by chance "
        f"less than once in {number(tries)} tries."
    )


def wrong(k: int, n: int) -> str:
    """Say how many findings of the list are wrong."""
    findings = f"{number(k)} finding{'' if k == 1 else 's'} in {number(n)} of this list {'is' if k == 1 else 'are'}"
    return f"At most about {findings} expected to be wrong."


def rule(method: str, min_weight: int, window: str) -> str:
    """Say which fixed rule made the list."""
    if method != "threshold":
        return f"The group is listed by {_METHODS[method]}, with a window of {window}."
    objects = f"{number(min_weight)} object{'' if min_weight == 1 else 's'}"
    return (
        f"The group is listed by {_METHODS[method]}: pairs of accounts that shared {objects} or more within {window}."
    )


def split_duration(seconds: float) -> tuple[float, str]:
    """Return a length of time as a count and a unit (``second``, ``minute``, ``hour``, ``day``) that people would use.

    Examples
    --------
    >>> split_duration(60.0), split_duration(600.0), split_duration(7200.0), split_duration(86400.0)
    ((60.0, 'second'), (10.0, 'minute'), (2.0, 'hour'), (1.0, 'day'))
    """
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0 and seconds > (60 if unit == "minute" else 0):
            return seconds / length, unit
    return seconds, "second"
