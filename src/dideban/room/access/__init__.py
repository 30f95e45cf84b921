"""Who may see what: one line at the top of every view.

``access = enter(request, slug, needs=Permission.WORK)`` gives the room and the membership. An outsider gets 404, as
if the room did not exist; a member whose role is too low gets 403. Everything read through ``access`` is limited to
the places of the membership: what lies elsewhere is 404 too.
"""

from __future__ import annotations

from dideban.room.access.entry import SignInRequiredError, access_of, enter, lead_to_sign_in, open_site, whole_room
from dideban.room.access.member import Access

__all__ = ["Access", "SignInRequiredError", "access_of", "enter", "lead_to_sign_in", "open_site", "whole_room"]
