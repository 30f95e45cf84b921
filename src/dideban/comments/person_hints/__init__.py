"""What may point at a private person in a comment: said to the moderator, never a decision, and kept nowhere.

Simple rules over the words of one comment. They know nobody: a name is a sequence of words that looks like one, and is
neither in the page nor among the names that the moderators keep as public. They miss names of one word, names in
scripts without rules of their own, and whoever is described without a name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dideban.comments.person_hints.contacts import find_contacts
from dideban.comments.person_hints.folding import fold, plain
from dideban.comments.person_hints.names import find_names

MOST_CHARS, MOST_HINTS, MOST_SHOWN = 2_200, 6, 80
KINDS = ("name", "phone", "mail", "handle", "number", "address")


@dataclass(frozen=True, kw_only=True)
class Hint:
    """One thing that a moderator should look at."""

    kind: str
    """One of KINDS."""
    text: str
    """The words of the comment."""


def hints_of(text: str, *, page: str = "", public: Collection[str] = ()) -> tuple[Hint, ...]:
    """Return what may point at a private person, names first.

    Parameters
    ----------
    text : str
        Name and body of a comment.
    page : str
        What the page commented on says: what stands there is public.
    public : collection of str
        Names of public persons.

    Examples
    --------
    >>> [(one.kind, one.text) for one in hints_of("Ask Sara Ahmadi, 0912 000 0000")]
    [('name', 'Sara Ahmadi'), ('phone', '0912 000 0000')]
    >>> hints_of("Ask Sara Ahmadi", page="A talk with Sara Ahmadi about water")
    ()
    """
    text = text[:MOST_CHARS]
    words = plain(text)
    names = [("name", text[words.span(*span)]) for span in find_names(words.text)]
    contacts = [(kind, text[words.span(start, end)]) for kind, start, end in find_contacts(words.text)]
    if not names and not contacts:
        return ()
    there = [f" {_folded(page)} ", *(f" {_folded(name)} " for name in public)]
    found = [one for one in names if not _is_said(one[1], there)]
    found += [one for one in contacts if f" {fold(one[1])} " not in there[0]]
    once = {(kind, fold(said)): said for kind, said in reversed(found)}
    return tuple(Hint(kind=kind, text=said[:MOST_SHOWN]) for (kind, _), said in reversed(once.items()))[:MOST_HINTS]


@lru_cache(maxsize=512)
def _folded(text: str) -> str:
    return fold(text)


def _is_said(said: str, there: Sequence[str]) -> bool:
    """Return whether something stands there, or its first words do: what follows a name may look like a part of it."""
    words = fold(said).split()
    heads = [f" {' '.join(words[:n])} " for n in range(min(2, len(words)), len(words) + 1)]
    return not words or any(head in one for one in there for head in heads)
