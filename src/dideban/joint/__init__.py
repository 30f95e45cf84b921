"""Proof over several rooms: groups that no single room could prove, without a post leaving any of them."""

from typing import TYPE_CHECKING

from dideban.lazy import lazy_names

if TYPE_CHECKING:
    from dideban.joint.claims import HeardGroup, JointClaim, JointJudgement, claim_jointly, judge
    from dideban.joint.evidence import RoomShare, share_of
    from dideban.joint.ownership import assign_stretches
    from dideban.joint.propose import Candidate, find_candidates
    from dideban.joint.view import Cutting, RoomView, look

__all__ = [
    "Candidate",
    "Cutting",
    "HeardGroup",
    "JointClaim",
    "JointJudgement",
    "RoomShare",
    "RoomView",
    "assign_stretches",
    "claim_jointly",
    "find_candidates",
    "judge",
    "look",
    "share_of",
]  # fmt: skip

__getattr__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("HeardGroup", "JointClaim", "JointJudgement", "claim_jointly", "judge"), "claims"),
        **dict.fromkeys(("RoomShare", "share_of"), "evidence"),
        "assign_stretches": "ownership",
        **dict.fromkeys(("Candidate", "find_candidates"), "propose"),
        **dict.fromkeys(("Cutting", "RoomView", "look"), "view"),
    },
)
