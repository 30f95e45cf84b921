"""What a room gives away by proving together, in the words that members read before they agree."""

from __future__ import annotations

import hashlib

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

LEAKS = (
    _(
        "Answering says that three accounts or more of a group are in our data, and in which blinded stretches of four "
        "hours we saw them around the same things; and which of them came before which, without the time."
    ),
    _(
        "A proposal names bystanders too, who shared the same thing in the same minutes once. The proof drops them; "
        "their blinded names stay in the record."
    ),
    _("A room that has the same accounts can name them. A room that does not have them cannot."),
    _("Posts, texts, links, places and minutes stay here. So does which account is behind a blinded name."),
    _(
        "To blind names, this machine opens the sealed ids of the accounts of the period. They stay in the memory of "
        "one process, are shown to nobody, and leave it only hidden in points."
    ),
    _("Both key holders together could find out which accounts were proposed. That is why they are two organisations."),
    _(
        "An authority that may order a room, the host or a key holder to hand over what it holds gets the record from "
        "any room, and with both keys the accounts that were proposed."
    ),
    _(
        "What was sent cannot be called back. After a deletion on request a blinded name stays in the record of the "
        "federation; nobody can resolve it once the keys of the epoch are deleted."
    ),
    _(
        "Blinded names, replies and claims are personal data under a pseudonym, of a sensitive kind where a campaign "
        "is political. Whoever answers for data protection here has to know of this."
    ),
    _("If more rooms lie together than the charter allows for, they can make a claim about accounts that we know."),
)


def statement_digest() -> str:
    """Return the hash of the statement: audit events and epochs name what was agreed to."""
    with override("en"):
        text = "\n".join(str(one) for one in LEAKS)
    return hashlib.sha256(text.encode()).hexdigest()
