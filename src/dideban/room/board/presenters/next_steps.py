"""What to check next, as pages show it: the sentences of the finding, with where to look."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dideban.errors import DidebanError
from dideban.findings.originals import original_url
from dideban.messages import Message, has_text, say
from dideban.room.board.presenters.localize import with_local_instants
from dideban.room.findings.content import ISOLATES
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
    is_taken: bool = False
    """Whether a case of the finding has it as a task."""


MAX_TITLE = 200
"""Characters of the title of a task."""


def steps_of(document: Mapping[str, Any], *, titles: Collection[str] = ()) -> list[StepView]:
    """Return what to check next of a finding, the most telling first; ``titles`` are those of tasks in its cases."""
    steps = [step for step in document.get("next_steps") or () if isinstance(step, dict) and step.get("text")]
    return [_view(step, taken=set(titles)) for step in steps]


def title_of(step: Mapping[str, Any]) -> str:
    """Return the title of the task that a step becomes: plain, in the language of the page."""
    texts = step["text"]
    text = str(texts.get(reading.language()) or texts.get("en") or "").translate(ISOLATES)
    return text[: MAX_TITLE - 1] + "…" if len(text) > MAX_TITLE else text


def _titles(step: Mapping[str, Any]) -> set[str]:
    """Return the titles that the step has as a task in any language."""
    return {title_of({"text": {"en": text}}) for text in step["text"].values()}


def _view(step: Mapping[str, Any], *, taken: set[str]) -> StepView:
    values = step.get("values") or {}
    named = [original_url(str(values[name])) for name in POSTS if name in values]
    code = str(step.get("code", ""))
    return StepView(
        code=code, text=_said(step), originals=[address for address in named if address], asks_owner=code in OWNER,
        is_taken=bool(_titles(step) & taken),
    )  # fmt: skip


def _said(step: Mapping[str, Any]) -> str:
    if has_text(str(step.get("code"))):
        try:
            return with_local_instants(say(Message.from_dict(dict(step)), reading.tongue()))
        except (DidebanError, ValueError, KeyError, TypeError):
            pass
    texts = step["text"]
    return str(texts.get(reading.language()) or texts.get("en") or "")
