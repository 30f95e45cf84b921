"""LINE: the text that the app writes of a chat. Days stand on lines of their own, above their messages."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from dideban.config import IngestConfig
from dideban.ingest import notes as said
from dideban.ingest.encoding import Decoded
from dideban.ingest.format import Shape
from dideban.ingest.model import Block
from dideban.ingest.sources import whatsapp

COLUMNS = ("line_time", "line_name", "line_text", "line_file")
_HEAD = re.compile(r"^[\ufeff\s]*\[LINE\] ")
_DAY = re.compile(r"^(\d{4})[./年] ?(\d{1,2})[./月] ?(\d{1,2})[日.]?\s?[(（]?\D{0,12}$")
_WESTERN_DAY = re.compile(r"^([A-Za-z]{3}), (\d{1,2})/(\d{1,2})/(\d{4})$")
_MESSAGE = re.compile(
    r"^(上午|下午|午前|午後|오전|오후)? ?(\d{1,2}:\d{2})[ \u202f]?([AaPp][Mm])?\t([^\t]*)\t?(.*)$", re.DOTALL
)
_QUOTED = r'(?s)^"(.*\n.*)"$'
"""What stands around a message of several lines."""
_AFTERNOON = ("下午", "午後", "오후")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def is_chat(head: str) -> bool:
    """Whether a text begins as a chat of LINE does."""
    return bool(_HEAD.match(head)) and any(map(_MESSAGE.match, head.splitlines()[:200]))


@dataclass
class LineReader:
    """Reads such a text: its lines are written as those of WhatsApp, with the day in each."""

    day: str = ""

    def read(self, text: Decoded, *, config: IngestConfig) -> Iterator[Block]:
        """Yield the messages of a chat."""
        reader = whatsapp.ChatReader({}, rewrite=LineReader().rewrite)
        names = dict(zip(whatsapp.COLUMNS, COLUMNS, strict=True))
        for block in reader.read(text, config=config):
            frame = block.frame.rename(names)
            yield dataclasses.replace(block, frame=frame.with_columns(pl.col("line_text").str.replace(_QUOTED, "$1")))

    def rewrite(self, line: str) -> str | None:
        """Return a line with its day, or None for what is no part of a message."""
        if day := _day_of(line):
            self.day = day
            return None
        if not self.day:  # the title and when it was saved
            return None
        found = _MESSAGE.match(line)
        if not found:
            return line
        half = found[3] or ("" if not found[1] else "PM" if found[1] in _AFTERNOON else "AM")
        name = found[4].replace(":", "\u2236")  # a colon ends the name in the other form
        said_by = f"{name}: {found[5]}" if name else found[5]
        return f"[{self.day} {found[2]} {half}] {said_by}".replace(" ]", "]")


def _day_of(line: str) -> str:
    line = line.strip()
    if found := _DAY.match(line):
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    if found := _WESTERN_DAY.match(line):
        a, b, year = int(found[2]), int(found[3]), int(found[4])
        days = [(month, day) for month, day in ((a, b), (b, a)) if _is_on(year, month, day, found[1])]
        month, day = days[0] if days else (a, b)
        return f"{year}-{month:02d}-{day:02d}"
    return ""


def _is_on(year: int, month: int, day: int, weekday: str) -> bool:
    """Whether a date is and falls on the day of the week that is written beside it."""
    try:
        return _WEEKDAYS[date(year, month, day).weekday()] == weekday.title()
    except ValueError:
        return False


LINE = Shape(
    name="line",
    platform="line",
    columns=lambda names: names == frozenset(COLUMNS),
    mapping={"account_id": "line_name", "created_at": "line_time", "text": "line_text", "media": "line_file"},
    notes=(said.WHATSAPP_NAMES,),
)
