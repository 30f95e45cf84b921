"""Contacts: what readers are asked to buy, call, join, write to or pay, in whatever spelling."""

from __future__ import annotations

import polars as pl

from dideban.messages import Message
from dideban.schema import INSTANT
from dideban.text.text_marks import MARKS, TextMarks, look_up
from dideban.traces.contact_masks import clean
from dideban.traces.contact_rules import FAMILIES, Contact
from dideban.traces.tables import Found, PostColumns

MAX_TOPICS = 3
"""A post that names more cashtags and pairs than this is a list, and the list is the object: one act, not dozens."""
MAX_PER_POST = 50
"""Contacts of one post that count."""
MAX_READ = 500_000
"""Different spellings of one family that are read; the most frequent ones, ties to the smaller."""
TOPICS = ("cashtag", "pair")
_SPOTTED = {"row": pl.UInt32, "rule": pl.Int8, "found": pl.String}


class KnownContacts:
    """What may be a contact in texts, kept from one analysis to the next, in memory: only new texts are looked through.

    Nothing of a text is kept but two hashes and what may be a contact in it.
    """

    def __init__(self) -> None:
        self._marks = TextMarks()
        self.known = pl.DataFrame(schema=MARKS)
        """Texts that were looked through."""
        self.spotted = pl.DataFrame(schema={**MARKS, "place": pl.UInt32, **_SPOTTED}).drop("row")
        """What was found in them, in order of place."""
        self._asked: list[pl.Series] = []

    def of(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Return (row, rule, found) of a table (row, text), as :func:`spot_contacts`."""
        marks = self._marks.of(texts["text"])
        self._asked.append(marks["mark"])
        found, is_new = look_up(marks, self.known)
        if is_new.any():
            self._look_through(marks.filter(is_new), texts["text"].filter(is_new))
        held = found.select("mark", "proof", row=texts["row"], at=pl.int_range(pl.len(), dtype=pl.UInt32))
        held = held.join(self.spotted, on=["mark", "proof"], maintain_order="none")
        return held.sort("rule", "at", "place").select(list(_SPOTTED))

    def _look_through(self, marks: pl.DataFrame, texts: pl.Series) -> None:
        new = marks.with_columns(text=texts).unique(["mark", "proof"], keep="any").with_row_index("row")
        spotted = spot_contacts(new.select("row", "text")).join(new.drop("text"), on="row", maintain_order="left")
        placed = spotted.with_columns(place=pl.int_range(pl.len(), dtype=pl.UInt32)).select(self.spotted.columns)
        before = self.spotted.join(new, on=["mark", "proof"], how="anti")
        self.spotted = pl.concat([before, placed])
        self.known = pl.concat([self.known, new.select(list(MARKS))]).unique("mark", keep="first")

    def forget(self) -> None:
        """Forget texts that were not asked for since the last call, where they are many."""
        asked, self._asked = pl.concat([pl.Series(dtype=pl.UInt64), *self._asked]), []
        if self.known.height > len(asked):
            self.known = self.known.filter(pl.col("mark").is_in(asked.implode()))
            self.spotted = self.spotted.join(self.known, on="mark", how="semi")


def find(table: PostColumns) -> Found:
    """Find the contacts that several accounts gave."""
    spotted = spot(table)
    spelled, notes = most_frequent(spotted.group_by("rule", "found").len("n"))
    events = read_contacts(spotted, spelled)
    shared = table.shared(events.select("row", "object_id"))
    labels = events.select("object_id", "label").unique("object_id", keep="any")
    objects = shared.select(pl.col("object_id").unique()).join(labels, on="object_id")
    empty = {"born_at": pl.lit(None, INSTANT), "origin": pl.lit(None, pl.String)}
    objects = objects.select("object_id", "label", **empty)
    return Found(events=shared, objects=objects, n_traces=events.height, notes=notes)


def spot(table: PostColumns) -> pl.DataFrame:
    """Return (row, rule, found): what may be a contact, in texts and among links, in order."""
    parts = [pl.DataFrame(schema=_SPOTTED)]
    look_through = table.contacts.of if table.contacts else spot_contacts
    with table.progress.stage("reading-contacts", unit="posts") as task:
        for batch in table.text_batches():
            parts.append(look_through(batch))
            task.advance(batch.height)
        links = table.column("urls").explode("urls").drop_nulls("urls").rename({"urls": "text"})
        parts.append(look_through(links))
    if table.contacts:
        table.contacts.forget()
    return pl.concat(parts).unique(maintain_order=True)


def spot_contacts(texts: pl.DataFrame) -> pl.DataFrame:
    """Return (row, rule, found) of a table (row, text), in order of rule, row and place."""
    plain = texts.select("row", text=clean(texts["text"]))
    parts = [pl.DataFrame(schema=_SPOTTED)]
    for rule, family in enumerate(FAMILIES):
        found = plain.filter(pl.col("text").str.contains(family.pattern)).select(
            "row", pl.lit(rule, pl.Int8).alias("rule"), pl.col("text").str.extract_all(family.pattern).alias("found")
        )
        parts.append(found.with_columns(pl.col("found").list.head(MAX_PER_POST)).explode("found"))
    return pl.concat(parts)


def most_frequent(counts: pl.DataFrame) -> tuple[pl.DataFrame, list[Message]]:
    """Return the (rule, found) that are read, of all different spellings (rule, found, n), and notes."""
    ranked = counts.sort("rule", "n", "found", descending=[False, True, False])
    kept = ranked.filter(pl.int_range(pl.len()).over("rule") < MAX_READ)
    n_left = counts.height - kept.height
    return kept.select("rule", "found"), [Message("note.contacts-many", n=n_left)] if n_left else []


def read_contacts(spotted: pl.DataFrame, spelled: pl.DataFrame) -> pl.DataFrame:
    """Return (row, object_id, label) of what was spotted, in the spellings (rule, found) that are read."""
    rows = [
        (rule, found, one.object_id, one.label, one.family, _base(one))
        for rule, found in spelled.iter_rows()
        for one in FAMILIES[rule].read(found)
    ]
    names = ("object_id", "label", "family", "base")
    schema = {"rule": pl.Int8, "found": pl.String, **dict.fromkeys(names, pl.String)}
    named = pl.DataFrame(rows, schema=schema, orient="row")
    return _events(spotted.join(named, on=["rule", "found"], maintain_order="left"))


def _base(contact: Contact) -> str:
    """Return the coin that a cashtag or a pair is about."""
    return contact.key.partition("/")[0] if contact.family in TOPICS else ""


def _events(named: pl.DataFrame) -> pl.DataFrame:
    """Return (row, object_id, label), once per post: a pair stands for its coin, a long list for what it lists."""
    named = named.unique(["row", "object_id"], keep="first", maintain_order=True)
    is_topic = pl.col("family").is_in(TOPICS)
    pairs = named.filter(pl.col("family") == "pair").select("row", "base").unique()
    doubled = named.filter(pl.col("family") == "cashtag").join(pairs, on=["row", "base"], how="semi")
    named = named.join(doubled, on=["row", "object_id"], how="anti", maintain_order="left")
    long = named.filter(is_topic).group_by("row").len().filter(pl.col("len") > MAX_TOPICS).select("row")
    listed = named.filter(is_topic).join(long, on="row", how="semi", maintain_order="left")
    lists = listed.group_by("row", maintain_order=True).agg(label=pl.col("label").head(MAX_PER_POST).str.join(" "))
    lists = lists.select("row", object_id="list:" + pl.col("label"), label="label")
    single = named.join(listed, on=["row", "object_id"], how="anti", maintain_order="left")
    single = single.filter(pl.int_range(pl.len()).over("row") < MAX_PER_POST)
    return pl.concat([single.select("row", "object_id", "label"), lists])
