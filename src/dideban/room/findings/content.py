"""What a finding is about and how sure it is, for lists, titles, alerts and mails.

Read from its document each time and stored nowhere else: words that are deleted on request are gone here at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.fields.json import KeyTransform

from dideban.findings.headline import Headline, headline
from dideban.findings.model import SharedObject
from dideban.findings.sureness import Sureness, how_sure
from dideban.messages import say
from dideban.report.safe import visible
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.wording import reading

PARTS = {"pushed": "objects", "checked": "benign", "tries": "chance_one_in", "proof": "kind"}
"""Names of annotations to parts of the document of a finding."""
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What lists say of one finding."""

    headline: Headline
    sureness: Sureness

    @property
    def title(self) -> str:
        """What was pushed, as plain text in the language of the page."""
        return self.short()

    def short(self, *, most_chars: int = 0) -> str:
        """Return the title with its line cut at ``most_chars``, inside its quotation marks (0 = not cut)."""
        said = say(self.headline.message(most_chars=most_chars), reading.language())
        return visible(said.translate(ISOLATES))

    @property
    def sure(self) -> str:
        """How sure it is, in the language of the page."""
        return say(self.sureness.message(), reading.tongue())

    @property
    def explained(self) -> str:
        """What the ordinary explanations say, shortly."""
        return say(self.sureness.explanation(), reading.tongue())


ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"), "")


def with_content(found: QuerySet[M], *, document: str = "current__document") -> QuerySet[M]:
    """Read what lists say of findings without the rest of their documents.

    Parameters
    ----------
    document : str
        Where the document is, from the rows of ``found``.
    """
    parts = {name: KeyTransform(key, document) for name, key in PARTS.items()}
    read: QuerySet[M] = found.defer(document).annotate(**parts)
    return read


def content_of(row: FollowedGroup | KeptFinding | Any) -> Content | None:
    """Return what lists say of a group or finding; None where there is no finding.

    Rows of :func:`with_content` cost nothing; of others the document is read.
    """
    finding = row if isinstance(row, KeptFinding) else getattr(row, "current", None) or getattr(row, "group", None)
    if isinstance(finding, FollowedGroup):
        finding = finding.current
    if finding is None:
        return None
    is_read = hasattr(row, "pushed")
    parts = {key: getattr(row, name) for name, key in PARTS.items()} if is_read else finding.document
    return content(parts, is_lead=finding.is_lead)


def content(document: Mapping[str, Any], *, is_lead: bool) -> Content:
    """Return what lists say, from the parts of a document; what another version wrote differently counts as absent."""
    tries = document.get("chance_one_in")
    return Content(
        headline=headline(_objects(document.get("objects") or ())),
        sureness=how_sure(
            is_lead=is_lead, kind=str(document.get("kind") or ""), chance_one_in=float(tries) if tries else None,
            checks=[one for one in document.get("benign") or () if isinstance(one, dict) and "check" in one],
        ),
    )  # fmt: skip


def _objects(rows: Iterable[Mapping[str, Any]]) -> list[SharedObject]:
    try:
        return [SharedObject(**row) for row in rows]
    except TypeError:
        return []
