"""New posts of a Lemmy server or of one of its communities, in the shape the engine knows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dideban.room.sources.answers import collected, items_of, read_object
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.politeness import pause

PAGE, MAX_PAGES = 50, 6


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return posts that were not seen before; further pages are read until one is known.

    Raises
    ------
    SourceError
        The server does not answer, or answers something else.
    """
    base = settings["server"].rstrip("/")
    fixed: dict[str, Any] = {"sort": "New", "limit": PAGE, "type_": "Local" if settings.get("local_only") else "All"}
    if community := str(settings.get("community") or "").strip().lstrip("!"):
        fixed["community_name"] = community[:200]
    seen = set(ask.state.get("seen", []))
    records: list[tuple[str, dict[str, Any]]] = []
    for number in range(1, 2 if ask.is_test or not seen else MAX_PAGES + 1):
        pause(base)
        answer = read_object(ask.fetcher.get(f"{base}/api/v3/post/list?{urlencode({**fixed, 'page': number})}"))
        page = [(_name(one), one) for one in items_of(answer, "posts")]
        records += page
        if not page or any(name in seen for name, _ in page):
            break
    return collected("lemmy.ndjson", records, state=ask.state, is_all=ask.is_test)


def _name(view: dict[str, Any]) -> str:
    post = view.get("post")
    return str((post or {}).get("ap_id") or (post or {}).get("id"))[:300] if isinstance(post, dict) else ""
