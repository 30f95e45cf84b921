"""What an assistant may ask: what is new, a finding with its limits, narratives, posts. All read from the interface."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dideban.messages import languages
from dideban.room.mcp.untrusted import NOTICE, marked, marked_all

Ask = Callable[[str, dict[str, Any]], Any]
"""(path below the room, query) to the answer of the programming interface; only ever a GET."""
MOST = 50
MOST_HOURS = 24 * 31
NOT_SAID = (
    "It does not say who is behind the accounts, why they act, or that what they say is false.",
    "Coordination is often legitimate: a news wire, a declared campaign, fans. See explanations_checked.",
    "The error rate is the expected share of false findings in a list of such findings, not a probability of this one.",
)


class Tools:
    """The questions, over whatever asks the interface.

    Parameters
    ----------
    ask : function
        Asks the interface with the token of a member: its scopes and places bound every answer.
    """

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def whats_new(self, hours: int = 24) -> dict[str, Any]:
        """Say what is new: findings first seen, open alerts, narratives that burst.

        Parameters
        ----------
        hours : int
            How far to look back, 744 at most.
        """
        since = (datetime.now(UTC) - timedelta(hours=max(1, min(hours, MOST_HOURS)))).isoformat()
        groups = self.ask("/groups", {"lead": "false", "limit": MOST})["items"]
        alerts = self.ask("/alerts", {"open": "true", "limit": MOST})["items"]
        bursts = self.ask("/narratives", {"bursting": "true", "limit": 10})["items"]
        return _answer(
            since=since,
            findings=[_group(one) for one in groups if _after(one["first_found_at"], since)],
            open_alerts=[
                {"kind": one["kind"], "at": one["at"], "group": one["group"], "text": marked(one["text"])}
                for one in alerts
            ],
            bursting_narratives=[_narrative(one) for one in bursts],
        )

    def finding(self, number: int, language: str = "en") -> dict[str, Any]:
        """Return the statement of a finding, how sure it is, and what it does not say.

        Parameters
        ----------
        number : int
            The number of the finding in the room.
        language : str
            en, fa or ar.
        """
        group = self.ask(f"/groups/{_number(number)}", {})
        document = self.ask(f"/findings/{group['finding_id']}", {})["document"]
        verdicts = self.ask(f"/groups/{_number(number)}/verdicts", {})[:10]
        said = document.get("statement", {})
        return _answer(
            finding=_group(group, language=language),
            statement=marked(said.get(language if language in languages() else "en", "")),
            pushed=[marked(one.get("label") or one.get("id", "")) for one in document.get("objects", [])[:20]],
            explanations_checked=marked_all(document.get("benign", [])[:20]),
            limits=list(NOT_SAID),
            verdicts=[{"kind": one["kind"], "at": one["at"], "reason": marked(one["reason"])} for one in verdicts],
        )

    def past_periods(self, number: int = 0, limit: int = 10) -> dict[str, Any]:
        """Return the runs over past periods; with a number, what that run found. Each states its own error rate.

        Parameters
        ----------
        number : int
            The number of a run; 0 = list the runs.
        limit : int
            How many, 50 at most.
        """
        most = {"limit": max(1, min(limit, MOST))}
        if not number:
            return _answer(runs=self.ask("/past-runs", most)["items"])
        run = self.ask(f"/past-runs/{_number(number)}", {})
        groups = self.ask(f"/past-runs/{_number(number)}/groups", {"lead": "false", **most})["items"]
        return _answer(run=run, findings=[_group(one) for one in groups])

    def narratives(self, limit: int = 10) -> dict[str, Any]:
        """Return the narratives with most posts of the last day.

        Parameters
        ----------
        limit : int
            How many, 50 at most.
        """
        found = self.ask("/narratives", {"limit": max(1, min(limit, MOST))})["items"]
        return _answer(narratives=[_narrative(one) for one in found])

    def search_posts(
        self, text: str, since: str = "", until: str = "", place: str = "", language: str = "", limit: int = 20
    ) -> dict[str, Any]:
        """Search the posts that the token may see, the newest first.

        Parameters
        ----------
        text : str
            Words; in quotes they stand together, after a minus they must not occur.
        since, until : str
            Days such as 2026-11-29, or instants.
        place, language : str
            Short names; empty = any.
        limit : int
            How many, 50 at most.
        """
        query = {"text": text[:500], "since": since[:40], "until": until[:40], "place": place[:60],
                 "lang": language[:12], "limit": max(1, min(limit, MOST))}  # fmt: skip
        found = self.ask("/posts", {name: value for name, value in query.items() if value})
        return _answer(count=found["count"], posts=[_post(one) for one in found["items"]])


def _answer(**values: Any) -> dict[str, Any]:
    return {"notice": NOTICE, "is_untrusted": True, **values}


def _group(one: dict[str, Any], *, language: str = "en") -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: one[name] for name in ("number", "finding_id", "label", "method", "verdict") if name in one
    }
    figures = (
        "is_active",
        "error_rate",
        "n_accounts",
        "n_posts",
        "n_objects",
        "first_at",
        "last_at",
        "first_found_at",
        "past_run",
    )
    said = one.get("statement", {})
    return {
        **kept, **{name: one.get(name) for name in figures}, "places": marked_all(one.get("places", [])),
        "languages": marked_all(one.get("languages", [])),
        "statement": marked(said.get(language) or said.get("en", "")),
    }  # fmt: skip


def _narrative(one: dict[str, Any]) -> dict[str, Any]:
    names = ("number", "n_posts", "n_accounts", "recent", "first_at", "last_at", "burst_at", "share_proved")
    return {**{name: one.get(name) for name in names}, "terms": marked_all(one.get("terms", [])[:20])}


def _post(one: dict[str, Any]) -> dict[str, Any]:
    names = ("created_at", "reach")
    return {
        **{name: one.get(name) for name in names},
        **{name: marked_all(one.get(name)) for name in ("platform", "post_id", "account_id", "text", "urls", "lang",
                                                        "hashtags", "source", "place")},
    }  # fmt: skip


def _number(number: int) -> int:
    return max(0, min(int(number), 2**31 - 1))


def _after(text: str, since: str) -> bool:
    return datetime.fromisoformat(text) >= datetime.fromisoformat(since)
