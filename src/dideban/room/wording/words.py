"""Words for what the database says in slugs. Everything here is translated in ``locale``."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dideban.errors import DidebanError
from dideban.messages import Message, say
from dideban.report.safe import visible
from dideban.room.wording.reading import language, plain_digits
from dideban.room.wording.trouble import FETCHING, READING, REJECTS

WORDS: dict[str, dict[str, Any]] = {
    "verdict": {
        "": _("no verdict yet"), "confirmed": _("confirmed"), "declared": _("declared"),
        "false-alarm": _("false alarm"), "unsure": _("unsure"),
    },
    "label": {
        "unexplained": _("unexplained"), "declared": _("declared"),
        "contradicts-declared": _("contradicts what was declared"),
    },
    "method": {
        "synchrony": _("synchrony test"), "threshold": _("threshold rule"), "coortweet": _("CooRTweet rule"),
        "qut": _("QUT rule"),
    },
    "status": {"open": _("open"), "waiting": _("waiting"), "closed": _("closed")},
    "severity": {"low": _("low"), "medium": _("medium"), "high": _("high")},
    "role": {"viewer": _("viewer"), "analyst": _("analyst"), "editor": _("editor"), "coordinator": _("coordinator"),
             "lead": _("coordinator")},  # as older events of the audit trail name it
    "note": {"note": _("note"), "decision": _("decision")},
    "health": {
        "new": _("not asked yet"), "ok": _("well"), "silent": _("silent"), "failing": _("failing"),
        "paused": _("paused"),
    },
    "source": {}, "source_help": {}, "source_choices": {}, "source_field": {}, "source_hint": {}, "field": {},
    "run": {"poll": _("regular"), "test": _("test"), "backfill": _("backfill"), "upload": _("upload")},
    "rule": {
        "new-finding": _("new finding"), "growing-finding": _("growing finding"),
        "narrative-burst": _("narrative burst"), "saved-search": _("saved search"),
        "source-silent": _("silent source"), "room-late": _("the room is late"), "task-due": _("task due"),
    },
    "param": {
        "min_accounts": _("Accounts, at least"), "with_leads": _("Tell of leads too"),
        "min_growth": _("Growth, at least (0.5 = half as many again)"), "min_posts": _("Posts, at least"),
        "quiet_min": _("Told again after, minutes"), "late_s": _("Late by, seconds"),
    },
    "event": {
        "born": _("first seen"), "grew": _("grew"), "shrank": _("shrank"), "returned": _("returned"),
        "split": _("split"), "merged": _("merged"), "ended": _("ended"),
    },
    "tick": {
        "running": _("running"), "done": _("done"), "unchanged": _("nothing new"), "failed": _("failed"),
    },
    "scope": {
        "read": _("read findings, cases and alerts"), "posts": _("read posts"),
        "write": _("give verdicts, comment, work on cases"), "feed": _("read the feed of alerts"),
    },
    "origin": {
        "finding": _("from a finding"), "narrative": _("from a narrative"), "search": _("from a search"),
        "hand": _("by hand"),
    },
    "setting": {
        "name": _("Name"), "horizon_days": _("Days that every analysis looks at"),
        "tick_s": _("Seconds between analyses"), "retention_days": _("Days that posts are kept"),
        "reveal_hours": _("Hours a reveal stays open"),
    },
    "role_of_post": {
        "first": _("the first"), "most-copied": _("copied most often"), "typical": _("a typical one"),
    },
    "language": {"en": "English", "fa": "فارسی", "ar": "العربية"},
    "reject": REJECTS,
    "owner": {
        "brand": _("company or brand"), "party": _("party or movement"), "wire": _("news agency"),
        "official": _("public office"),
    },
    "unit": {"B": _("B"), "KiB": _("KiB"), "MiB": _("MiB"), "GiB": _("GiB")},
    "yes": {"True": _("yes"), "False": _("no")},
    "subject": {
        "case": _("Case"), "group": _("Finding"), "source": _("Source"), "rule": _("Rule"), "member": _("Member"),
        "place": _("Place"), "room": _("Room"), "search": _("Search"), "reveal": _("Reveal"), "token": _("Token"),
        "handover": _("Hand-over"), "webhook": _("Webhook"), "invitation": _("Invitation"),
        "erasure": _("Deletion on request"),
    },
    "detail": {
        "account": _("Account"), "alerts": _("Alerts"), "comment": _("Comment"), "fields": _("What"),
        "file": _("File"), "finding": _("Finding"), "findings": _("Findings"), "group": _("Finding"),
        "groups": _("Findings"), "is_demo": _("demo"), "is_paused": _("paused"), "kind": _("Kind"), "n": _("Number"),
        "name": _("Name"), "narrative": _("Narrative"), "needs_second_factor": _("Every member needs a second factor"),
        "note": _("Note"), "origin": _("From"), "other": _("Case"), "owner": _("Owner"), "owners": _("Owners"),
        "places": _("Places"), "posts": _("Posts"), "role": _("Role"), "run": _("Try"), "scopes": _("It may"),
        "search": _("Search"), "severity": _("Severity"), "sha256": "SHA-256", "status": _("Status"),
        "summary": _("Summary"), "task": _("Task"), "title": _("Title"), "language": _("Language"),
        "network": _("Network"), "reason": _("Reason"),
        "place": _("Place"), "interval_s": _("Ask every, seconds"), "settings": _("Settings"),
    },
    "not_second": {
        "made-by-asker": _("made by the member who asked"), "too-young": _("too young"),
        "same-device": _("the same browser"),
    },
    "calendar": {"gregorian": _("Gregorian"), "jalali": _("Solar Hijri (Jalali)")},
    "theme": {"auto": _("as the system"), "light": _("light"), "dark": _("dark")},
}  # fmt: skip

"""What a slug is called. Types of sources bring their own words (:func:`learn`)."""

NUMBERS = {"n", "most", "line", "column", "low", "high"}
"""Parts of messages that are numbers."""

USUAL_RULES = {"New finding", "Growing finding", "Narrative burst", "Silent source", "The room is late", "Task due"}
"""Names that every new room gives its rules (upkeep.setup.DEFAULT_RULES)."""

ACTIONS = {
    "alert.handle": _("handled alerts"), "case.change": _("changed the case"), "case.link-case": _("linked a case"),
    "case.link-findings": _("added findings"), "case.link-narrative": _("added a narrative"),
    "case.unlink-narrative": _("took a narrative out"), "case.keep-search": _("kept a search with the case"),
    "case.drop-search": _("took a search out"), "case.open": _("opened the case"),
    "case.status": _("changed the status"), "case.unlink-case": _("took a link to a case back"),
    "case.unlink-finding": _("took a finding out"), "case.unwatch": _("stopped watching"),
    "case.watch": _("began watching"), "decision.add": _("noted a decision"), "file.add": _("added a file"),
    "file.delete": _("took a file out"), "finding.comment": _("commented"),
    "finding.uncomment": _("took a comment back"),
    "finding.verdict": _("gave a verdict"), "handover.read": _("read a hand-over note"),
    "handover.write": _("wrote a hand-over note"), "invitation.make": _("invited somebody"),
    "invitation.revoke": _("revoked an invitation"), "member.change": _("changed a role"),
    "member.create": _("made a member"), "member.join": _("joined"), "member.leave": _("left"),
    "note.add": _("wrote a note"), "note.delete": _("deleted a note"), "note.edit": _("changed a note"),
    "owner.remove": _("removed a declared owner"), "owner.save": _("saved a declared owner"),
    "person.erase": _("deleted a person's posts on request"),
    "posts.retain": _("removed posts whose time is over"),
    "person.erased": _("deleted a person's posts"), "place.remove": _("removed a place"),
    "place.save": _("saved a place"), "reveal.agree": _("agreed to a reveal"), "reveal.ask": _("asked for a reveal"),
    "reveal.refuse": _("refused a reveal"), "reveal.see": _("saw an original account"),
    "reveal.not-second": _("tried to agree to a reveal and may not"),
    "member.password": _("set a password on the machine"), "member.guessed": _("wrong passwords were tried"),
    "posts.import": _("brought posts of another scan in"),
    "room.change": _("changed settings"), "room.create": _("made the room"), "rule.pause": _("paused a rule"),
    "rule.remove": _("removed a rule"), "rule.resume": _("resumed a rule"), "rule.save": _("saved a rule"),
    "search.remove": _("removed a search"), "search.save": _("saved a search"), "source.add": _("added a source"),
    "source.backfill": _("asked for a backfill"), "source.change": _("changed a source"),
    "source.pause": _("paused a source"), "source.remove": _("removed a source"),
    "source.resume": _("resumed a source"), "source.test": _("tested a source"),
    "source.token": _("made a new intake token"), "source.upload": _("uploaded files"), "task.add": _("added a task"),
    "task.change": _("changed a task"), "task.done": _("finished a task"), "task.reopen": _("opened a task again"),
    "token.make": _("made a token"), "token.revoke": _("revoked a token"), "webhook.add": _("added a webhook"),
    "webhook.remove": _("removed a webhook"),
}  # fmt: skip

ERRORS = (
    _("a verdict needs a reason"), _("one sentence is enough"), _("the comment is empty"), _("the title is empty"),
    _("the text is empty"), _("the outcome is empty"), _("a case is linked with another case of the same room"),
    _("a decision is not edited"), _("add another decision that replaces it"), _("the file is empty"),
    _("the files are empty"), _("a source needs a name"), _("this source takes no files"),
    _("this kind of source cannot look back"), _("only an HTTP intake has a token"), _("a place needs a name"),
    _("members are limited to this place"), _("give them another place first"),
    _("a room keeps at least one coordinator"), _("make somebody else a coordinator first"),
    _("this invitation does not hold any more"), _("ask a coordinator for a new one"),
    _("an empty search is not worth keeping"), _("that is not a pseudonym of this room"),
    _("say why, so that the other member can decide"), _("a sentence at least"), _("a reveal takes two members"),
    _("somebody else has to agree"), _("this is decided already"), _("only the two members of a reveal see it"),
    _("this reveal is not open"), _("ask for a new one"), _("say what was asked for"), _("say whose posts"),
    _("this rule needs a saved search"), _("they are not a member of this room"), _("is the disk full?"),
    _("the place to go on from cannot be read"), _("begin the search again"), _("it begins with https://"),
    _("write 2026-11-23 or 2026-11-23T14:30"), _("an address here carries no name or password"),
    _("a sentence of several words is strong"), _("search for fewer"), _("choose another"),
    _("this cannot be done here"),
    _("the list of owners is too large"), _("there is no such owner"), _("two owners have the same name"),
    _("an owner needs a name"), _("an owner needs accounts or domains"), _("one per line"),
    _("choose one of your places"), _("the disk is full"), _("that is no e-mail address"),
    _("a name has letters and digits, 150 at most"),
    _("whoever agrees was here before it was asked for"), _("more than may be sent at once"),
    _("this cannot be read"),
    _("for example example.org"), _("write one pair per line: ours = theirs"), _("this language is not there"),
)  # fmt: skip
"""Plain messages of our errors, so that they are collected for translation."""
PATTERNS = (
    (r"^(?P<name>\w+) is missing$", _("%(name)s is missing")),
    (r"^(?P<name>\w+): '(?P<value>.*)' is not an address$", _("“%(value)s” is not an address")),
    (r"^(?P<name>\w+): '(?P<value>.*)' is not a whole number$", _("“%(value)s” is not a whole number")),
    (r"^(?P<name>\w+): '(?P<value>.*)' is not a number$", _("“%(value)s” is not a number")),
    (r"^'(?P<value>.*)' is not a day or a time$", _("“%(value)s” is not a day or a time")),
    (r"^every (?P<n>\d+) seconds: from 10 seconds to a week$", _("the interval is from 10 seconds to a week")),
    (r"^(?P<n>-?\d+) days: from 1 to 400$", _("days are from 1 to 400")),
    (r"^the name '(?P<value>.*)' is taken or empty$", _("the name “%(value)s” is taken or empty")),
    (r"^(?P<name>.*) has no e-mail address, or is not in the room$",
     _("%(name)s has no e-mail address, or is not in the room")),
    (r"^'(?P<value>.*)' is not a domain$", _("“%(value)s” is not a domain")),
    (r"^account '(?P<value>.*)' already belongs to (?P<owner>.*)$",
     _("the account “%(value)s” already belongs to “%(owner)s”")),
    (r"^the file is larger than (?P<n>\d+) MiB$", _("the file is larger than %(n)s MiB")),
    (r"^more than (?P<n>\d+) words$", _("more than %(n)s words")),
    (r"^(?P<name>\w+): (?P<value>\S+) is not from (?P<low>\d+) to (?P<high>\d+)$",
     _("%(value)s is not from %(low)s to %(high)s")),
    *READING, *FETCHING,
)  # fmt: skip


def usual_name(name: str, kind: str) -> str:
    """Return the name under which a new room keeps its rule, where a form sends it back in another language."""
    usual = {"new-finding": "New finding", "growing-finding": "Growing finding", "source-silent": "Silent source",
             "room-late": "The room is late", "task-due": "Task due"}.get(kind, "")  # fmt: skip
    return usual if usual and name.strip() == word("rule", kind) else name


def word(kind: str, slug: object) -> str:
    """Return the word for a slug in the language of the page; the slug itself where there is none."""
    return str(WORDS.get(kind, {}).get(str(slug), slug))


def learn(kind: str, slug: str, text: Any, *, is_shared: bool = False) -> None:
    """Take up the word for a slug from whoever brings it; of shared ones the first is kept."""
    if not (is_shared and slug in WORDS[kind]):
        WORDS[kind][slug] = text


KINDS_OF_ACTIONS = {"finding": "verdict", "rule": "rule", "source": "source", "note": "note", "decision": "note"}
"""Which words say the ``kind`` that an action notes."""
DETAIL_WORDS = {
    "role": "role",
    "status": "status",
    "origin": "origin",
    "scopes": "scope",
    "severity": "severity",
    "reason": "not_second",
}
"""Which words say the value of a detail."""


def detail_name(name: str) -> str:
    """Return what a detail of an audit event is called."""
    return word("detail", name) if name in WORDS["detail"] else word("setting", name)


def detail_value(action: str, name: str, value: str) -> str | None:
    """Return the word for a value that an audit event notes; None where it is no slug that has one."""
    kind = KINDS_OF_ACTIONS.get(action.partition(".")[0]) if name == "kind" else DETAIL_WORDS.get(name)
    if name == "fields":
        return detail_name(value)
    return word(kind, value) if kind and value in WORDS[kind] else None


def action(name: str) -> str:
    """Return what an audit event says somebody did."""
    return str(ACTIONS.get(name, name))


def error_words(error: DidebanError) -> tuple[str, str]:
    """Return message and hint of one of our errors in the language of the page, as far as they are known."""
    return _said(error.message), _said(error.hint)


def _said(message: Message) -> str:
    """Say a message in the language of the page; a sentence that has no code yet goes through the patterns."""
    return translated(str(message)) if message.code in ("", "sentence.english") else say(message, language())


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


def _field_name(name: str) -> str:
    """Return what a field of a source, a rule or the room is called."""
    return next((word(kind, name) for kind in ("field", "param", "setting") if name in WORDS[kind]), name)


def _known(text: str) -> str:
    for pattern, words in PATTERNS:
        if found := re.match(pattern, text, re.DOTALL):
            values = {name: visible(value, limit=80) for name, value in found.groupdict().items()}
            if "name" in values:
                values["name"] = _field_name(values["name"])
            if "maps" in values:
                pairs = re.findall(r"--map (\S+?)=(\S+)", found["maps"])
                values["maps"] = " · ".join(
                    f"\u2066{ours} = {visible(theirs, limit=80)}\u2069" for ours, theirs in pairs
                )
            values |= {name: plain_digits(values[name]) for name in NUMBERS & values.keys()}
            return str(words) % values
    return gettext(visible(text, limit=500))
