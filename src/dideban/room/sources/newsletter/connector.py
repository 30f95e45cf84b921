"""Mails of a mailbox as posts of their senders: read over TLS, never marked as read, never deleted."""

from __future__ import annotations

import hashlib
import imaplib
import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from django.conf import settings as room_settings

from dideban.errors import SourceError
from dideban.room.fetch import checked_address
from dideban.room.reader.feeds import plain
from dideban.room.sources.contract import Ask, Collected

TIMEOUT_S = 20.0
MAX_MAILS = 100
MAX_BYTES = 2_000_000
MOST_HEAD = 64 * 1024
"""Bytes of the head of a mail; usual ones have ten thousand."""
MOST_FIELD = 8 * 1024
MOST_PARTS = 500
MOST_TAGS = 20_000
LOOK_BACK = timedelta(days=7)
ADDRESS = re.compile(r"https?://[^\s<>\"')\]]{4,1000}")


class Mailbox(imaplib.IMAP4_SSL):
    """A connection to the address that was checked, under the name that its certificate must carry."""

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        address = checked_address(self.host, self.port, allow_private=room_settings.ALLOW_PRIVATE_ADDRESSES)
        plain_socket = socket.create_connection((address, self.port), timeout)
        wrapped: ssl.SSLSocket = self.ssl_context.wrap_socket(plain_socket, server_hostname=self.host)
        return wrapped


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return mails newer than the last one seen.

    Raises
    ------
    SourceError
        The server cannot be reached, refuses the password, or has no such mailbox.
    """
    with _signed_in(settings) as box:
        valid = _select(box, settings.get("mailbox") or "INBOX")
        last = 0 if ask.is_test or ask.since or ask.state.get("valid") != valid else int(ask.state.get("last", 0))
        numbers = [n for n in _search(box, settings, ask, last) if n > last]
        wanted = numbers[-10:] if ask.is_test else numbers[:MAX_MAILS]
        records, n_odd = _records(box, wanted)
    state = {"valid": valid, "last": max([last, *wanted])}
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    answer = Collected(parts=[("mail.ndjson", lines.encode("utf-8", "replace"))] if records else [], state=state,
                       n_items=len(records))  # fmt: skip
    if n_odd:
        answer.faults["record-unreadable"] += n_odd
    return answer


@contextmanager
def _signed_in(settings: dict[str, Any]) -> Iterator[imaplib.IMAP4]:
    host, port = settings["mail_server"].strip(), int(settings.get("port") or 993)
    try:
        box = Mailbox(host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S)
    except (OSError, imaplib.IMAP4.error) as error:
        raise SourceError("room.mail-away", host=host[:100]) from error
    try:
        try:
            box.login(settings["user"], settings["token"])
        except (imaplib.IMAP4.error, UnicodeError) as error:
            raise SourceError("room.mail-password", permanent=True) from error
        yield box
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise SourceError("room.mail-odd") from error
    finally:
        with suppress(OSError):
            box.shutdown()


def _select(box: imaplib.IMAP4, name: str) -> str:
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "") + '"'
    status, _ = box.select(quoted, readonly=True)
    if status != "OK":
        raise SourceError("room.no-mailbox", permanent=True)
    found = box.response("UIDVALIDITY")[1]
    return str(found[0], "ascii", "replace")[:40] if found and found[0] else ""


def _search(box: imaplib.IMAP4, settings: dict[str, Any], ask: Ask, last: int) -> list[int]:
    since = (ask.since or ask.now - LOOK_BACK).strftime("%d-%b-%Y")
    asked = ["UID", f"{last + 1}:*"] if last else ["SINCE", since]
    sender = re.sub(r"[^\w.@+-]", "", str(settings.get("sender") or ""))
    if sender:
        asked += ["FROM", f'"{sender}"']
    _, found = box.uid("SEARCH", *asked)
    numbers = (found[0] or b"").split() if found else []
    return sorted(int(n) for n in numbers if n.isdigit() and len(n) < 12)


def _records(box: imaplib.IMAP4, numbers: list[int]) -> tuple[list[dict[str, Any]], int]:
    records, n_odd = [], 0
    for number in numbers:
        _, found = box.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
        body = next((part[1] for part in found if isinstance(part, tuple)), b"")
        try:
            record = None if _is_bomb(body) else _record(message_from_bytes(body, policy=policy.default))
        except Exception:  # a mail that the library stumbles over is one reject
            record = None
        n_odd += record is None
        records += [record] if record else []
    return records, n_odd


def _is_bomb(body: bytes) -> bool:
    """Whether a mail has more parts or longer heads than any letter: the library takes minutes for them."""
    end = min((at for mark in (b"\r\n\r\n", b"\n\n") if (at := body.find(mark)) >= 0), default=len(body))
    longest = max(map(len, re.split(rb"\r?\n(?![ \t])", body[: min(end, MOST_HEAD)])))
    return end > MOST_HEAD or longest > MOST_FIELD or body.count(b"\n--") > MOST_PARTS


def _record(mail: EmailMessage) -> dict[str, Any] | None:
    sender = parseaddr(str(mail.get("From", "")))[1].lower()
    part = mail.get_body(("plain", "html"))
    if "@" not in sender or part is None:
        return None
    content = str(part.get_content())
    if content.count("<") > MOST_TAGS:
        return None
    markup = content if part.get_content_type() == "text/html" else ""
    text = plain(content) if markup else content
    subject = " ".join(str(mail.get("Subject", "")).split())[:500]
    # The id of a mail may hold the address of its sender: ids of posts are kept as they are.
    key = str(mail.get("Message-ID") or "").strip("<> ") or f"{sender}{subject}{mail.get('Date')}"
    name = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
    urls = list(dict.fromkeys(ADDRESS.findall(markup or text)))[:50]
    return {
        "post_id": name, "account_id": sender, "platform": "email", "created_at": _time(mail).isoformat(),
        "text": f"{subject}\n{text}".strip()[:100_000], "urls": urls, "hashtags": [],
    }  # fmt: skip


def _time(mail: EmailMessage) -> datetime:
    at = parsedate_to_datetime(str(mail.get("Date")))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
