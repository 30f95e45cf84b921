"""A line of the log for anyone who signs in or out, or fails to: numbers of members, never what was typed."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

log = logging.getLogger("dideban.room.sign_in")


def start() -> None:
    """Listen to what Django tells."""
    user_logged_in.connect(_signed_in, dispatch_uid="dideban-signed-in")
    user_logged_out.connect(_signed_out, dispatch_uid="dideban-signed-out")
    user_login_failed.connect(_failed, dispatch_uid="dideban-sign-in-failed")


def _signed_in(sender: Any, user: Any, **others: Any) -> None:
    log.info("signed in", extra={"member": user.pk})


def _signed_out(sender: Any, user: Any, **others: Any) -> None:
    log.info("signed out", extra={"member": getattr(user, "pk", None)})


def _failed(sender: Any, **others: Any) -> None:
    log.info("sign-in failed")  # the name may be a password in the wrong field
