"""What intake says about how a file was read."""

from __future__ import annotations

from dideban.ingest.reasons import kind

DAY_FIRST = "dates like 03/04/2024 are read day first, since others of the file can only be"
SERIAL_DAYS = "numbers in the column of times are read as days since 1899, as spreadsheets count them"
LOCAL_DIGITS = "dates in Persian or Arabic digits are read day first"
BOTH_ORDERS = "dates in both orders, 31/01/2024 and 01/31/2024: those that could be either may be misread"
JALALI = "dates of the Jalali calendar are converted"
HIJRI = "dates of the Hijri calendar are converted by the tabular calendar; they may be a day off"


WHATSAPP_NAMES = "accounts are the names that the telephone shows: two people of one name are one account"
NO_REPOSTS = "REPOSTS CANNOT BE TOLD in this file: every row counts as a post of its own"
NO_TEXTS = "NO TEXTS in this file: copied texts cannot be found"
NO_LINKS = "NO LINKS in this file: shared links cannot be found"
NOTHING_USABLE = "nothing in it can be used"
REPOSTS_BY_TEXT = (
    "the file does not name the original of a repost: reposts of the same words count as reposts of one post"
)
ARCHIVE_ACCOUNT = "the archive does not say whose it is: --map account_id==NAME"
FORWARDS = "a forward is known by the channel and the time of the original, not by its id"
EVENTS = "an article has one row for each event in it: it is one post"
NAMELESS = "rows without a post id are named by a hash of their content"
BARE_REPOSTS = "reposts keep repost_of only: their links, hashtags, mentions and media belong to the original"
PSEUDONYMS = "accounts are pseudonyms already and stay as they are"
BY_NAME = "by the name of the column"
FIRST_TIME = "the first column of times that can be read as such"
DAY_AND_CLOCK = "date and time of day stand in two columns"
BY_CONTENT = "by what is in it"
FIRST_FILLED = "the first such column that holds something sound"
FIRST_OF_ROW = "in each row the first that is not empty"
BY_ADDRESS = "the address of the post names it"
BY_MAP = "named by --map"


def by_shape(title: str) -> str:
    """The shape of the file says it."""
    return f"by the shape: {title}"


def damaged_column(name: str) -> str:
    """A column of ids lost its digits."""
    return (
        f"{name}: numbers like 1.29E+18 have lost their digits in a spreadsheet and are not used as ids; "
        "export the file again and keep ids as text"
    )


def same_id(name: str) -> str:
    """All rows have one id."""
    return f"{name}: the same in every row, so it is not the id of a post"


def permalink(name: str) -> str:
    """A column of addresses is not of shared links."""
    return f"{name}: the address of the post itself, not a link that it shares"


def no_zone(time_zone: str) -> str:
    """Times carry no zone."""
    return f"times without a zone are read as {time_zone}"


def by_order(*, day_first: bool) -> str:
    """03/04/2024 could be either."""
    return "dates like 03/04/2024 are read " + (
        "day first" if day_first else "month first; if the day stands first, say --day-first"
    )


def zone(name: str, offset_min: int, elsewhere: str) -> str:
    """A zone is named by letters."""
    sign, size = ("-" if offset_min < 0 else "+"), abs(offset_min)
    told = f"{name.upper()} is read as UTC{sign}{size // 60:02d}:{size % 60:02d}"
    return f"{told}; where {elsewhere} is meant, give times with an offset" if elsewhere else told


def as_named(target: str, label: str) -> str:
    """A field is read as the person said."""
    return f"{target} is read from {label}, as named"


def lines_above(lines: tuple[str, ...]) -> str:
    """A report begins with lines about itself."""
    shown = "; ".join(" ".join(line.strip('"').split())[:60] for line in lines[:8])
    return f"{len(lines)} lines above the header are not part of the table: {shown}"


def from_text(fields: list[str]) -> str:
    """The source does not list these."""
    return f"{', '.join(fields)} are taken from the text"


def qualified(column: str) -> str:
    """Ids count within a chat."""
    return f"ids are unique only inside {column}: it is put in front of them"


def damaged(field: str, n: int) -> str:
    """Ids lost their digits."""
    return (
        f"{field}: {n:,} values have lost their last digits in a spreadsheet (1.29E+18, 1290000000000000000.0) and are "
        "not used; export the file again and keep ids as text"
    )


def no_posts(kinds: dict[str, int]) -> str:
    """Records that are whole but are no posts."""
    told = ", ".join(f"{kind(slug)} {n:,}" for slug, n in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    return f"{sum(kinds.values()):,} records are not posts and were passed over: {told}"


def network_time(n: int) -> str:
    """An app declared a time that cannot be."""
    return f"{n:,} posts declare a time that is absurd or after the network saw them; they take the time of the network"


def named_accounts(column: str) -> str:
    """Some rows lack the id of the account."""
    return f"accounts without an id are named by {column}, or by the id that other rows show with that name"


QUALIFY = "say what they are unique in, e.g. --map post_id=chat+id, or leave them out: --map post_id="


def ids_repeat(name: str, n_conflicts: int, n_rows: int) -> str:
    """Ids of a file are not ids."""
    return (
        f"{name}: {n_conflicts:,} of {n_rows:,} rows have the id of another post; "
        "ids are unique only inside a chat, wall or thread"
    )


def none_is_a_post(kinds: dict[str, int]) -> str:
    """Nothing but other records."""
    told = ", ".join(f"{kind(slug)} {n:,}" for slug, n in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    return f"no post among {sum(kinds.values()):,} records: {told}"


def mostly_rejected(n_rejects: int, n_rows: int) -> str:
    """Too much of a file cannot be used."""
    return f"{n_rejects:,} of the first {n_rows:,} rows would be rejected"


COUNTED = {"network-time": network_time}
"""Code of a note about rows, as extractors give it, to its words."""
