"""Measurements of proof over several rooms. Plain parameters in, plain data out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from dideban.joint.claims import JointClaim, claim_jointly
from dideban.joint.rehearsal import hear_all, lying
from dideban.joint.view import Cutting, RoomView, look
from dideban.proof import prove_groups
from dideban.simulate import CROWD_SETS, Plant, Stream, make_stream, split_stream
from dideban.validation.model import Result
from dideban.validation.streams import settings

N_ROOMS = 5
MOST_PROPOSALS = 40
"""Of each room."""
LIAR = "room-0"
"""Says of every group as much as it likes, where the same rooms are measured with one that lies."""
OVERLAPS = (0.0, 0.5, 1.0)
JOINT_PLANTS = tuple(
    Plant(n_accounts=size, n_operations=2 * N_ROOMS, jitter_s=40.0, others=40) for size in (6, 8, 12) for _ in range(2)
)
"""Two operations in each of five rooms, on objects that forty others share."""


def measure_joint(*, seed: int, overlap: float, crowds: str, planted: bool, **world: Any) -> Result:
    """Measure what five rooms prove together, what each of them proves alone, and who is wrongly named.

    Parameters
    ----------
    overlap : share, 0..1
        Objects that every room sees.
    crowds : str
        A set of crowds.
    planted : bool
        Whether JOINT_PLANTS act in the stream.
    """
    plants = JOINT_PLANTS if planted else ()
    stream = make_stream(seed=seed, crowds=CROWD_SETS[crowds], plants=plants, **world)
    parts = split_stream(stream, n_rooms=N_ROOMS, overlap=overlap, seed=seed)
    cutting = Cutting(seed=seed)
    views = {f"room-{i}": _look(part, cutting) for i, part in enumerate(parts)}
    heard = hear_all(views, most=MOST_PROPOSALS)
    claims = claim_jointly(heard, fdr=settings().fdr, n_rooms=N_ROOMS)
    said = claim_jointly(lying(heard, rooms=[LIAR]), fdr=settings().fdr, n_rooms=N_ROOMS)
    result = {"n_proposed": len(heard), **_score(claims, stream), "one_lies": _score(said, stream)}
    if planted and overlap == 1:  # every room sees the same
        result["alone"] = [_alone(parts[0])] * N_ROOMS
    elif planted:
        result["alone"] = [_alone(part) for part in parts]
    return result


def _look(part: Stream, cutting: Cutting) -> RoomView:
    return look(part.traces, objects=part.objects, moments=part.moments, cutting=cutting)


def _score(claims: Sequence[JointClaim], stream: Stream) -> Result:
    """Count claims and names; what has a common trigger for ordinary reasons is counted apart."""
    known = {
        kind: set(stream.truth.filter(pl.col("kind") == kind)["account_id"].to_list())
        for kind in stream.truth["kind"].unique().to_list()
    }
    planted = known.pop("plant", set())
    triggered = set().union(*known.values()) - planted
    named = {name for one in claims for name in one.named}
    return {
        "n_claims": len(claims),
        "n_named": len(named),
        "n_planted_named": len(named & planted),
        "n_triggered_named": len(named & triggered),
        "n_wrong": len(named - planted - triggered),
        "plants": [
            {"n": len(members), "named": max((len(set(one.named) & set(members)) for one in claims), default=0)}
            for _, members in _plants(stream)
        ],
    }


def _plants(stream: Stream) -> list[tuple[str, list[str]]]:
    found = stream.truth.filter(pl.col("kind") == "plant").group_by("group").agg("account_id")
    return sorted((str(group), list(members)) for group, members in found.iter_rows())


def _alone(part: Stream) -> list[int]:
    """Return of each plant the most members that the room names in one finding by itself."""
    proof = prove_groups(part.traces, objects=part.objects, moments=part.moments, config=settings(leads=False))
    groups = [set(one) for one in proof.groups.group_by("group_ix").agg("account_id")["account_id"].to_list()]
    return [max((len(one & set(members)) for one in groups), default=0) for _, members in _plants(part)]
