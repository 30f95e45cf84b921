"""What goes wrong with sources, in the language of the page: messages of fetching, and why posts were set aside."""

from __future__ import annotations

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dideban.ingest.reasons import REASONS, meaning
from dideban.messages import say

FETCHING: tuple[tuple[str, Any], ...] = (
    (r"^the server failed \(HTTP (?P<n>\d+)\)$", _("the server failed (HTTP %(n)s)")),
    (r"^the server did not accept the request \(HTTP (?P<n>\d+)\)$",
     _("the server did not accept the request (HTTP %(n)s)")),
    (r"^the server wants a password or token \(HTTP (?P<n>\d+)\)$",
     _("the server wants a password or token (HTTP %(n)s)")),
    (r"^the server refuses \(HTTP (?P<n>\d+)\)$", _("the server refuses (HTTP %(n)s)")),
    (r"^nothing is at this address \(HTTP (?P<n>\d+)\)$", _("nothing is at this address (HTTP %(n)s)")),
    (r"^what was at this address is gone \(HTTP (?P<n>\d+)\)$", _("what was at this address is gone (HTTP %(n)s)")),
    (r"^the server asks for fewer requests \(HTTP (?P<n>\d+)\)$", _("the server asks for fewer requests (HTTP %(n)s)")),
    (r"^the certificate of the server is not valid$", _("the certificate of the server is not valid")),
    *((rf"^{text}$", words) for text, words in (
        ("the certificate of the server has expired", _("the certificate of the server has expired")),
        ("the certificate of the server is not valid yet", _("the certificate of the server is not valid yet")),
        ("the certificate of the server is signed by itself", _("the certificate of the server is signed by itself")),
        ("the certificate of the server is signed by nobody that is trusted",
         _("the certificate of the server is signed by nobody that is trusted")),
        ("the certificate of the server is for another name", _("the certificate of the server is for another name")),
    )),
    *((rf"^{text}$", words) for text, words in (
        ("the feed takes too long to read", _("the feed takes too long to read")),
        ("the feed takes too much memory to read", _("the feed takes too much memory to read")),
        ("the feed is in an encoding that is not read", _("the feed is in an encoding that is not read")),
    )),
    (r"^the server refuses connections$", _("the server refuses connections")),
    (r"^no secure connection could be made$", _("no secure connection could be made")),
    (r"^the connection broke \((?P<value>.*)\)$", _("the connection broke (%(value)s)")),
    (r"^more than (?P<n>\d+) redirects$", _("more than %(n)s redirects")),
    (r"^no answer within (?P<n>\d+) seconds$", _("no answer within %(n)s seconds")),
    (r"^not done within (?P<n>\d+) seconds$", _("not done within %(n)s seconds")),
    (r"^larger than (?P<n>\d+) MiB$", _("larger than %(n)s MiB")),
    (r"^(?P<value>\S+): no such host, or no name service$", _("%(value)s: no such host, or no name service")),
    (r"^(?P<value>\S+) is an address of this machine or of a private network$",
     _("%(value)s is an address of this machine or of a private network")),
    (r"^DIDEBAN_ROOM_ALLOW_PRIVATE_ADDRESSES=yes allows it for the whole room$",
     _("the keeper of the machine can allow it for the whole room")),
    (r"^'(?P<value>.*)' cannot be fetched$", _("“%(value)s” cannot be fetched")),
    (r"^'(?P<value>.*)' is not an address( of the web)?$", _("“%(value)s” is not an address")),
    (r"^redirected to something that is (no address|not the web)$", _("redirected to something that is not the web")),
    (r"^the answer is packed .*$", _("the answer is packed in a way that cannot be read")),
    (r"^the feed declares entities of its own, which is not read$",
     _("the feed declares entities of its own, which is not read")),
    (r"^what is at this address is no RSS or Atom feed$", _("what is at this address is no RSS or Atom feed")),
    (r"^look for a link named RSS on the site$", _("look for a link named RSS on the site")),
    (r"^the folder cannot be read \((?P<value>.*)\)$", _("the folder cannot be read (%(value)s)")),
    (r"^the room may not read this folder$", _("the room may not read this folder")),
    (r"^name it in DIDEBAN_ROOM_FOLDERS, or use the room's inbox$",
     _("the keeper of the machine can name it in DIDEBAN_ROOM_FOLDERS, or use the inbox of the room")),
    (r"^there is no such folder$", _("there is no such folder")),
    (r"^the server did not answer with JSON$", _("the server did not answer with JSON")),
    (r"^the server did not answer with a list of statuses$", _("the server did not answer with a list of posts")),
    (r"^is it a Mastodon server\?$", _("is it a Mastodon server?")),
    (r"^a mistake of ours: (?P<value>\w+)$", _("a mistake of ours: %(value)s")),
    (r"^the stream broke \((?P<value>.*)\)$", _("the stream broke (%(value)s)")),
    (r"^the stream said nothing for (?P<n>\d+) seconds$", _("the stream said nothing for %(n)s seconds")),
    (r"^the room has more posts waiting than it wants$", _("the room has more posts waiting than it wants")),
    (r"^this installation no longer has this type of source$",
     _("this installation no longer has this type of source")),
    (r"^this kind of source speaks on its own: there is nothing to ask$",
     _("this kind of source speaks on its own: there is nothing to ask")),
)  # fmt: skip
"""(pattern of a message of net.py and sources/, what is said instead)."""

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


def _in_language_of_page(slug: str) -> str:
    return say(meaning(slug), (get_language() or "en").split("-")[0])


_engine_words = lazy(_in_language_of_page, str)
REJECTS: dict[str, Any] = {
    **{slug: _engine_words(slug) for slug in REASONS},
    "account-erased": _("of an account that was deleted on request"),
    "time-in-future": _("dated more than a day ahead"), "older-than-kept": _("older than the room keeps posts"),
}  # fmt: skip
"""Why a post was set aside (ingest.reasons, posts.intake)."""
