"""TRACES to EDGES: the threshold rule, the rules of two peers, the synchrony test of pairs."""
