"""The text of an article from its page."""

from __future__ import annotations


def article(body: bytes) -> str:
    """Return the text of an article; empty where there is none."""
    import trafilatura

    text = trafilatura.extract(body.decode("utf-8", "replace"), include_comments=False, include_tables=False)
    return text or ""
