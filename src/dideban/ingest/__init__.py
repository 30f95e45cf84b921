"""Bytes to POSTS and REJECTS."""
