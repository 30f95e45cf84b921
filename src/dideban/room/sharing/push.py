"""Pushing to inboxes of peers: what stands in collections that name them, in order, each version until it is there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import orjson
from django.utils import timezone

from dideban.errors import DidebanError, InputError, SourceError
from dideban.exchange.stix.read import parse_bounded
from dideban.room.sharing.client import ACCEPT, FIRST_WAIT_S, LONGEST_WAIT_S, MAX_BYTES, headers_of
from dideban.room.sharing.models import Collection, Peer, Shelved
from dideban.room.sharing.shelf import MAX_PAGE, MAX_PAGE_BYTES, collections_of, readable
from dideban.room.sources.poll import fetcher

log = logging.getLogger("dideban.room.peers")
MOST_PUSHED = 10_000
"""Objects of one push: the next one goes on from there."""


def push_due() -> int:
    """Push to the peers that are due; return how many."""
    now = timezone.now()
    due = Peer.objects.filter(next_push_at__lte=now, is_paused=False).exclude(push_url="").select_related("room")[:20]
    for peer in due:
        try_push(peer)
    return len(due)


def try_push(peer: Peer) -> int:
    """Push, and note when to try again; return how many objects went. Trouble is noted, never raised."""
    now = timezone.now()
    try:
        n = push(peer)
    except DidebanError as error:
        log.warning("a push failed: %s", error, extra={"room": peer.room.slug})
        wait = min(FIRST_WAIT_S * 2 ** min(peer.n_push_fails, 12), LONGEST_WAIT_S)
        wait = max(wait, getattr(error, "retry_after_s", None) or 0)
        Peer.objects.filter(pk=peer.pk).update(
            push_trouble=error.message.to_dict(), n_push_fails=peer.n_push_fails + 1,
            next_push_at=now + timedelta(seconds=wait),
        )  # fmt: skip
        return 0
    Peer.objects.filter(pk=peer.pk).update(
        push_trouble={}, n_push_fails=0, next_push_at=now + timedelta(seconds=peer.pull_s)
    )
    return n


def push(peer: Peer) -> int:
    """Send what the peer has not been sent; return how many objects went.

    Raises
    ------
    SourceError
        The peer cannot be reached, or does not speak TAXII 2.1.

    Notes
    -----
    What was taken is noted page by page. A page whose answer was lost is sent again: a version is kept once.
    """
    n = 0
    for collection in collections_of(peer):
        if collection.is_inbox:
            continue
        for page in _pages(peer, collection):
            _post(peer, page)
            peer.pushed = {**peer.pushed, str(collection.pk): page[-1].seq}
            Peer.objects.filter(pk=peer.pk).update(pushed=peer.pushed)
            n += len(page)
            if n >= MOST_PUSHED:
                return n
    return n


def _pages(peer: Peer, collection: Collection) -> Iterator[list[Shelved]]:
    while True:
        after = peer.pushed.get(str(collection.pk), 0)
        page: list[Shelved] = []
        size = 0
        for row in readable(collection).filter(seq__gt=after)[:MAX_PAGE]:
            size += len(row.body.encode())
            if page and size > MAX_PAGE_BYTES:
                break
            page.append(row)
        if not page:
            return
        yield page


def _post(peer: Peer, page: list[Shelved]) -> None:
    """Send one page; objects that the peer refuses one by one are its own affair, and stand in its answer."""
    body = ('{"objects":[' + ",".join(row.body for row in page) + "]}").encode()
    headers = {**headers_of(peer), "Content-Type": ACCEPT}
    answer = fetcher(max_bytes=MAX_BYTES, pin=peer.pin).send(
        "POST", f"{peer.push_url}objects/", headers=headers, body=body
    )
    if "application/taxii+json" not in answer.headers.get("content-type", ""):
        raise SourceError("sharing.not-taxii", url=peer.push_url)
    content = parse_bounded(answer.body)
    if not isinstance(content, dict) or answer.status != 202:
        raise InputError("sharing.not-taken")
    if refused := content.get("failure_count"):
        log.warning("a peer refused %s of %s objects", orjson.dumps(refused).decode()[:20], len(page))
