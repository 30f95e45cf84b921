"""All that a member may see, put together from one part for each kind of thing."""

from __future__ import annotations

from dideban.room.access.alerts import AlertAccess
from dideban.room.access.findings import FindingAccess
from dideban.room.access.joint import JointAccess
from dideban.room.access.narratives import NarrativeAccess
from dideban.room.access.people import PeopleAccess
from dideban.room.access.posts import PostAccess
from dideban.room.access.public import PublicAccess
from dideban.room.access.responses import ResponseAccess
from dideban.room.access.review import ReviewAccess
from dideban.room.access.sharing import SharingAccess
from dideban.room.access.sources import SourceAccess


class Access(
    FindingAccess,
    NarrativeAccess,
    ResponseAccess,
    ReviewAccess,
    SharingAccess,
    JointAccess,
    SourceAccess,
    AlertAccess,
    PostAccess,
    PeopleAccess,
    PublicAccess,
):
    """A member inside a room, or a token of theirs."""
