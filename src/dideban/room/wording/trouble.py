"""What goes wrong with sources, in the language of the page: messages of fetching, and why posts were set aside."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

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
    (r"^this kind of source speaks on its own: there is nothing to ask$",
     _("this kind of source speaks on its own: there is nothing to ask")),
)  # fmt: skip
"""(pattern of a message of net.py and sources/, what is said instead)."""

REJECTS: dict[str, Any] = {
    "account-missing": _("no account: nobody can be said to have posted it"), "time-missing": _("no time"),
    "object-missing": _("nothing shared in the row"), "time-unreadable": _("the time cannot be read"),
    "time-out-of-range": _("the time is before 1990 or after 2034"),
    "time-jalali": _("the date is Jalali or Hijri; convert it, it is never guessed"),
    "time-nonexistent": _("a local time that was skipped when clocks went forward"),
    "row-ragged": _("more or fewer fields than the header"), "quote-unbalanced": _("a quotation mark never closes"),
    "nul-byte": _("the row holds NUL bytes"), "field-too-large": _("a field is too large"),
    "encoding-invalid": _("not text in the encoding of the file"), "json-invalid": _("not valid JSON"),
    "not-an-object": _("valid JSON, but not an object with fields"),
    "record-unreadable": _("a record lacks parts that its format prescribes"),
    "article-empty": _("no article text was found"), "file-truncated": _("the packed file ends too early"),
    "file-empty": _("the file has no rows"), "file-unreadable": _("the file cannot be opened or understood"),
    "file-binary": _("not text and no format that is known"), "file-bomb": _("the file expands far beyond its size"),
    "file-unmapped": _("no columns for account and time were found"),
    "account-erased": _("of an account that was deleted on request"),
    "time-in-future": _("dated more than a day ahead"), "older-than-kept": _("older than the room keeps posts"),
}  # fmt: skip
"""Why a post was set aside (ingest.reasons, posts.intake)."""
