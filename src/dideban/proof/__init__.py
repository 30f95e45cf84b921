"""GROUPS and the traces that did not propose them to PROOFS."""

from dideban.proof.pairs import MAX_GROUPS, explain_groups, explain_pairs
from dideban.proof.prove import Proof, prove_groups
from dideban.proof.split import Split, make_splits
from dideban.proof.verify import stated_split, verify_proof
from dideban.proof.version import METHOD_VERSION

__all__ = [
    "MAX_GROUPS",
    "METHOD_VERSION",
    "Proof",
    "Split",
    "explain_groups",
    "explain_pairs",
    "make_splits",
    "prove_groups",
    "stated_split",
    "verify_proof",
]
