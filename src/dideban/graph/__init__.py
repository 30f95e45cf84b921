"""Graphs as arrays: components, cores, Leiden, deterministic layout."""
