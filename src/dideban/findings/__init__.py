"""PROOFS to FINDINGS: what is claimed, how sure, in plain words."""
