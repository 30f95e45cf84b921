"""The resultant: one page of what the rooms of a federation prove together, and what each of them said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dideban.joint.claims import JointClaim, alone
from dideban.joint.record import EpochRecord
from dideban.proof.hypotheses import MEMBER_SHARE
from dideban.report.page import fill_page

MOST_SHOWN = 100
SPEAKS = math.log(2.0)
"""A room speaks for a group from evidence of 2 to 1 on, and against it from 1 to 2."""
MOST_TIMES = 10**12


def render_federation(record: EpochRecord, *, version: str = "") -> str:
    """Return the page of an epoch as self-contained HTML, in every language.

    Parameters
    ----------
    record : EpochRecord
        Done: whoever holds it gets the same page.

    Raises
    ------
    InputError
        Rooms may still answer.
    """
    claims = record.claims()
    return fill_page(
        "federation.html",
        lambda: {
            "title": record.charter.federation,
            "version": version,
            "rooms": list(record.charter.rooms.values()),
            "n_proposals": len(record.proposals),
            "n_messages": len(record.messages),
            "claims": [claim_facts(record, one) for one in claims[:MOST_SHOWN]],
        },
    )


def claim_facts(record: EpochRecord, claim: JointClaim) -> dict[str, Any]:
    """Return what the record says of a claim, in whole numbers for people."""
    single = alone(claim.heard)
    owners, states = record.owners(claim.heard.proposal), record.state_of(claim.heard.proposal)
    proposals = sum(one.room == claim.heard.proposer for one in record.proposals.values())
    needed = len(record.charter.rooms) * proposals / ((1 - MEMBER_SHARE) * record.charter.fdr)
    return {
        "n_named": len(claim.named),
        "n_asked": len(claim.heard.names),
        "proposer": record.charter.rooms[claim.heard.proposer],
        "together": _times(claim.judged.all_rooms),
        "without": _times(claim.judged.log_e),
        "strongest": _times(max(single.values(), default=0.0)),
        "needed": round(needed),
        "rooms": [
            {
                "name": name,
                "state": states[room],
                "n_owned": len(owners.get(room, ())),
                "side": _side(single.get(room)),
                "n_members": _n_members(claim, room),
            }
            for room, name in record.charter.rooms.items()
        ],
    }


def _times(log_e: float) -> int:
    """Return how many to one evidence is, whole, cut where nobody counts any more."""
    return min(round(math.exp(min(max(log_e, 0.0), 50.0))), MOST_TIMES)


def _side(log_e: float | None) -> str:
    if log_e is None or abs(log_e) < SPEAKS:
        return "nothing"
    return "for" if log_e > 0 else "against"


def _n_members(claim: JointClaim, room: str) -> int:
    """Return of how many named members a room has evidence of 2 to 1."""
    share = claim.heard.shares.get(room)
    if share is None:
        return 0
    named = np.isin(np.array(claim.heard.names), np.array(claim.named))
    most = share.members[:, named, 0].max(axis=(0, 2))
    return int((most >= SPEAKS).sum())
