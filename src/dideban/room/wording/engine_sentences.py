"""Sentences of the engine that have no code yet, in the language of the page."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dideban.report.safe import visible
from dideban.room.wording.reading import plain_digits
from dideban.room.wording.words import field_name

NUMBERS = {"n", "most", "line", "column", "low", "high"}
"""Parts of messages that are numbers."""

READING: tuple[tuple[str, Any], ...] = (
    (r"^name (it|them), e\.g\. (?P<maps>--map .*)$", _("write this into the field of columns: %(maps)s")),
    (r"^name (it|them): --map .*$", _("name them in the field of columns, one pair per line: ours = theirs")),
    (
        r"^the first line looks like a row, not like names of columns.*$",
        _("the first line looks like data; put a line with the names of the columns above it"),
    ),
    (r"^a (rule|source|verdict) is one of .*$", _("this kind is not there")),
    (r"^an owner is one of .*$", _("this kind is not there")),
    (r"^scopes are some of .*$", _("choose at least one thing it may do")),
    (r"^'(?P<value>.*)' is not one of .*$", _("“%(value)s” is not there to be chosen")),
    (r"^no such (field|parameter|setting|preference): (?P<value>.*)$", _("there is no “%(value)s” to be set")),
    (r"^the receiver answered HTTP (?P<n>\d+)$", _("the receiver answered HTTP %(n)s")),
    (
        r"^(?P<name>\w+): (?P<value>\S+) is not from 0 to a billion$",
        _("%(name)s: %(value)s is not from 0 to a billion"),
    ),
    (r"^(?P<name>\w+): an address here carries no name or password$", _("an address here carries no name or password")),
    (r"^(?P<name>\w+) is no map of columns$", _("write one pair per line: ours = theirs")),
    (r"^'(?P<value>.*)' cannot name a room$", _("“%(value)s” cannot name a room")),
    (r"^letters a-z, digits and hyphens, not used yet$", _("small Latin letters, digits and hyphens, not used yet")),
    (r"^more than (?P<n>\d+) owners$", _("more than %(n)s owners")),
    (r"^more than (?P<n>\d+) accounts or domains$", _("more than %(n)s accounts or domains")),
    (r"^more than (?P<n>\d+) files at once$", _("more than %(n)s files at once")),
    (r"^more than (?P<n>\d+) GiB at once$", _("more than %(n)s GiB at once")),
    (r"^more than (?P<n>\d+) columns$", _("more than %(n)s columns")),
    (r"^(?P<n>[\d,]+) rows, more than (?P<most>[\d,]+)$", _("%(n)s rows, more than %(most)s")),
    (r"^(?P<n>[\d,]+) rows in (?P<most>[\d,]+) bytes$", _("the file expands far beyond its size")),
    (
        r"^(the (file|files|posts)|[^:]+:) cannot be (kept|written|unpacked) "
        r"\((No space left on device|Disk quota exceeded)\)$",
        _("the disk is full"),
    ),
    (r"^the (file|files|posts) cannot be kept \((?P<value>.*)\)$", _("it cannot be kept on the disk (%(value)s)")),
    (
        r"^(?P<file>[^:]+): cannot be (written|unpacked) \((?P<value>.*)\)$",
        _("it cannot be kept on the disk (%(value)s)"),
    ),
    (r"^cannot be read \((?P<value>.*)\)$", _("it cannot be read (%(value)s)")),
    (r"^not a key$", _("the key of the room cannot be read")),
    (r"^the key cannot be read \(.*\)$", _("the key of the room cannot be read")),
    (
        r"^restore it, or name its folder with DIDEBAN_ROOM_REVEAL_KEY_PATH$",
        _("the keeper of the machine can restore it"),
    ),
    (r"^a (damaged|broken) .*$", _("the file is damaged")),
    (r"^--map (?P<ours>[\w.]+)=(?P<value>.*): no such column$", _("%(ours)s = %(value)s: the file has no such column")),
    (r"^--map (?P<value>.*)=\.\.\.: not a column of posts$", _("“%(value)s” is none of our names")),
    (r"^did you mean '(?P<value>.*)'\?$", _("did you mean “%(value)s”?")),
    (r"^there are: (?P<value>.*)$", _("there are: %(value)s")),
    (
        r"^no column for (?P<value>.*) among: (?P<names>.*)$",
        _("no column is told to be %(value)s; the file has: %(names)s"),
    ),
    (r"^no usable row among (?P<n>[\d,]+).*$", _("no usable row among %(n)s")),
    (
        r"^affiliations: only \[\[owner\]\] entries are allowed$",
        _("the list of owners: only [[owner]] entries stand in it"),
    ),
    (r"^affiliations: owner (?P<n>\d+) has no name$", _("the list of owners: number %(n)s has no name")),
    (
        r"^affiliations: owner (?P<n>\d+) has an unknown key '(?P<value>.*)'$",
        _("the list of owners: number %(n)s has “%(value)s”, which is not known"),
    ),
    (
        r"^affiliations: owner (?P<n>\d+): kind '?(?P<value>.*?)'? is not one of .*$",
        _("the list of owners: number %(n)s has the kind “%(value)s”, which is not there"),
    ),
    (
        r"^affiliations: owner (?P<n>\d+): (?P<value>\w+) must be a list of strings$",
        _("the list of owners: in number %(n)s, %(value)s is no list of texts in quotes"),
    ),
    (
        r"^the list of owners is not valid TOML: .*\(at line (?P<line>\d+), column (?P<column>\d+)\)$",
        _("the list of owners is not valid TOML: see line %(line)s, column %(column)s"),
    ),
    (
        r"^the list of owners is not valid TOML: .*\(at end of document\)$",
        _("the list of owners is not valid TOML: it ends too early"),
    ),
    (r"^the list of owners is not valid TOML.*$", _("the list of owners is not valid TOML")),
    (r"^(?P<feed>[\w ]+) has (url|server|path|mapping|seed).*$", _("choose another")),
)
"""Files, columns, lists and choices: the same, for what members bring or ask for."""

PLAIN = (
    _("many searches are under way"),
    _("try again in a moment"),
    _("address of the RSS or Atom feed"),
    _("folder on the machine of the room"),
    _("address of the server, e.g. https://example.social"),
    _("the body is not gzip"),
    _("a finding of another room"),
    _("a narrative of another room"),
    _("not the name of a file"),
    _("the finding belongs to another group"),
    _("not a finding id"),
    _("the table of posts is in use for too long"),
    _("the narratives are being followed for too long"),
    _("it is tried again later"),
    _("try again"),
    _("sockets of this machine are not fetched from"),
    _("a place lies in another place of the same room"),
    _("the room does not have the original id of this account"),
    _("the sealed id does not open with the key of this room"),
    _("nothing to read: no file was named, or the folders are empty"),
    _("the file is empty"),
    _("the sheet is empty"),
    _("an archive without files"),
    _("an old Excel file; save it as .xlsx"),
    _("not text, and no format that is known"),
    _("an archive inside an archive; unpack it first"),
    _("a single column; posts need an account and a time at least"),
    _("JSON without records that could be posts"),
    _("the workbook is too large; save the sheet as CSV"),
    _("'dideban inspect FILE' shows how a file is read"),
    _("check free space"),
)
"""Messages without anything in them, so that they are collected for translation."""


def translated(text: str) -> str:
    """Return a message of one of our errors in the language of the page, as far as it is known."""
    if not text:
        return ""
    whole = _known(text)
    if whole != visible(text, limit=500):
        return whole
    return ". ".join(_part(part) for part in text.removesuffix(".").split(". "))


def _part(text: str) -> str:
    """Return one sentence in the language of the page; the engine names a file first."""
    said = _known(text)
    name, _colon, rest = text.partition(": ")
    if said != visible(text, limit=500) or not rest or (later := _known(rest)) == visible(rest, limit=500):
        return said
    return f"\u2068{visible(name, limit=80)}\u2069: {later}"


def _known(text: str) -> str:
    for pattern, words in READING:
        if found := re.match(pattern, text, re.DOTALL):
            values = {name: visible(value, limit=80) for name, value in found.groupdict().items()}
            if "name" in values:
                values["name"] = field_name(values["name"])
            if "maps" in values:
                pairs = re.findall(r"--map (\S+?)=(\S+)", found["maps"])
                values["maps"] = " · ".join(
                    f"\u2066{ours} = {visible(theirs, limit=80)}\u2069" for ours, theirs in pairs
                )
            values |= {name: plain_digits(values[name]) for name in NUMBERS & values.keys()}
            return str(words) % values
    return gettext(visible(text, limit=500))
