"""One made-up server in place of all platforms, and what a Telegram channel looks like there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.room.sources.poll import poll
from dideban.room.wording.problems import said
from room.sources.helpers import again

NOW = datetime.now(UTC).replace(microsecond=0)


def follow(room: Room, kind: str, **settings: Any) -> Source:
    return again(add_source(room, kind=kind, name=kind, settings=settings, by=None))


def trouble(source: Source) -> str:
    return said(poll(source).error)


def message(n: int, text: str = "Wheat in field", **more: str) -> str:
    at = (NOW - timedelta(hours=1) + timedelta(minutes=n)).isoformat()
    forward = f'<a class="tgme_widget_message_forwarded_from_name" href="{more["forward"]}">X</a>' if more else ""
    return (
        f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="example_news/{n}">{forward}'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text} <b>{n}</b><br>see '
        f'<a href="https://x.example/{n}">here</a> #harvest</div><span class="tgme_widget_message_views">1.2K</span>'
        f'<a class="tgme_widget_message_date" href="#"><time datetime="{at}"></time></a></div></div>'
    )


def view(*messages: str) -> bytes:
    head = '<html><div class="tgme_channel_info"></div><section class="tgme_channel_history">'
    return f"{head}{''.join(messages)}</section></html>".encode()
