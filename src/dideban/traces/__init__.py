"""POSTS to TRACES, one module per object kind."""
