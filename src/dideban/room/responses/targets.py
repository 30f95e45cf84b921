"""What a response is about: a narrative, a group, or one link or hashtag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from dideban.errors import InputError
from dideban.room.findings.models import FollowedGroup
from dideban.room.narratives.models import Narrative
from dideban.room.responses.models import ObjectKind, Response
from dideban.text import normal_form
from dideban.traces import canonical_url


@dataclass(frozen=True, kw_only=True)
class Target:
    """Exactly one of its kinds."""

    narrative: Narrative | None = None
    group: FollowedGroup | None = None
    object_kind: str = ""
    object_id: str = ""

    def __post_init__(self) -> None:
        if sum((self.narrative is not None, self.group is not None, bool(self.object_id))) != 1:
            raise InputError("room.response-target", hint="room.response-target-hint")

    @classmethod
    def of(cls, response: Response) -> Target:
        """Return the target of a response."""
        if response.narrative is not None:
            return cls(narrative=response.narrative)
        if response.group is not None:
            return cls(group=response.group)
        return cls(object_kind=response.object_kind, object_id=response.object_id)

    @classmethod
    def of_object(cls, kind: str, text: str) -> Target:
        """Return a link or a hashtag in the form in which posts are counted.

        Raises
        ------
        InputError
            It is no link, or no hashtag.
        """
        form = object_form(kind, text[:2_000].replace("\x00", "")) or ""
        if not form or len(form) > 500:
            raise InputError("room.response-object", hint="room.response-target-hint")
        return cls(object_kind=kind, object_id=form)

    @property
    def room_id(self) -> int | None:
        """The room it belongs to; None = any."""
        one = self.narrative or self.group
        return None if one is None else one.room_id

    def fields(self) -> dict[str, Any]:
        """Return the fields of a response that hold it."""
        return {
            "narrative": self.narrative, "group": self.group, "object_kind": self.object_kind,
            "object_id": self.object_id,
        }  # fmt: skip


def object_form(kind: str, text: str) -> str | None:
    """Return the one form of a link or a hashtag, however it was written; None where it is none.

    Examples
    --------
    >>> object_form("hashtag", "#Bridge")
    'bridge'
    """
    if kind == ObjectKind.LINK:
        return canonical_url(text.strip())
    if kind == ObjectKind.HASHTAG:
        return hashtag_forms(pl.Series([text]))[0] or None
    return None


def hashtag_forms(tags: pl.Series) -> pl.Series:
    """Return the one form of each hashtag; empty where there is none."""
    return normal_form(tags.str.strip_chars("#＃ ")).str.replace_all(r"[\s_]+", "")
