"""Putting the end of the audit trail into every place: files, mail, a peer room. What a place lost is written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from dideban.errors import ConfigError, DidebanError, SourceError
from dideban.messages import Message, say
from dideban.room.audit.actions import record
from dideban.room.audit.anchors import START, Anchors, append, check_lines, make_line, places, read_anchors
from dideban.room.audit.models import AnchorPlace, AuditEvent, AuditHead
from dideban.room.fetch import Fetcher, FetchLimits

MAIL, PEER = "mail", "peer"
COUNT_EVERY = timedelta(days=1)
"""How often the trail itself says how many anchors there are."""
MAX_ANSWER = 4 * 1024 * 1024
MAX_PAGES = 200
LOST, COUNTED, RENEWED = "anchors.lose", "anchors.count", "anchors.renew"


def anchor(*, now: datetime | None = None) -> bool:
    """Put the end of the chain into every place of anchors; False where nothing was added to the chain since.

    Raises
    ------
    OSError, DidebanError
        A place cannot be reached; the others were.
    """
    now = now or timezone.now()
    _count(now)
    head = AuditHead.objects.filter(pk=1).first()
    if head is None or not head.seq:
        return False
    added, trouble = False, list[Exception]()
    for name, put in _ways(now).items():
        state, _ = AnchorPlace.objects.get_or_create(name=name)
        try:
            added |= put(state, head)
        except (OSError, DidebanError) as error:
            trouble.append(error)
            waits = state.waits_since or now
            AnchorPlace.objects.filter(pk=state.pk).update(waits_since=waits, error=str(error)[:500])
    if trouble:
        raise trouble[0]
    return added


def name_of(path: Path) -> str:
    """Return the name of a file of anchors; that of the data folder is the same wherever the folder lies."""
    return f"file:{path.name if path.parent == Path(settings.DATA) else path}"[:500]


def _ways(now: datetime) -> dict[str, Callable[[AnchorPlace, AuditHead], bool]]:
    def to_file(path: Path) -> Callable[[AnchorPlace, AuditHead], bool]:
        return lambda state, head: _to_file(path, state, head, now=now)

    ways = {name_of(path): to_file(path) for path in places()}
    if settings.ANCHOR_MAIL:
        ways[MAIL] = lambda state, head: _to_mail(state, head, now=now)
    if settings.ANCHOR_PEER:
        ways[PEER] = lambda state, head: _to_peer(state, head, now=now)
    return ways


def _to_file(path: Path, state: AnchorPlace, head: AuditHead, *, now: datetime) -> bool:
    found = read_anchors(path)
    if found.n_signed < state.n or (found.n_signed == state.n and state.n and found.mac != state.mac):
        _lost(state, found)
    added = append(path, seq=head.seq, head=head.hash)
    if added or state.n != found.n_signed:
        found = read_anchors(path)
        _arrived(state, seq=head.seq, n=found.n_signed, mac=found.mac, now=now)
    return added


def _lost(state: AnchorPlace, found: Anchors) -> None:
    """Say in the trail itself that a place has fewer anchors than were put there, or others."""
    with transaction.atomic():
        record(None, LOST, by=None, details={"place": found.name, "made": state.n, "found": found.n_signed})
        AnchorPlace.objects.filter(pk=state.pk).update(n=found.n_signed, mac=found.mac)


def _to_mail(state: AnchorPlace, head: AuditHead, *, now: datetime) -> bool:
    every = timedelta(hours=settings.ANCHOR_MAIL_HOURS)
    if head.seq == state.seq or (state.at is not None and timedelta(0) <= now - state.at < every):
        return False
    if not settings.HAS_MAIL:
        raise ConfigError("mail.no-server", hint="mail.set-server", key="DIDEBAN_ROOM_EMAIL_HOST")
    line = make_line(seq=head.seq, head=head.hash, n=state.n + 1, mac=state.mac)
    lang = settings.LANGUAGE_CODE
    told = Message("trail.mail", site=settings.SITE_URL, n=state.n + 1, seq=head.seq)
    subject = f"[Dideban] {say(Message('trail.mail-subject', n=state.n + 1), lang)}"
    EmailMessage(subject, f"{say(told, lang)}\n\n{line}\n", to=list(settings.ANCHOR_MAIL)).send()
    _arrived(state, seq=head.seq, n=state.n + 1, mac=line.split()[4], now=now)
    return True


def _to_peer(state: AnchorPlace, head: AuditHead, *, now: datetime) -> bool:
    if head.seq == state.seq:
        return False
    line = make_line(seq=head.seq, head=head.hash, n=state.n + 1, mac=state.mac)
    kept = _ask_peer("POST", body=line.encode("ascii"))
    parts = str(kept.get("line", "")).split()
    if len(parts) != 5 or parts[1] != head.hash or not parts[2].isdigit():
        raise SourceError("trail.peer-unread", url=settings.ANCHOR_PEER)
    _arrived(state, seq=head.seq, n=int(parts[2][:18]), mac=parts[4], now=now)
    return True


def _arrived(state: AnchorPlace, *, seq: int, n: int, mac: str, now: datetime) -> None:
    values = {"seq": seq, "n": n, "mac": mac, "at": now, "waits_since": None, "error": ""}
    AnchorPlace.objects.filter(pk=state.pk).update(**values)


def ask_peer() -> tuple[Anchors, int]:
    """Return the anchors that the peer keeps, and how many earlier series of them there are.

    Raises
    ------
    SourceError
        It cannot be asked.
    """
    lines, after, series = list[str](), 0, 1
    for _ in range(MAX_PAGES):
        page = _ask_peer("GET", after=after)
        more, number = page.get("lines"), page.get("series")
        if not isinstance(more, list) or not isinstance(number, int):
            raise SourceError("trail.peer-unread", url=settings.ANCHOR_PEER)
        series = number
        lines += [str(line)[:250] for line in more]
        after = len(lines)
        if not more or not page.get("more"):
            break
    return check_lines(PEER, lines), series - 1


def _ask_peer(method: str, *, body: bytes | None = None, after: int = 0) -> dict[str, Any]:
    limits = FetchLimits(allow_private=settings.ALLOW_PRIVATE_ADDRESSES, max_bytes=MAX_ANSWER, max_seconds=10.0)
    headers = {"Authorization": f"Bearer {settings.ANCHOR_PEER_TOKEN}", "Content-Type": "text/plain"}
    url = settings.ANCHOR_PEER + (f"?after={after}" if after else "")
    answer = Fetcher(limits).send(method, url, headers=headers, body=body)
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if answer.status != 200 or not isinstance(found, dict):
        raise SourceError("trail.peer-unread", url=url)
    return found


def _count(now: datetime) -> None:
    """Say once a day in the trail how many anchors each place has: who takes them away has to change that too."""
    made = dict(AnchorPlace.objects.filter(n__gt=0).values_list("name", "n"))
    first = AnchorPlace.objects.filter(n__gt=0).order_by("at").values_list("at", flat=True).first()
    last = AuditEvent.objects.filter(action__in=(COUNTED, RENEWED)).order_by("-seq").first()
    since = last.at if last is not None else AuditEvent.objects.order_by("seq").values_list("at", flat=True).first()
    if not made or first is None or since is None or now - since < COUNT_EVERY:
        return
    if last is not None and not AuditEvent.objects.filter(seq__gt=last.seq).exists():
        return  # the count itself is no news
    with transaction.atomic():
        record(None, COUNTED, by=None, details={"made": made})


def renew() -> list[Path]:
    """Start over in every place, after anchors were lost for a reason that is known; return where earlier files are.

    The trail says that this was done, and from when on it is vouched for.
    """
    moved = []
    stamp = timezone.now().strftime("%Y%m%dT%H%M%SZ")
    for path in places():
        if path.exists():
            moved.append(path.rename(path.with_name(f"{path.name}.until-{stamp}")))
    with transaction.atomic():
        record(None, RENEWED, by=None, details={"places": len(_ways(timezone.now()))})
        AnchorPlace.objects.update(seq=0, n=0, mac=START, at=None, waits_since=None, error="")
    return moved
