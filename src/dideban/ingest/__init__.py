"""Bytes to POSTS and REJECTS."""

from dideban.ingest.keys import load_key, pseudonym
from dideban.ingest.shares import read_shares

__all__ = ["load_key", "pseudonym", "read_shares"]
