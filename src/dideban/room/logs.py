"""One JSON object per log line, without secrets."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

SECRET = re.compile(
    r"(?i)(\bdb[a-z]_[A-Za-z0-9_-]{6})[A-Za-z0-9_-]+|((?:token|key|password|secret|sessionid|csrftoken)=)[^&\s\"']+"
    r"|(\bbearer\s+)[^\s\"']+|(://[^/\s:@]*:)[^\s]+(?=@)|(/password/reset/key/)[^/\s\"']+"
)
OWN = {"event", "room", "source", "seconds", "status", "method", "path", "member", "n", "reason"}


def hide_secrets(text: str) -> str:
    """Replace tokens, passwords and keys in a text by three dots.

    Examples
    --------
    >>> hide_secrets("GET /feed?token=abc&page=2")
    'GET /feed?token=...&page=2'
    """
    return SECRET.sub(lambda match: "".join(part for part in match.groups() if part) + "...", text)


class HideSecrets(logging.Filter):
    """Take secrets out of a record before any handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Render the message once, without secrets; keep every record."""
        record.msg, record.args = hide_secrets(record.getMessage()), None
        return True


class JsonFormatter(logging.Formatter):
    """Write a record as one JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide_secrets(record.getMessage()),
        }
        for name in OWN:
            if (value := record.__dict__.get(name)) is not None:
                entry[name] = hide_secrets(value) if isinstance(value, str) else value
        if record.exc_info:
            entry["trace"] = hide_secrets(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str)
