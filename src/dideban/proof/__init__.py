"""GROUPS and the traces that did not propose them to PROOFS."""

from dideban.proof.pairs import explain_pairs
from dideban.proof.prove import METHOD_VERSION, Proof, prove_groups
from dideban.proof.verify import verify_proof

__all__ = ["METHOD_VERSION", "Proof", "explain_pairs", "prove_groups", "verify_proof"]
