"""Newsletters in a mailbox: settings and abilities."""

from __future__ import annotations

from dideban.room.sources.contract import Field, SourceType

TYPE = SourceType(
    fields=(
        Field(name="mail_server", kind="text", required=True), Field(name="port", kind="number", default=993),
        Field(name="user", kind="text", required=True), Field(name="token", kind="secret", required=True),
        Field(name="mailbox", kind="text", default="INBOX"), Field(name="sender", kind="text"),
    ),
    is_polled=True, can_test=True, can_look_back=True,
)  # fmt: skip
