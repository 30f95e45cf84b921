"""Runs over past periods as plain data for programs."""

from __future__ import annotations

from typing import Any

from dideban.room.access import Access
from dideban.room.findings.models import FollowedGroup
from dideban.room.past.models import PastRun


def plain_period(group: FollowedGroup) -> dict[str, Any] | None:
    """Return the past period whose run found a group; None = the watch found it. No query."""
    run = group.past_run
    return None if run is None else {"run": run.number, "since": run.since, "until": run.until}


def plain_run(access: Access, run: PastRun) -> dict[str, Any]:
    """Return a run. No query; counts of the whole room are not for a member limited to places."""
    counts = {"n_posts": run.n_posts, "n_findings": run.n_findings, "n_leads": run.n_leads}
    return {
        "number": run.number, "since": run.since, "until": run.until, "status": run.status, "asked_at": run.asked_at,
        "finished_at": run.finished_at, "error_rate": run.stated_rate,
        "method_version": str(run.record.get("method_version", "")), "config_digest": run.config_digest,
        **(dict.fromkeys(counts) if access.is_limited else counts),
    }  # fmt: skip
