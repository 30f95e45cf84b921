"""What a finding is about, in one line: the text, page, site, hashtags or picture that its group pushed.

Always worked out from the objects of a finding, never stored: what is deleted there on request is gone here too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dideban.findings.model import SharedObject
from dideban.kinds import KINDS, slugs
from dideban.messages import Message, has_text
from dideban.traces import registrable_domain

MAX_LINE = 140
"""Characters of the line."""
LEAST_LETTERS = 8
"""Letters and digits from which a line says something by itself."""
READ = 4_000
"""Characters read of one text."""
REMOVED = "…"
"""Stands where words were deleted on request."""
_ENDS = " .,;:،؛…"
"""What a line that is cut does not end with: three points follow."""
WORDED, TAGGED, NAMED, BARE = 4, 3, 2, 1
"""Weights of objects: a text that people read, hashtags, something with a name, something without."""

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLES = re.compile(r"^(?:(?:RT\s+)?[@#][^\s:]+[:\s]*)+")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\x00-\x1f\x7f-\x9f]"
)
_PILES = re.compile(r"([\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]+")
_RUNS = re.compile(r"(\W)\1{5,}")
_SITES, _ADDRESSES = slugs(lambda kind: kind.origin == "site"), slugs(lambda kind: kind.is_address)
_POSTS, _CONTACTS = slugs(lambda kind: kind.is_post), slugs(lambda kind: kind.is_contact)
Rank = tuple[int, int, str, int, str]
_ORDER = {kind.slug: i for i, kind in enumerate(KINDS)}


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What was pushed."""

    kind: str = ""
    """Kind of the object that says it; empty where nothing can be read any more."""
    object_id: str = ""
    line: str = ""
    """Words on it: one line without addresses, direction marks and controls; empty where there are none."""
    is_quote: bool = False
    """Whether people wrote the line; else it names the object."""
    site: str = ""
    """The site that half or more of the pushed pages stand on."""
    n_accounts: int = 0
    n_posts: int = 0
    """Members and joint posts of that object."""

    def message(self, *, most_chars: int = 0) -> Message:
        """Return it as a sentence part for lists, titles and mails; its line cut at ``most_chars`` (0 = not cut)."""
        is_cut = 0 < most_chars < len(self.line)
        line = f"{self.line[:most_chars].rstrip(_ENDS)}…" if is_cut else self.line
        if self.is_quote:
            code = "headline.quote-site" if self.site else "headline.quote"
            return Message(code, line=line, site=self.site) if self.site else Message(code, line=line)
        if line and self.site and self.site != self.line:
            return Message("headline.page", line=line, site=self.site)
        if line or self.site:
            return Message("headline.name", line=line or self.site)
        return Message(self._bare())

    def _bare(self) -> str:
        code = f"headline.{self.kind}"
        return code if self.kind and has_text(code) else "headline.object" if self.kind else "headline.nothing"


def headline(objects: Sequence[SharedObject]) -> Headline:
    """Return what a group pushed, from the objects of its finding.

    Parameters
    ----------
    objects : sequence of SharedObject
        As the finding lists them.

    Returns
    -------
    Headline
        The object that most members and few others shared: members squared over all accounts that shared it, where
        words count four times, hashtags three times and names twice. Ties go to more posts, then the earlier first
        share, then kind and id.

    Examples
    --------
    >>> headline([]).kind
    ''
    """
    told = _most_telling([one for one in objects if one.label != REMOVED])
    if told is None:
        return Headline()
    one, line, is_quote = told
    site = _site(objects)
    return Headline(
        kind=one.kind, object_id=one.id, line=line, is_quote=is_quote, site=site, n_accounts=one.n_accounts,
        n_posts=one.n_posts,
    )  # fmt: skip


def telling_line(text: str, *, limit: int = MAX_LINE) -> str:
    r"""Return the line of a text that says most: the first with words enough, else the one with most letters.

    Addresses, handles and hashtags at the start, direction marks and other controls are left out.

    Examples
    --------
    >>> telling_line("@ana #now\nThe well in the lower town is poisoned https://x.example/1")
    'The well in the lower town is poisoned'
    """
    if text == REMOVED:
        return ""
    lines = []
    for line in text[:READ].splitlines():
        lines.append(_clean(line))
        if _n_letters(lines[-1]) >= LEAST_LETTERS:
            return _cut(lines[-1], limit)
    return _cut(max(lines, key=_n_letters, default=""), limit)


def _words(one: SharedObject) -> tuple[str, bool]:
    """Return the line that says what an object is, and whether people wrote it."""
    if one.label == REMOVED:
        return "", False
    if one.kind == "text":
        named = one.label != one.id
        return (telling_line(one.label), True) if named else ("", False)
    if one.kind == "hashtags" or one.kind in _CONTACTS:
        return _cut(_spaced(one.label), MAX_LINE), False
    if one.kind in _POSTS and one.label != one.id and (line := telling_line(one.label)):
        return line, True
    if _n_letters(line := telling_line(one.said)) >= LEAST_LETTERS:
        return line, True
    return (_page(one.label), False) if one.kind in _ADDRESSES else ("", False)


def _most_telling(objects: Sequence[SharedObject]) -> tuple[SharedObject, str, bool] | None:
    """Return the first by rank with its words. Texts are long: those that could not come first are not read."""
    best: tuple[Rank, SharedObject, str, bool] | None = None
    for least, one in sorted(((_rank(one, WORDED), one) for one in objects), key=lambda entry: entry[0]):
        if best is not None and best[0] <= least:
            break  # not even with the greatest weight would this one or a later one come before
        line, is_quote = _words(one)
        rank = _rank(one, _weight(one, line=line, is_quote=is_quote))
        if best is None or rank < best[0]:
            best = rank, one, line, is_quote
    return best[1:] if best else None


def _weight(one: SharedObject, *, line: str, is_quote: bool) -> int:
    if is_quote and _n_letters(line) >= LEAST_LETTERS:
        return WORDED
    if one.kind == "hashtags":
        return TAGGED
    return NAMED if line else BARE


def _rank(one: SharedObject, weight: int) -> Rank:
    shared = one.n_accounts + max(one.n_others or 0, 0)
    score = 1_000 * weight * one.n_accounts * one.n_accounts // max(shared, 1)
    return -score, -one.n_posts, one.first_at, _ORDER.get(one.kind, len(_ORDER)), one.id


def _site(objects: Sequence[SharedObject]) -> str:
    """Return the site that half or more of the listed pages stand on, two pages or one that most members shared."""
    pages = [one for one in objects if one.kind in _SITES and one.label != REMOVED]
    counts = Counter(site for one in pages if (site := _site_of(one.label)))
    site, n = min(counts.items(), key=lambda entry: (-entry[1], entry[0]), default=("", 0))
    return site if 2 * n >= len(pages) else ""


def _site_of(label: str) -> str:
    host = _parts(label)[0]
    return registrable_domain(host) or host


def _page(label: str) -> str:
    """Return what the address of a page says: the words of its last part, else host and path."""
    host, path = _parts(label)
    last = re.sub(r"\.\w{1,5}$", "", path.rstrip("/").rsplit("/", 1)[-1])
    words = [word for word in re.split(r"[-_+\s]+", _spaced(last)) if any(map(str.isalpha, word))]
    if len(words) > 1:
        return _cut(" ".join(words), MAX_LINE)
    return _cut(_spaced(f"{host}{path}".rstrip("/")), MAX_LINE)


def _parts(label: str) -> tuple[str, str]:
    """Return host and readable path of an address with or without a scheme."""
    try:
        parts = urlsplit(label if "://" in label else f"https://{label}")
        return (parts.hostname or "").removeprefix("www."), unquote(parts.path, errors="replace")
    except ValueError:
        return "", label


def _clean(line: str) -> str:
    return _spaced(_HANDLES.sub("", _spaced(_ADDRESS.sub(" ", line))))


def _spaced(text: str) -> str:
    """Return a text on one line without what cannot be seen; ZWNJ and joiners of pictures are kept."""
    text = _UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(_RUNS.sub(r"\1\1\1", _PILES.sub(r"\1", text)).split())


def _cut(line: str, limit: int) -> str:
    if len(line) <= limit:
        return line
    front = line[: limit - 1]
    at_word = front.rsplit(" ", 1)[0] if " " in front[limit // 2 :] else front
    return f"{at_word.rstrip(_ENDS)}…"


def _n_letters(line: str) -> int:
    return sum(map(str.isalnum, line))
