"""Which column is which in a table of no known shape: by names, and by what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dideban.ingest import (
    likely_accounts,
    likely_columns,
    likely_ids,
    likely_references,
    likely_times,
    nested_names,
    notes,
)
from dideban.ingest.column_evidence import ADDRESS, ADDRESS_IN, FirstRows
from dideban.ingest.columns import HOMES, SYNONYMS, plain
from dideban.ingest.dialects import are_times
from dideban.ingest.field_source import FieldSource, account_in, first, joined, moment, one
from dideban.ingest.format import TARGETS
from dideban.messages.message import Message

MAX_LINK_COLUMNS = 4
"""Columns of addresses that times are compared with."""
MAX_COLUMNS = 1_000
"""Columns that are looked at; no export has more."""
_ZONES = ("timezone", "time_zone", "tz", "utc_offset")
_OFFSET = r"^(?:UTC|GMT)?[+-][0-9]{1,2}:?[0-9]{2}$"
_WITHOUT_ZONE = r"[0-9]:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$"
_NAMES = ("user", "username", "user_name", "screen_name", "screenname", "handle", "acct", "author", "account")
"""How names of columns end that hold the name of an account."""
LEAST_NAMED = 0.95
"""Share of the rows in which a column must name somebody, to be taken before the channel that they all stand in."""
_PLACES = frozenset({
    "channel", "channel_id", "channel_name", "page", "page_id", "page_name", "site", "domain", "source_name", "کانال",
    "القناة", "канал",
})  # fmt: skip
"""Names of accounts that may be those of where posts stand."""
_WEAK_TEXTS = ("description",)
"""Texts that may be of something else, a profile say: never joined to others."""
_MANY = ("s", "list", "پیوندها", "روابط")
"""How names of columns end that hold several links; others hold one or none."""


@dataclass(frozen=True)
class Pick:
    """Where a field is read from, and why."""

    source: FieldSource
    why: Message


@dataclass
class Guess:
    """What was made of the columns of a table."""

    picks: dict[str, Pick] = field(default_factory=dict)
    permalinks: tuple[str, ...] = ()
    """Columns with the address of the post itself."""
    homes: tuple[str, ...] = ()
    """Columns inside which ids may be unique."""
    account_name: str = ""
    """Column with the name of the account, where another has its id."""
    notes: list[Message] = field(default_factory=list)

    @property
    def used(self) -> set[str]:
        """Columns that are read for some field."""
        return {name for pick in self.picks.values() for name in pick.source.needed}


def guess(names: Sequence[str], evidence: FirstRows) -> Guess:
    """Choose a source for every field of POSTS that a table seems to have.

    Parameters
    ----------
    names : column names
        As written.
    evidence : Evidence
        The first rows; without any, names decide alone.
    """
    found = _Guesser(names[:MAX_COLUMNS], evidence).run()
    if len(names) > MAX_COLUMNS:
        found.notes.append(notes.many_columns(len(names), MAX_COLUMNS))
    return found


class _Guesser:
    def __init__(self, names: Sequence[str], evidence: FirstRows) -> None:
        self.names, self.evidence = list(names), evidence
        self.found = Guess()
        self.known: dict[str, str] = {}
        self.again: dict[str, list[str]] = {}  # columns of the same name, behind the first
        for name in names:
            if self.known.setdefault(plain(name), name) != name:
                self.again.setdefault(plain(name), []).append(name)
            self.known.setdefault(plain(name).replace(".", "_"), name)

    def run(self) -> Guess:
        self._time()
        self._account()
        self._post_id()
        self._reposts()
        self._links()
        self._id_like_references()
        self._account_of_address()
        self._text()
        for target in TARGETS:
            if target not in self.found.picks and target not in ("created_at", "account_id", "post_id", "urls", "text"):
                self._by_name(target)
            if target in ("quote_of", "reply_to"):
                self._by_kind(target)
            if target == "reply_to":
                self._answers()
        self._id_of_address()
        self._homes()
        return self.found

    def candidates(self, target: str) -> list[str]:
        """Columns known by a name of the field that are still free, best first."""
        return self._named(target) or self._free(likely_columns.by_ending(target, self.names))

    def _named(self, target: str) -> list[str]:
        named = [
            name
            for word in SYNONYMS_PLAIN[target]
            if word in self.known
            for name in (self.known[word], *self.again.get(word, ()))
        ]
        return [name for name in dict.fromkeys(named) if name not in self.found.used]

    def _free(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name not in self.found.used and not nested_names.is_of_others(name)]

    def _pick(self, target: str, source: FieldSource, why: Message = notes.BY_NAME) -> None:
        self.found.picks[target] = Pick(source, why)

    def _by_name(self, target: str) -> None:
        columns = [name for name in self.candidates(target) if target != "media" or self._shows_posts(name)]
        if columns:
            self._pick(target, one(next((name for name in columns if not self.evidence.is_empty(name)), columns[0])))

    def _shows_posts(self, name: str) -> bool:
        """Whether a column called so may hold pictures of posts."""
        return not nested_names.is_of_account(name) and likely_columns.are_pictures(
            name, self._account_column, self.evidence
        )

    def _time(self) -> None:
        columns = self.candidates("created_at")
        whole = self._whole(columns)
        if not self.evidence.is_known:
            self._by_name("created_at")
        elif whole:
            others = [name for name in self._whole(likely_times.named(self.names)) if name not in whole]
            best = self._best_time([*whole, *others])
            why = notes.BY_NAME if best == columns[0] else notes.FIRST_TIME if best == whole[0] else notes.BY_CONTENT
            self._moment(best, why)
        elif not self._day_and_clock(columns) and not self._time_by_content() and columns:
            dates = [name for name in columns if self.evidence.is_time(name)]
            self._pick("created_at", one((dates or columns)[0]))
        if "created_at" not in self.found.picks:
            self._only_time()

    def _whole(self, names: Sequence[str]) -> list[str]:
        """Columns of times that are not dates alone."""
        return [name for name in names if self.evidence.is_time(name) and not self.evidence.is_date(name)]

    def _moment(self, time: str, why: Message) -> None:
        """Take a column of whole times, with the zone beside it where there is one, or the one that has them in UTC."""
        time = likely_times.in_utc(time, self.names, self.evidence)
        zone = self._zone(time)
        self._pick("created_at", moment(time, *zone) if zone else one(time), notes.DAY_AND_CLOCK if zone else why)

    def _zone(self, time: str) -> list[str]:
        """The column of the offset, where all rows have one and times have none: that of whoever collected them."""
        zones = [self.known[word] for word in _ZONES if word in self.known]
        told = [name for name in zones if self.evidence.is_same(name) and self.evidence.is_mostly(name, _OFFSET)]
        return told[:1] if self.evidence.is_mostly(time, _WITHOUT_ZONE) else []

    def _best_time(self, columns: Sequence[str]) -> str:
        account = next(iter(self.candidates("account_id")), "")
        links = [name for name in self.names if self.evidence.is_mostly(name, ADDRESS)] if len(columns) > 1 else []
        return likely_times.of_the_post(columns, account, links[:MAX_LINK_COLUMNS], self.evidence)

    def _only_time(self) -> None:
        """A table with times in one column only needs no name for it."""
        if not self.evidence.is_known or are_times(self.names).any():  # what should be names is a row
            return
        for free in likely_times.maybe_of_the_post(self.names):
            columns = likely_columns.only_time(free, self.evidence)
            if columns:
                source = moment(*columns) if len(columns) > 1 else one(columns[0])
                self._pick("created_at", source, notes.ONLY_TIMES)
                return

    def _day_and_clock(self, columns: list[str]) -> bool:
        days = [name for name in [*columns, *likely_times.named(self.names)] if self.evidence.is_date(name)]
        clocks = [name for name in [*columns, *likely_times.named(self.names)] if self.evidence.is_clock(name)]
        if not days or not clocks:
            return False
        zone = [self.known[word] for word in _ZONES if word in self.known]
        self._pick("created_at", moment(days[0], clocks[0], *zone[:1]), notes.DAY_AND_CLOCK)
        return True

    def _time_by_content(self) -> bool:
        names = likely_times.named(self.names)
        whole = [n for n in names if self.evidence.is_time(n) and not self.evidence.is_date(n)]
        if not whole and not self.candidates("created_at"):
            whole = [name for name in names if self.evidence.is_time(name)]
        if not whole:
            return False
        self._moment(self._best_time(whole), notes.BY_CONTENT)
        return True

    def _account(self) -> None:
        columns = (
            self._named("account_id")
            or self._free(likely_accounts.inside(self.names))
            or self.candidates("account_id")
            or self._free(likely_columns.accounts(self.names, self.evidence))
            or self._free(likely_columns.handles(self.names, self.evidence))
        )
        if not columns or not self._names_somebody(columns[0]):
            columns = [*self._free(likely_columns.publishers(self.names, self.evidence)), *columns]
        sound = [name for name in columns if not self.evidence.is_empty(name) and not self.evidence.is_damaged(name)]
        if not columns:
            return
        sound = self._people_before_places(sound)
        chosen = (sound or columns)[0]
        if chosen != columns[0] and self.evidence.is_damaged(columns[0]):
            self.found.notes.append(notes.damaged_column(columns[0]))
        why = notes.BY_NAME if chosen == columns[0] else notes.FIRST_FILLED
        if firm := likely_accounts.firmest(chosen, self._free(self.names), self.evidence):
            why = why if firm == chosen else notes.BY_CONTENT
            sound = [chosen, *sound]
            chosen = firm
        self._pick("account_id", one(chosen), why)
        named = [name for name in sound if plain(name).endswith(_NAMES) and plain(chosen).endswith(("id", "id_str"))]
        self.found.account_name = next(iter(named), "")

    def _names_somebody(self, name: str) -> bool:
        """Whether a column names accounts that differ, in nearly all rows."""
        full = len(self.evidence.filled(name)) >= LEAST_NAMED * self.evidence.sample.height
        return not self.evidence.is_known or (full and not self.evidence.is_same(name))

    def _people_before_places(self, sound: list[str]) -> list[str]:
        """Where all rows are of one channel or page, whoever wrote there is the account, if a column names them."""
        if not sound or plain(sound[0]) not in _PLACES or not self.evidence.is_same(sound[0]):
            return sound
        rows = self.evidence.sample.height
        people = self._free(likely_columns.people(self.names, self.evidence))
        full = [name for name in people if len(self.evidence.filled(name)) >= LEAST_NAMED * rows]
        full = [name for name in full if name not in sound and not self.evidence.is_same(name)]
        return [*full, *sound]

    def _post_id(self) -> None:
        told = self.candidates("post_id")
        others = dict.fromkeys((*told, *likely_columns.ids(self.names, self.evidence)))
        for name in told:
            if self.evidence.is_empty(name) or nested_names.is_of_account(name):
                continue
            if likely_ids.is_of_parent(name, [*others], self.candidates("text"), self.evidence):
                continue
            if self.evidence.is_same(name):
                self.found.notes.append(notes.same_id(name))
                continue
            if self.evidence.is_rounded(name):
                self.found.notes.append(notes.damaged_column(name))
                continue
            self._pick("post_id", one(name))
            return
        if self.evidence.is_known:
            for name in self._free(likely_columns.ids(self.names, self.evidence)):
                if not self.evidence.is_damaged(name):
                    self._pick("post_id", one(name), notes.BY_CONTENT)
                    return
            if name := likely_references.answered(self._free(self.names), self.evidence):
                self._pick("post_id", one(name), notes.BY_CONTENT)

    def _reposts(self) -> None:
        """The original of a repost: by the names that are known, else by what columns about reposts hold."""
        if not self.evidence.is_known:
            return
        named = [name for name in self.candidates("repost_of") if not self.evidence.is_empty(name)]
        free = [name for name in self.names if name not in self.found.used]
        likely = likely_references.reposts(free, self._column("post_id"), self.evidence)
        if likely is not None and (likely.how == "joined" or not named):
            self._pick("repost_of", likely, notes.BY_CONTENT)
        elif named:
            self._pick("repost_of", one(named[0]))
        else:
            self._by_kind("repost_of")

    def _by_kind(self, target: str) -> None:
        """Posts that a row repeats, quotes or answers, where one column names them and another says which it is."""
        if not self.evidence.is_known or target in self.found.picks:
            return
        source = likely_references.of_kind(target, self.names, self.evidence)
        if source is not None:
            self._pick(target, source, notes.BY_CONTENT)

    def _answers(self) -> None:
        """The post that a row answers, where no column has a name that is known for it."""
        if not self.evidence.is_known:
            return
        name = self._column("reply_to")
        if name and not self.evidence.is_empty(name):
            is_one = self.found.picks["reply_to"].source.how == "one"
            if is_one and likely_references.says_none(name, self._column("post_id"), self.evidence):
                self._pick("reply_to", likely_references.numbered(name), notes.BY_CONTENT)
            return
        free = [name for name in self.names if name not in self.found.used]
        source = likely_references.answers(free, self._column("post_id"), self.evidence)
        if source is not None:
            self._pick("reply_to", source, notes.BY_CONTENT)

    def _account_of_address(self) -> None:
        """Where no column names the account, the address of a post on a platform may."""
        if "account_id" in self.found.picks:
            return
        found = next((name for name in self.found.permalinks if self.evidence.names_accounts(name)), "")
        if found:
            self._pick("account_id", account_in(found), notes.BY_ADDRESS)

    def _links(self) -> None:
        ids = [name for target in ("post_id",) if target in self.found.picks for name in self.found.used]
        shared: list[str] = []
        own: list[str] = []
        for name in self.candidates("urls"):
            if nested_names.is_of_shown(name) and not self._is_known(name):
                continue
            is_one = not plain(name).endswith(_MANY) and not nested_names.is_of_shared(name)
            (own if is_one and self.evidence.is_permalink(name, ids) else shared).append(name)
        shared = [name for name in self._really_shared(shared) if not likely_columns.repeats(name, own, self.evidence)]
        rest = [name for name in self.names if name not in (*own, *shared) and name not in self.found.used]
        whole = [name for name in rest if not nested_names.is_of_shown(name)]
        own += likely_columns.own_addresses(whole, ids, self.evidence)
        own += [name for name in ids if name == self._column("post_id") and self.evidence.leads_to_posts(name)]
        self.found.permalinks = tuple(own)
        self.found.notes += [notes.permalink(name) for name in own]
        if any(not self.evidence.is_empty(name) for name in shared) or not self.evidence.is_known:
            why = notes.BY_NAME
        else:
            rest = [name for name in rest if name not in own and not self._is_known(name)]
            rest = [name for name in rest if not nested_names.is_of_shown(name) and not self._is_of_search(name)]
            likely = likely_columns.shared_addresses(rest, self._account_column, self.evidence)
            likely = [name for name in likely if not likely_columns.repeats(name, own, self.evidence)]
            shared, why = (
                likely_columns.fullest_first([*likely, *shared], self.evidence),
                notes.BY_CONTENT if likely else notes.BY_NAME,
            )
        if shared:
            self._pick("urls", first(*shared) if len(shared) > 1 else one(shared[0]), why)

    def _really_shared(self, names: list[str]) -> list[str]:
        """Columns of links without those of profiles, searches and pages, whole addresses first."""
        if not self.evidence.is_known:
            return names
        kept = [
            name
            for name in names
            if not self.evidence.is_of_account(name, self._account_column)
            and not likely_columns.leads_to_accounts(name, self.evidence)
            and not (self._is_of_search(name) and self.evidence.is_repeated(name))
        ]
        return likely_columns.fullest_first(kept, self.evidence)

    def _is_of_search(self, name: str) -> bool:
        """Whether a column is named for a search, or texts have links beside its only value."""
        if likely_columns.is_not_shared(name):
            return True
        texts = [text for text in self.candidates("text") if not self.evidence.is_empty(text)]
        return self.evidence.is_same(name) and any(self.evidence.share(text, ADDRESS_IN) > 0 for text in texts)

    @staticmethod
    def _is_known(name: str) -> bool:
        """Whether a column is called what a field is called."""
        return any(plain(name) in words for words in SYNONYMS_PLAIN.values())

    @property
    def _account_column(self) -> str:
        return self._column("account_id")

    def _column(self, target: str) -> str:
        pick = self.found.picks.get(target)
        return pick.source.columns[0] if pick else ""

    def _text(self) -> None:
        columns = [name for name in self.candidates("text") if not self.evidence.is_empty(name)]
        if not columns and self.evidence.is_known:
            likely = self._free(likely_columns.texts(self.names, self.evidence))
            if likely:
                self._pick("text", first(*likely) if len(likely) > 1 else one(likely[0]), notes.BY_CONTENT)
                return
        columns = self._written_by_people(columns)
        strong = [name for name in columns if plain(name) not in _WEAK_TEXTS]
        chosen = strong or columns[:1]
        if fuller := self._fuller(chosen):
            self._pick("text", first(fuller, *(name for name in chosen if name != fuller)), notes.FULLER)
        elif beside := self._beside_with_links(chosen):
            self._pick("text", joined(chosen[0], beside), notes.TEXT_AND_LINKS)
        elif len(chosen) > 1:
            self._pick("text", first(*chosen), notes.FIRST_OF_ROW)
        elif chosen or self.candidates("text"):
            self._pick("text", one((chosen or self.candidates("text"))[0]))

    def _written_by_people(self, columns: list[str]) -> list[str]:
        """Texts that are not the same for all rows, or for all of an account, as names and titles of pages are."""
        if len(columns) < 2 or not self.evidence.is_known:
            return columns
        said = [
            name
            for name in columns
            if not self.evidence.is_same(name) and not self.evidence.is_of_account(name, self._account_column)
        ]
        return said or columns

    def _fuller(self, chosen: Sequence[str]) -> str:
        """The column that holds the whole of what the chosen one cuts short, as feeds and search services do."""
        free = [name for name in self.names if name not in self.found.used]
        return next((name for name in free if chosen and self.evidence.begins_like(name, chosen[0])), "")

    def _beside_with_links(self, chosen: Sequence[str]) -> str:
        """A description that has the links of a post whose title has none; that of a profile does not change."""
        if not chosen or "urls" in self.found.picks or self.evidence.share(chosen[0], ADDRESS_IN) > 0:
            return ""
        weak = [self.known[word] for word in _WEAK_TEXTS if word in self.known]
        return next(
            (
                name
                for name in weak
                if name not in (*chosen, *self.found.used)
                and self.evidence.share(name, ADDRESS_IN) > 0
                and not self.evidence.is_of_account(name, self._account_column)
            ),
            "",
        )

    def _id_of_address(self) -> None:
        """Where no column holds ids, the address of the post is one, if no two rows have the same."""
        if "post_id" in self.found.picks:
            return
        for name in self.found.permalinks:
            cells = self.evidence.filled(name)
            if cells.n_unique() == len(cells):
                self._pick("post_id", one(name), notes.BY_ADDRESS)
                return

    def _id_like_references(self) -> None:
        """Call posts what the posts that others repeat or answer are called: by their address, or by another column."""
        chosen = self._column("post_id")
        cells = [self.evidence.filled(name) for name in self._references() if name]
        if not chosen or not cells or not self.evidence.is_known:
            return
        form = likely_references.form_of(cells[0])
        if form == likely_references.form_of(self.evidence.filled(chosen)):
            return
        others = [name for name in (*self.found.permalinks, *self.candidates("post_id")) if name != chosen]
        for name in others:
            mine = self.evidence.filled(name)
            if likely_references.form_of(mine) == form and mine.n_unique() == len(mine):
                self._pick("post_id", one(name), notes.LIKE_REFERENCES)
                return

    def _references(self) -> list[str]:
        """Columns that name other posts."""
        columns = [self._column("repost_of")]
        columns += [name for target in ("reply_to", "quote_of") for name in self.candidates(target)[:1]]
        return [name for name in columns if name and not self.evidence.is_empty(name)]

    def _homes(self) -> None:
        columns = [self.known[word] for word in HOMES if word in self.known]
        columns += [name for pick in [self.found.picks.get("account_id")] if pick for name in pick.source.columns]
        taken = set(self.found.picks["post_id"].source.columns) if "post_id" in self.found.picks else set()
        self.found.homes = tuple(name for name in dict.fromkeys(columns) if name not in taken)


SYNONYMS_PLAIN = {target: tuple(dict.fromkeys(plain(name) for name in words)) for target, words in SYNONYMS.items()}
