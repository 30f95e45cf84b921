"""Pages and the API read through ``access`` alone: what it does not name is listed here, with why."""

from __future__ import annotations

import ast
from pathlib import Path

import dideban.room

BESIDES = {
    ("board/views/now.py", "Membership"): "the rooms of whoever is signed in",
    ("board/views/now.py", "Tick"): "of the room",
    ("board/views/now.py", "WatchGap"): "of the installation",
    ("board/views/now.py", "Task"): "of cases that access names",
    ("board/views/now.py", "Case"): "of cases that access names",
    ("board/views/first_start.py", "Room"): "the one room of an installation that has no member yet",
    ("board/views/members.py", "Membership"): "the rooms of whoever is signed in",
    ("board/views/review.py", "Tick"): "of the room",
    ("board/views/review.py", "WatchGap"): "of the installation",
    ("board/presenters/self_review.py", "WatchGap"): "of the installation",
    ("board/presenters/review.py", "SourceGap"): "of sources that access names",
    ("board/presenters/review.py", "WatchGap"): "of the installation",
    ("board/presenters/demo.py", "Source"): "the one stream of a demo",
    ("board/presenters/finding.py", "KeptFinding"): "one that access named",
    ("board/presenters/finding.py", "Erasure"): "whether pages are kept",
    ("board/views/sharing.py", "Arrival"): "of the room",
    ("board/views/sharing.py", "PeerRead"): "of peers that access names",
    ("api/auth.py", "ApiToken"): "who asks",
    ("api/auth.py", "Source"): "who sends",
}


def test_pages_and_the_api_read_through_access_alone() -> None:
    home = Path(dideban.room.__file__).parent
    found = set()
    for path in [*(home / "board").rglob("*.py"), *(home / "api").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
                name = node.value.id if isinstance(node.value, ast.Name) else "?"
                found.add((path.relative_to(home).as_posix(), name))
    assert found - set(BESIDES) == set()
    assert set(BESIDES) - found == set()
