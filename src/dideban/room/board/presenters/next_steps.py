"""What to check next, as pages show it: the sentences of the finding, with where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dideban.errors import DidebanError
from dideban.findings.originals import original_url
from dideban.messages import Message, has_text, say
from dideban.room.board.presenters.localize import with_local_instants
from dideban.room.wording import reading

OWNER = frozenset({"step.owner-unlisted", "step.owner-none"})
"""Steps that end once an owner is declared."""
POSTS = ("first", "second")
"""Values of steps that name posts."""


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One thing to do."""

    code: str
    text: str
    """In the language and digits of the reader."""
    originals: list[str] = field(default_factory=list)
    """Addresses of the posts that it names, at their source."""
    asks_owner: bool = False
    """Whether declaring an owner answers it."""


def steps_of(document: Mapping[str, Any]) -> list[StepView]:
    """Return what to check next of a finding, the most telling first."""
    return [_view(step) for step in document.get("next_steps") or () if isinstance(step, dict) and step.get("text")]


def _view(step: Mapping[str, Any]) -> StepView:
    values = step.get("values") or {}
    named = [original_url(str(values[name])) for name in POSTS if name in values]
    code = str(step.get("code", ""))
    return StepView(
        code=code, text=_said(step), originals=[address for address in named if address], asks_owner=code in OWNER
    )


def _said(step: Mapping[str, Any]) -> str:
    if has_text(str(step.get("code"))):
        try:
            return with_local_instants(say(Message.from_dict(dict(step)), reading.tongue()))
        except (DidebanError, ValueError, KeyError, TypeError):
            pass
    texts = step["text"]
    return str(texts.get(reading.language()) or texts.get("en") or "")
