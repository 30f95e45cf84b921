"""Responses, effects and lots as plain data, for programs and files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dideban.messages import Message, describe
from dideban.room.responses.further import messages_of
from dideban.room.responses.models import EffectPool, EffectRun, FurtherRun, Lot, Response
from dideban.room.responses.plans import target_name

FIGURES = (
    "posts", "expected", "reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma", "placebo_p", "life_share",
)  # fmt: skip
FURTHER = ("posts", "gone", "expected", "reduction", "low", "high", "p_fewer", "p_more")


def plain_response(one: Response, run: EffectRun | None, *, has_target: bool, now: datetime) -> dict[str, Any]:
    """Return a response; the target only where it may be seen. No query."""
    return {
        "response": one.number, "case": one.case.number, "kind": one.kind, "title": one.title,
        "target": target_name(one) if has_target else "", "outcome": one.outcome, "horizon_h": one.horizon_h,
        "state": str(one.state(now)), "planned_at": one.planned_at, "plan_digest": one.plan_digest, "at": one.at,
        "url": one.url, "language": one.language, "lot": one.lot.number if one.lot else None, "drawn": one.is_drawn,
        "effect": plain_effect(run) if run is not None else None,
    }  # fmt: skip


def plain_effect(run: EffectRun) -> dict[str, Any]:
    """Return what was estimated for a response."""
    reasons = [Message(reason["code"], **reason["values"]) for reason in run.reasons]
    return {
        "version": run.version, "at": run.at, "identifiable": not reasons, "drawn": run.drawn,
        "reasons": [describe(reason) for reason in reasons], "n_controls": run.n_controls,
        **{name: getattr(run, name) for name in FIGURES}, "digest": run.digest,
        "further": [plain_further(one) for one in run.further.all()],
    }  # fmt: skip


def plain_further(one: FurtherRun) -> dict[str, Any]:
    """Return whether activity moved, or whether posts are gone, after one response."""
    return {
        "what": one.what, "identifiable": not one.reasons,
        "reasons": [describe(reason) for reason in messages_of(one.reasons)],
        "statements": [describe(line) for line in messages_of(one.said)],
        **{name: getattr(one, name) for name in FURTHER},
    }  # fmt: skip


def plain_pool(pool: EffectPool) -> dict[str, Any]:
    """Return a pooled effect."""
    names = (
        "kind", "split", "value", "outcome", "horizon_h", "drawn", "version", "at", "n", "reduction", "low", "high",
        "p_fewer", "p_more",
        "e_value", "gamma", "n_needed",
    )  # fmt: skip
    further = [
        {"what": one.what, "n": one.n, "statements": [describe(line) for line in messages_of(one.said)],
         **{name: getattr(one, name) for name in FURTHER}}
        for one in pool.further.all()
    ]  # fmt: skip
    return {name: getattr(pool, name) for name in names} | {"further": further}


def plain_lot(lot: Lot) -> dict[str, Any]:
    """Return a lot with what a stranger needs to draw again."""
    return {
        "lot": lot.number, "case": lot.case.number, "narratives": lot.names, "kind": lot.kind,
        "horizon_h": lot.horizon_h, "chain_seq": lot.chain_seq, "chain_hash": lot.chain_hash, "seed": lot.seed,
        "drawn": lot.drawn.number if lot.drawn else None, "at": lot.at, "refused_at": lot.refused_at,
    }  # fmt: skip
