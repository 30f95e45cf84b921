"""What a case of a usual sort begins with: tasks that nobody should have to think of at night."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

TEMPLATES: dict[str, tuple[Any, ...]] = {
    "campaign": (
        _("Check the ordinary explanations with somebody who knows the subject"),
        _("Ask a second member for a verdict"),
        _("Keep the originals: archive the most telling posts"), _("Decide whether to answer, and plan the response"),
    ),
    "recycled": (
        _("Find the first appearance of the text or picture"), _("Say where and when it was really made"),
        _("Tell the desks that may meet it next"),
    ),
    "election": (
        _("Compare with the declared owners of parties and offices"), _("Inform the contact at the election office"),
        _("Check for the same wave in other places"), _("Decide on a bulletin before the evening news"),
    ),
}  # fmt: skip
"""Slug to titles of tasks."""
