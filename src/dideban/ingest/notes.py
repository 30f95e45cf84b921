"""What intake says about how a file was read, as messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dideban.ingest.reasons import kind
from dideban.messages.message import Message

DAY_FIRST = Message("ingest.day-first")
DAY_FIRST_BY_SPAN = Message("ingest.day-first-by-span")
DAY_FIRST_BY_NAME = Message("ingest.day-first-by-name")
SERIAL_DAYS = Message("ingest.serial-days")
LOCAL_DIGITS = Message("ingest.local-digits")
BOTH_ORDERS = Message("ingest.both-orders")
JALALI = Message("ingest.jalali")
HIJRI = Message("ingest.hijri")
WHATSAPP_NAMES = Message("ingest.whatsapp-names")
NO_REPOSTS = Message("ingest.no-reposts")
NO_TEXTS = Message("ingest.no-texts")
NO_LINKS = Message("ingest.no-links")
NOTHING_USABLE = Message("ingest.nothing-usable")
REPOSTS_BY_TEXT = Message("ingest.reposts-by-text")
ARCHIVE_ACCOUNT = Message("ingest.archive-account")
FORWARDS = Message("ingest.forwards")
EVENTS = Message("ingest.events")
NAMELESS = Message("ingest.nameless")
BARE_REPOSTS = Message("ingest.bare-reposts")
PSEUDONYMS = Message("ingest.pseudonyms")
BY_NAME = Message("ingest.by-name")
LIKE_REFERENCES = Message("ingest.like-references")
FIRST_TIME = Message("ingest.first-time")
DAY_AND_CLOCK = Message("ingest.day-and-clock")
BY_CONTENT = Message("ingest.by-content")
FIRST_FILLED = Message("ingest.first-filled")
FIRST_OF_ROW = Message("ingest.first-of-row")
FULLER = Message("ingest.fuller-text")
TEXT_AND_LINKS = Message("ingest.text-and-links")
ONLY_TIMES = Message("ingest.only-times")
BY_ADDRESS = Message("ingest.by-address")
BY_MAP = Message("ingest.by-map")
QUALIFY = Message("ingest.hint-qualify")
ESCAPED = Message("ingest.escaped")
TWICE_ENCODED = Message("ingest.twice-encoded")
SINGLE_QUOTES = Message("ingest.single-quotes")
NO_HEADER = Message("ingest.no-header")
EXCEL_DIGITS = Message("ingest.excel-digits")
BLUESKY_TIMES = Message("ingest.bluesky-times")
BARE_RETWEETS = Message("ingest.bare-retweets")
WITHOUT_MARKUP = Message("ingest.without-markup")
DELETED_AUTHORS = Message("ingest.deleted-authors")
OBJECT_ID = Message("ingest.object-id")
SEVERAL_OBJECTS = Message("ingest.several-objects")
NO_ROWS = Message("ingest.header-no-rows")
STAYS_EMPTY = Message("ingest.stays-empty")
NO_RECORD = Message("ingest.no-record-is-a-post")
MAX_LINES = 8
"""Lines above a header that are shown."""


def by_shape(title: Message) -> Message:
    """The shape of the file says it."""
    return Message("ingest.by-shape", title=title)


def damaged_column(name: str) -> Message:
    """A column of ids lost its digits."""
    return Message("ingest.damaged-column", name=name)


def same_id(name: str) -> Message:
    """All rows have one id."""
    return Message("ingest.same-id", name=name)


def inside_list(prefix: str) -> Message:
    """The posts stand in a list inside each record."""
    return Message("ingest.inside-list", path=prefix)


def many_columns(n: int, n_looked_at: int) -> Message:
    """A table is wider than any export."""
    return Message("ingest.many-columns", n=n, most=n_looked_at)


def permalink(name: str) -> Message:
    """A column of addresses is not of shared links."""
    return Message("ingest.permalink", name=name)


def no_zone(time_zone: str) -> Message:
    """Times carry no zone."""
    return Message("ingest.no-zone", zone=time_zone)


def records_in(column: str) -> Message:
    """Posts stand whole in one column."""
    return Message("ingest.records-in", column=column)


def by_order(*, day_first: bool) -> Message:
    """03/04/2024 could be either."""
    return Message("ingest.day-first-set") if day_first else Message("ingest.month-first")


def zone(name: str, offset_min: int, elsewhere: str) -> Message:
    """A zone is named by letters."""
    size = abs(offset_min)
    offset = f"UTC{'-' if offset_min < 0 else '+'}{size // 60:02d}:{size % 60:02d}"
    if elsewhere:
        return Message("ingest.zone-doubtful", name=name.upper(), offset=offset, place=elsewhere)
    return Message("ingest.zone", name=name.upper(), offset=offset)


def as_named(target: str, label: str) -> Message:
    """A field is read as the person said."""
    return Message("ingest.as-named", target=target, column=label)


def lines_above(lines: Sequence[str]) -> Message:
    """A report begins with lines about itself."""
    shown = [" ".join(line.strip('"').split())[:60] for line in lines[:MAX_LINES]]
    return Message("ingest.lines-above", n=len(lines), lines="; ".join(shown))


def from_text(fields: Sequence[str]) -> Message:
    """The source does not list these."""
    return Message("ingest.from-text", fields=list(fields))


def qualified(column: str) -> Message:
    """Ids count within a chat."""
    return Message("ingest.qualified", column=column)


def damaged(field: str, n: int) -> Message:
    """Ids lost their digits."""
    return Message("ingest.damaged", field=field, n=n)


def _kinds(kinds: dict[str, int]) -> list[Message]:
    ordered = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
    return [Message("ingest.kind-count", kind=kind(slug), n=n) for slug, n in ordered]


def no_posts(kinds: dict[str, int]) -> Message:
    """Records that are whole but are no posts."""
    return Message("ingest.no-posts", n=sum(kinds.values()), kinds=_kinds(kinds))


def none_is_a_post(kinds: dict[str, int]) -> Message:
    """Nothing but other records."""
    return Message("ingest.none-is-a-post", n=sum(kinds.values()), kinds=_kinds(kinds))


def network_time(n: int) -> Message:
    """An app declared a time that cannot be."""
    return Message("ingest.network-time", n=n)


def named_accounts(column: str) -> Message:
    """Some rows lack the id of the account."""
    return Message("ingest.named-accounts", column=column)


def ids_repeat(name: str, n_conflicts: int, n_rows: int) -> Message:
    """Ids of a file are not ids."""
    return Message("ingest.ids-repeat", name=name, n=n_conflicts, rows=n_rows)


def mostly_rejected(n_rejects: int, n_rows: int) -> Message:
    """Too much of a file cannot be used."""
    return Message("ingest.sample-mostly-rejected", n=n_rejects, rows=n_rows)


COUNTED: dict[str, Callable[[int], Message]] = {"network-time": network_time}
"""Code of a note about rows, as extractors give it, to its words."""
