"""WhatsApp: the text that the app writes of a chat, in whatever language it speaks."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from dideban.config import IngestConfig
from dideban.ingest import notes as said
from dideban.ingest.day_order import LEAST_DAYS, NEARER
from dideban.ingest.encoding import Decoded
from dideban.ingest.format import Shape
from dideban.ingest.model import ROW, Block
from dideban.ingest.records import lines_of
from dideban.ingest.time_styles import DIGITS

COLUMNS = ("chat_time", "chat_name", "chat_text", "chat_file")
_D = "[0-9۰-۹٠-٩]"
_B = "[\u200e\u200f\u061c]*"
"""Marks of direction, which telephones put between the parts of a date."""
_HALF = r"[AaPp]\.?\s?[Mm]\.?|م|ص|ق\.\s?ظ\.?|ب\.\s?ظ\.?|ÖÖ|ÖS"
_LINE = re.compile(
    rf"^[\u200e\u200f\ufeff\s]*(\[)?({_D}{{1,4}}){_B}([./-]){_B}({_D}{{1,2}}){_B}[./-]{_B}({_D}{{1,4}})[,،]?[\s\u200e\u200f]+"
    rf"({_D}{{1,2}}[:.]{_D}{{2}}(?:[:.]{_D}{{2}})?)[\s\u202f]*({_HALF})?[\s\u200e\u200f]*"
    r"(?:\]|\s[-–]\s|(?=<[^<>\s]{1,60}> ))(.*)$"
)
_NAMED = re.compile(r"^[\u200e\u200f\s]*([^:\n]{1,80}?)[\u200e\u200f]*:[ \u200e\u200f](.*)$", re.DOTALL)
_NICK = re.compile(r"^\s*<([^<>\s]{1,60})> (.*)$", re.DOTALL)
"""How logs of IRC name who speaks."""
_FILE = re.compile(r"^\u200e?(\S[^\n<>]*\.[A-Za-z0-9]{2,5}) \([^()]{3,30}\)$|^\u200e?<[^<>:]{2,30}: ([^<>]+)>$")
_LEFT_OUT = re.compile(r"^\u200e?<[^<>]{3,40}>$|^\u200e[^\n]{3,40}$")
_EDITED = re.compile(r"\s?\u200e?<[^<>\n]{5,40}>$")
_DIGITS = str.maketrans(DIGITS)
_ROWS = 50_000


@dataclass(frozen=True)
class _Style:
    """How one telephone writes dates."""

    bracket: bool
    half: bool
    separator: str
    year_digits: int


@dataclass
class ChatReader:
    """Reads lines of a chat; the order of day and month is settled from its beginning."""

    day_first: dict[_Style, bool]
    rewrite: Callable[[str], str | None] | None = None
    """Writes the lines of another program as WhatsApp would; None = the line is no part of a message."""

    @classmethod
    def for_head(cls, head: str) -> ChatReader:
        """Settle how dates are written."""
        dates: dict[_Style, list[tuple[int, int, int]]] = {}
        western = False
        for line in head.splitlines():
            if found := _LINE.match(line):
                style, parts = _date(found)
                western = western or bool(re.match(r"[AaPp]", found[7] or ""))
                if style.year_digits != 40:
                    dates.setdefault(style, []).append(parts)
        return cls({style: _is_day_first(style, parts, western=western) for style, parts in dates.items()})

    def read(self, text: Decoded, *, config: IngestConfig) -> Iterator[Block]:
        """Yield the messages of a chat."""
        chat = _Chat(self)
        for line in lines_of(text.blocks(), max_line=config.max_field_bytes):
            chat.add(line)
            if len(chat.rows) >= _ROWS:
                yield chat.take()
        chat.close()
        yield chat.take()

    def time_of(self, found: re.Match[str]) -> str:
        """A time as year, month, day and time of day."""
        style, (a, b, c) = _date(found)
        if style.year_digits == 40:
            year, month, day = a, b, c
        else:
            day, month = (a, b) if (self.day_first.get(style, True) and b <= 12) or a > 12 else (b, a)
            year = c if c > 99 else 2000 + c
        half = {"م": "PM", "ب": "PM", "ÖS": "PM", "ص": "AM", "ق": "AM", "ÖÖ": "AM"}
        mark = found[7] or ""
        told = half.get(mark[:2], half.get(mark[:1], mark.replace(".", "").replace(" ", "").upper()))
        clock = found[6].translate(_DIGITS).replace(".", ":")
        return f"{year:04d}-{month:02d}-{day:02d} {clock} {told}".strip()


@dataclass
class _Chat:
    reader: ChatReader
    rows: list[tuple[str | None, str, str | None, str | None, int]] = field(default_factory=list)
    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    n: int = 0
    time: str = ""
    held: list[str] = field(default_factory=list)

    def add(self, raw: bytes | None) -> None:
        """Take a line: a new message, or more of the last one."""
        if raw is None:
            self.n += 1
            self.rejects.append((self.n, "", "field-too-large", ""))
            return
        try:
            line = raw.decode("utf-8").rstrip("\r")
        except UnicodeDecodeError:
            self.n += 1
            self.rejects.append((self.n, "", "encoding-invalid", raw[:400].decode("utf-8", "replace")))
            return
        if self.reader.rewrite is not None:
            rewritten = self.reader.rewrite(line)
            if rewritten is None:
                self.close()
                return
            line = rewritten
        found = _LINE.match(line)
        if found:
            self.close()
            self.n += 1
            self.time, self.held = self.reader.time_of(found), [found[8]]
        elif self.held:
            self.held.append(line)
        elif line.strip():
            self.n += 1
            self.rejects.append((self.n, "", "record-unreadable", line[:400]))

    def close(self) -> None:
        """The message is complete."""
        if not self.held:
            return
        whole, self.held = "\n".join(self.held).rstrip("\n"), []
        named = _NICK.match(whole) or _NAMED.match(whole)
        if named is None:
            self.passed["service-message"] += 1
            return
        text: str | None = named[2]
        file = _FILE.match(text or "")
        if file or _LEFT_OUT.match(text or ""):
            text = None
        elif text and text.startswith("\u200e"):  # what the app itself says, in the name of the chat
            self.passed["service-message"] += 1
            return
        text = _EDITED.sub("", text) if text else text
        self.rows.append((self.time, named[1].strip(), text, (file[1] or file[2]) if file else None, self.n))

    def take(self) -> Block:
        """Hand over what was read."""
        schema = {**dict.fromkeys(COLUMNS, pl.String), ROW: pl.Int64}
        block = Block(pl.DataFrame(self.rows, schema=schema, orient="row"), self.rejects, self.passed)
        self.rows, self.rejects, self.passed = [], [], Counter()
        return block


def is_chat(head: str) -> bool:
    """Whether a text begins as a chat does."""
    lines = [line for line in head.splitlines()[:60] if line.strip()]
    hits = [bool(_LINE.match(line)) for line in lines]
    return any(hits[:3]) and sum(hits) * 3 >= len(hits)


def _date(found: re.Match[str]) -> tuple[_Style, tuple[int, int, int]]:
    a, b, c = (found[i].translate(_DIGITS) for i in (2, 4, 5))
    year = 40 if len(a) == 4 else len(c)
    return _Style(bool(found[1]), bool(found[7]), found[3], year), (int(a), int(b), int(c))


def _is_day_first(style: _Style, dates: list[tuple[int, int, int]], *, western: bool) -> bool:
    """By dates that can only be one, else by the order of the messages, else by the habit of the style."""
    if style.separator == "." or any(a > 12 for a, _, _ in dates):
        return True
    if any(b > 12 for _, b, _ in dates):
        return False
    back_day = sum(x > y for x, y in _pairs([(c, b, a) for a, b, c in dates]))
    back_month = sum(x > y for x, y in _pairs([(c, a, b) for a, b, c in dates]))
    if back_day != back_month:
        return back_day < back_month
    if len(set(dates)) >= LEAST_DAYS:
        far = [_days_apart([(c, b, a) for a, b, c in dates]), _days_apart([(c, a, b) for a, b, c in dates])]
        if far[0] * NEARER < far[1] or far[1] * NEARER < far[0]:
            return far[0] < far[1]
    return not (style.half and western)


def _days_apart(dates: list[tuple[int, int, int]]) -> int:
    """Days from the first of (year, month, day) to the last, months counted as 31."""
    numbers = [(year * 12 + month) * 31 + day for year, month, day in dates]
    return max(numbers) - min(numbers)


def _pairs(dates: list[tuple[int, int, int]]) -> Iterator[tuple[tuple[int, int, int], tuple[int, int, int]]]:
    return itertools.pairwise(dates)


WHATSAPP = Shape(
    name="whatsapp",
    platform="whatsapp",
    columns=lambda names: names == frozenset(COLUMNS),
    mapping={"account_id": "chat_name", "created_at": "chat_time", "text": "chat_text", "media": "chat_file"},
    notes=(said.WHATSAPP_NAMES,),
)
