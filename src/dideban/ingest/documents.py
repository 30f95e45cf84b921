"""JSON documents: an array of posts, or an object that holds them, of any size."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dideban.config import IngestConfig
from dideban.ingest import tables_in_json
from dideban.ingest.columns import guess_columns
from dideban.ingest.encoding import Decoded
from dideban.ingest.flatten_json import flatten
from dideban.ingest.format import Record
from dideban.ingest.model import Block
from dideban.ingest.records import Collector
from dideban.kernels.json_items import CLOSED, MORE, split_items

LIST_KEYS = (
    "messages", "data", "posts", "statuses", "tweets", "items", "results", "feed", "children", "orderedItems", "videos",
    "articles", "comments", "records", "documents", "hits", "threads", "entries", "media_topics",
)  # fmt: skip
"""Where documents of this field keep their posts."""
WHOLE_BYTES = 64 * 1024 * 1024
"""An object up to this size is read as one piece, so that what stands behind the posts is known too."""
_LIST_START = re.compile(rb'"(?:' + "|".join(LIST_KEYS).encode() + rb')"\s*:\s*\[')
_ANY_LIST = re.compile(r'"([^"\\]{1,64})"\s*:\s*\[\s*\{')
MAX_NAMES = 8
"""Lists of other names that are looked into."""
LONGEST_NAME = 128
"""Bytes kept where the name of a list may stand over the end of a block."""
_ITEMS_PER_CALL = 16_384
LEAST_BY_ID = 3
"""Objects of one kind beside each other that are taken for a collection by id."""
MAX_DEPTH = 3
"""How deep objects are looked into for a list of posts."""


@dataclass(frozen=True)
class Segment:
    """Posts of a document that stand together, and the fields around them."""

    items: list[Any]
    context: Record


def segments(value: Any) -> list[Segment]:
    """Find the posts in a parsed object; an object without a known list is a post itself."""
    if isinstance(value, list):
        return [Segment(value, {})]
    if chats := _chats(value):
        return [part for chat in chats for part in segments(chat)]
    if (table := tables_in_json.rows_of(value)) is not None:
        return [Segment(table, {})]
    for key in LIST_KEYS:
        inner = value.get(key)
        if isinstance(inner, dict) and isinstance(inner.get("children"), list):
            return [Segment(inner["children"], {})]
        if isinstance(inner, list):
            return _with_others(value, key, inner)
    if (posts := _by_id(value)) is not None:
        return [Segment(posts, {})]
    if (posts := _by_owner(value)) is not None:
        return [Segment(posts, {})]
    is_post = {"account_id", "created_at"} <= guess_columns(list(flatten(value))).keys()
    return (None if is_post else _deeper(value)) or [Segment([value], {})]


def _by_id(value: Any) -> list[Record] | None:
    """Return the posts of an object that holds one under each id, with the id; None where it is no such object."""
    if (
        not isinstance(value, dict)
        or len(value) < LEAST_BY_ID
        or not all(isinstance(one, dict) for one in value.values())
    ):
        return None
    first = [one.keys() for one in itertools.islice(value.values(), LEAST_BY_ID)]
    if len(frozenset.intersection(*map(frozenset, first))) < 2:
        return None
    return [{"id": name, **one} for name, one in value.items()]


def _by_owner(value: Record) -> list[Record] | None:
    """Return the posts of an object that holds a list of them under each account, with the account."""
    lists = list(value.values())
    if len(lists) < LEAST_BY_ID or not all(_are_alike(lists[0], other) for other in lists):
        return None
    if "account_id" in guess_columns(list(flatten(lists[0][0]))):
        return None
    return [{"account": name, **one} for name, items in value.items() for one in items]


def _chats(value: Record) -> list[Record]:
    """All chats of a Telegram account, those that it left included."""
    found: list[Record] = []
    for key in ("chats", "left_chats"):
        home = value.get(key)
        inner = home.get("list") if isinstance(home, dict) else None
        found += [chat for chat in inner or [] if isinstance(chat, dict)]
    return found


def _with_others(outer: Record, name: str, items: list[Any]) -> list[Segment]:
    """The posts of one list, and those of lists beside it with objects of the same kind: an account or a day each."""
    around: Record = {}
    parts = [items]
    for key, field in outer.items():
        other = _by_id(field) or field
        if key != name and _are_alike(items, other):
            parts.append(other)
        elif key != name:
            around[key] = field
    return [Segment(part, around) for part in parts]


def _are_alike(items: list[Any], others: Any) -> bool:
    """Whether two lists hold objects that share most of their fields."""
    if not isinstance(others, list) or not items or not others:
        return False
    if not all(isinstance(one, dict) for one in (items[0], *others)):
        return False
    ours, theirs = items[0].keys(), others[0].keys()
    return len(ours & theirs) > 1 and 2 * len(ours & theirs) > max(len(ours), len(theirs))


def _deeper(value: Record, depth: int = 0) -> list[Segment] | None:
    """The list of objects that stands least deep: answers of an interface wrap their posts."""
    if depth > MAX_DEPTH:
        return None
    inner = [(name, field) for name, field in value.items() if isinstance(field, dict)]
    for key in LIST_KEYS:
        for _, field in inner:
            items = field.get(key)
            if isinstance(items, list) and any(isinstance(item, dict) for item in items):
                return _with_others(field, key, items)
    found = next((found for _, field in inner if (found := _deeper(field, depth + 1)) is not None), None)
    if found is not None or depth:
        return found
    return _longest(value)


def _longest(value: Record) -> list[Segment] | None:
    """The longest list of objects, where none has a name that is known."""
    best: tuple[int, str, list[Record], Record] | None = None
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        for outer in level:
            for name, inner in outer.items():
                items = _by_id(inner) or inner
                is_list = isinstance(items, list) and len(items) > 1 and all(isinstance(item, dict) for item in items)
                if is_list and (best is None or len(items) > best[0]):
                    best = len(items), name, items, outer
        level = [field for outer in level for field in outer.values() if isinstance(field, dict)]
    if best is None:
        return None
    _, name, items, outer = best
    return _with_others(outer, name, items)


def read_segments(parts: list[Segment], collector: Collector) -> Iterator[Block]:
    """Yield the posts of a document that was read as one piece."""
    row = 0
    for part in parts:
        collector.context = part.context
        for item in part.items:
            row += 1
            collector.add_record(row, item)
            if collector.full:
                yield collector.take()
    yield collector.take()


def is_sequence(head: str) -> bool:
    """Whether a text is one object behind another, each over several lines."""
    starts, ends = np.empty(2, np.int64), np.empty(2, np.int64)
    data = head.encode("utf-8", "replace")
    count, _, _ = split_items(np.frombuffer(data, np.uint8), 0, starts, ends)
    if count < 1 or data[starts[0] : starts[0] + 1] != b"{" or data[int(ends[0]) :].lstrip()[:1] != b"{":
        return False
    try:
        return isinstance(orjson.loads(data[int(starts[0]) : int(ends[0])]), dict)
    except orjson.JSONDecodeError:
        return False


def read_stream(
    text: Decoded, *, collector: Collector, config: IngestConfig, inside: bool = False, name: str = ""
) -> Iterator[Block]:
    """Yield the posts of a document that is not held in memory: the items of its lists, one after the other.

    Parameters
    ----------
    inside : bool
        The document is a sequence of posts without a list around them.
    name : str
        Of the list of posts, where it is none of LIST_KEYS.
    """
    reader = _PageReader(collector, limit=max(WHOLE_BYTES, 4 * config.max_field_bytes), name=name)
    reader.begun = reader.inside = inside
    for block in text.blocks():
        yield from reader.feed(block)
    yield from reader.finish(truncated=text.truncated)


def list_of_posts(head: str) -> str:
    """Return the name of a list whose first item has account and time, where no list has a name that is known."""
    for name in list(dict.fromkeys(_ANY_LIST.findall(head)))[:MAX_NAMES]:
        first = first_items(head, name=name)[:1]
        if first and {"account_id", "created_at"} <= guess_columns(list(flatten(first[0]))).keys():
            return str(name)
    return ""


def first_items(text: str, *, inside: bool = False, name: str = "") -> list[Record]:
    """Return the first items of a document that is streamed, from its first characters."""
    found: list[Record] = []
    collector = Collector(lambda record, _: found.append(record) or [])  # type: ignore[func-returns-value]
    reader = _PageReader(collector, limit=WHOLE_BYTES, name=name)
    reader.begun = reader.inside = inside
    for _ in reader.feed(text.encode("utf-8", "replace")):
        break
    return found[:200]


class _PageReader:
    def __init__(self, collector: Collector, *, limit: int, name: str = "") -> None:
        self.collector, self.limit = collector, limit
        self.start = re.compile(rb'"' + re.escape(name.encode()) + rb'"\s*:\s*\[') if name else _LIST_START
        self.rest = b""
        self.inside = False  # inside a list of posts
        self.begun = False
        self.row = 0

    def feed(self, block: bytes) -> Iterator[Block]:
        """Take more bytes."""
        data = self.rest + block
        at = 0
        while at < len(data):
            if not self.inside:
                at, found = self._enter(data, at)
                if not found:
                    break
            at, ended = self._items(data, at)
            if self.collector.full:
                yield self.collector.take()
            if ended == MORE:
                break
            self.inside = ended != CLOSED
        self.rest = data[at:]
        if self.inside and len(self.rest) > self.limit:
            self.row += 1
            self.collector.reject(self.row, "field-too-large", self.rest[:400])
            self.rest, self.inside = b"", False

    def _enter(self, data: bytes, at: int) -> tuple[int, bool]:
        """Go on to the next list of posts; keep the last bytes where none is in sight."""
        head = data[at:].lstrip()
        if not self.begun and head[:1] == b"[":
            self.begun = self.inside = True
            return len(data) - len(head) + 1, True
        hit = self.start.search(data, at)
        self.begun = self.begun or bool(head)
        if hit is None:
            return max(at, len(data) - LONGEST_NAME), False
        self.collector.context = _fields_before(data[at : hit.start()])
        self.inside = True
        return hit.end(), True

    def _items(self, data: bytes, at: int) -> tuple[int, int]:
        starts, ends = np.empty(_ITEMS_PER_CALL, np.int64), np.empty(_ITEMS_PER_CALL, np.int64)
        count, stop, ended = split_items(np.frombuffer(data, np.uint8), at, starts, ends)
        for start, end in zip(starts[:count].tolist(), ends[:count].tolist(), strict=True):
            self.row += 1
            self.collector.add(self.row, data[start:end])
        return stop, ended

    def finish(self, *, truncated: bool) -> Iterator[Block]:
        """Set aside what was not complete in the end."""
        if self.inside and self.rest.strip():
            self.row += 1
            self.collector.reject(self.row, "file-truncated" if truncated else "json-invalid", self.rest[:400])
        yield self.collector.take()


def _fields_before(head: bytes) -> Record:
    """Fields that stand before a list: the name and id of the chat, say."""
    start = head.rfind(b"{")
    try:
        value = orjson.loads(head[max(start, 0) :].rstrip().rstrip(b",") + b"}")
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
