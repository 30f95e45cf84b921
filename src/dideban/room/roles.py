"""Roles and what each may do. A role holds everything the one below it holds."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing a member may do in a room."""

    VIEW = "view"
    """See findings, posts, cases and exports."""
    WORK = "work"
    """Give verdicts, discuss, work on cases, save searches, ask for reveals, make own tokens."""
    UPLOAD = "upload"
    """Bring in posts from files."""
    SOURCES = "sources"
    """Add, change, pause and remove sources."""
    RULES = "rules"
    """Change alert rules and where alerts go."""
    REVEAL = "reveal"
    """Agree to a reveal that another member asked for."""
    SHARE = "share"
    """Send something to peers, agree that something leaves, take it back."""
    PLACES = "places"
    """Change the places of the room."""
    MEMBERS = "members"
    """Invite members, change roles and places."""
    PEERS = "peers"
    """Add peers and collections, make their tokens."""
    ERASE = "erase"
    """Delete a person's posts on request."""
    AUDIT = "audit"
    """Read the whole audit trail."""
    SETTINGS = "settings"
    """Change the settings of the room."""


class Role(StrEnum):
    """What a member is in a room."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    EDITOR = "editor"
    COORDINATOR = "coordinator"


WHOLE_ROOM = frozenset({
    Permission.PLACES, Permission.MEMBERS, Permission.PEERS, Permission.ERASE, Permission.AUDIT, Permission.SETTINGS,
})  # fmt: skip
"""What only a member of the whole room may do, whatever the role: it reaches beyond any place."""
_VIEWER = frozenset({Permission.VIEW})
_ANALYST = _VIEWER | {Permission.WORK, Permission.UPLOAD}
_EDITOR = _ANALYST | {Permission.SOURCES, Permission.RULES, Permission.REVEAL, Permission.SHARE, Permission.PLACES}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.ANALYST: _ANALYST,
    Role.EDITOR: _EDITOR,
    Role.COORDINATOR: frozenset(Permission),
}


def may(role: str, permission: Permission) -> bool:
    """Return whether a role holds a permission; an unknown role holds none.

    Examples
    --------
    >>> may("analyst", Permission.WORK), may("viewer", Permission.WORK)
    (True, False)
    """
    return role in PERMISSIONS and permission in PERMISSIONS[Role(role)]
