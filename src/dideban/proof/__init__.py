"""GROUPS and the traces that did not propose them to PROOFS."""
