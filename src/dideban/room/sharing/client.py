"""Pulling collections of peers: page by page, bounded, and never faster than they allow."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone

from dideban.errors import DidebanError, InputError, SourceError
from dideban.exchange.stix.read import TIME, parse_bounded
from dideban.room.sharing.inbox import take_in
from dideban.room.sharing.models import Peer
from dideban.room.sources.poll import fetcher

log = logging.getLogger("dideban.room.peers")
ACCEPT = "application/taxii+json;version=2.1"
PAGE = 100
MOST_PAGES = 2_000
"""Of one pull: the next one goes on from there."""
MAX_BYTES = 10_000_000
MOST_BYTES = 200_000_000
"""Of one pull."""
LONGEST_WAIT_S = 86_400
FIRST_WAIT_S = 300
MAX_CHARS = 500


def pull_due() -> int:
    """Pull from the peers that are due; return how many."""
    now = timezone.now()
    due = Peer.objects.filter(Q(next_pull_at__lte=now), is_paused=False).exclude(url="").select_related("room")[:20]
    for peer in due:
        try_pull(peer)
    return len(due)


def try_pull(peer: Peer) -> int:
    """Pull, and note when to try again; return how many objects came. Trouble is noted, never raised."""
    now = timezone.now()
    try:
        n, to = pull(peer)
    except DidebanError as error:
        log.warning("a pull failed: %s", error, extra={"room": peer.room.slug})
        wait = min(FIRST_WAIT_S * 2 ** min(peer.n_fails, 12), LONGEST_WAIT_S)
        asked = getattr(error, "retry_after_s", None) or 0
        Peer.objects.filter(pk=peer.pk).update(
            trouble=error.message.to_dict(), n_fails=peer.n_fails + 1, pulled_at=now,
            next_pull_at=now + timedelta(seconds=max(wait, asked)),
        )  # fmt: skip
        return 0
    Peer.objects.filter(pk=peer.pk).update(
        trouble={}, n_fails=0, pulled_at=now, pulled_to=to, next_pull_at=now + timedelta(seconds=peer.pull_s)
    )
    return n


def pull(peer: Peer) -> tuple[int, str]:
    """Return how many objects came, and when the last of them was added there.

    Raises
    ------
    SourceError
        The peer cannot be reached, does not speak TAXII 2.1, or leads in circles.
    InputError
        A page is too large or too deep.

    Notes
    -----
    Pages follow ``next`` alone, never dates: a server may give one date to many objects.
    """
    n, to, after, n_bytes = 0, peer.pulled_to, "", 0
    for _ in range(MOST_PAGES):
        query = {"limit": PAGE, **({"added_after": peer.pulled_to} if peer.pulled_to else {})}
        if after:
            query["next"] = after
        answer = fetcher(max_bytes=MAX_BYTES, pin=peer.pin).get(
            f"{peer.url}objects/?{urlencode(query)}", headers=headers_of(peer)
        )
        content = _content(answer.body, answer.headers, peer.url)
        if answer.tls_key and answer.tls_key != peer.seen_key:
            peer.seen_key = answer.tls_key
            Peer.objects.filter(pk=peer.pk).update(seen_key=answer.tls_key)
        if content.get("objects"):
            n += take_in(peer.room, answer.body, peer=peer).n_objects
        last = answer.headers.get("x-taxii-date-added-last", "")
        to = max(to, last) if TIME.match(last) and last <= _latest() else to
        before, after = after, str(content.get("next", ""))[:MAX_CHARS] if content.get("more") is True else ""
        if not after:
            return n, to
        if after == before:
            raise SourceError("sharing.peer-circles", url=peer.url)
        n_bytes += len(answer.body)
        if n_bytes > MOST_BYTES:
            break
    return n, _just_before(to) or peer.pulled_to


def _just_before(added: str) -> str:
    """Return the instant before a time of adding: others may share it, and what is known already is kept once."""
    try:
        at = datetime.fromisoformat(added) - timedelta(microseconds=1)
    except ValueError:
        return ""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _latest() -> str:
    """Return the latest time that is believed: a peer cannot put us off for ever."""
    return (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def headers_of(peer: Peer) -> dict[str, str]:
    """Return what a request to a peer carries."""
    headers = {"Accept": ACCEPT}
    if peer.their_token:
        headers["Authorization"] = f"Bearer {peer.their_token}"
    return headers


def _content(body: bytes, headers: dict[str, str], url: str) -> dict[str, Any]:
    if "application/taxii+json" not in headers.get("content-type", ""):
        raise SourceError("sharing.not-taxii", url=url)
    content = parse_bounded(body) if body.strip() else {}
    if not isinstance(content, dict):
        raise InputError("stix.not-bundle")
    return content
