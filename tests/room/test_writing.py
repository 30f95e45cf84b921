"""Who may write: pages and the API never do; people's work changes through actions.py; the machine writes its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dideban.room

HOME = Path(dideban.room.__file__).parent
FILES = sorted(p for p in HOME.rglob("*.py") if "migrations" not in p.parts)
WRITES = {
    "create", "update", "delete", "save", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "select_for_update",
}  # fmt: skip
READERS = ("board", "api", "taxii", "federation", "access.py", "middleware.py", "wording")
"""What only shows and asks."""
PEOPLE = {
    "Membership", "Invitation", "Member", "Room", "Place", "SavedSearch", "Comparison", "Reveal", "Erasure", "Verdict", "Comment",
    "Case", "Task", "CaseNote", "Note", "CaseFile", "CaseLink", "CaseSearch", "Handover", "Webhook", "Response", "Lot", "AuditEvent",
    "CaseReview", "ReviewItem", "Miss",
    "Collection", "Export", "Page", "PageVersion", "Correction", "Consent", "Photo", "Letter", "Subscriber", "KeptExercise", "ItemCount",
}  # fmt: skip
"""What people decide. Everything else is what the machine notes."""
OTHER_WRITERS = {
    ("upkeep/demo_pages.py", "Page"): "pages of a demo are published without a second member",
    ("upkeep/demo_pages.py", "Correction"): "a made-up correction of a demo",
    ("upkeep/demo_history.py", "Room"): "the made-up past of a demo begins before the room",
    ("upkeep/demo_history.py", "Response"): "made-up responses are told as if when they happened",
    ("upkeep/demo_room.py", "Rule"): "the demo sets its own rules before anybody is there",
    ("upkeep/demo_rounds.py", "FollowedGroup"): "a demo forgets findings that nobody touched",
    ("upkeep/demo_rounds.py", "Tick"): "a demo forgets the analyses of past rounds",
    ("upkeep/demo_rounds.py", "Alert"): "a demo forgets the alerts of past rounds",
    ("upkeep/first_start.py", "Room"): "the first member is made under a lock of the room",
    ("sources/actions.py", "Room"): "a room remembers the names of its past sources",
    ("newsletter/sending.py", "Subscriber"): "what goes to whom is claimed before it is sent",
    ("alerts/deliver.py", "Webhook"): "the last error of a delivery",
    ("alerts/room_state.py", "Task"): "a reminder is claimed by one caller",
    ("responses/actions.py", "Room"): "numbers are taken, and responses changed, under a lock of their room",
    ("public/actions.py", "Room"): "numbers are taken, and pages changed, under a lock of their room",
    ("sharing/shelf.py", "Collection"): "numbers are taken under a lock of the collection",
    ("joint/actions.py", "Room"): "the number of an epoch is taken under a lock of its room",
    ("sharing/actions.py", "Room"): "the number of an export is taken under a lock of its room",
    ("past/actions.py", "Room"): "the number of a run is taken under a lock of its room",
    ("cases/actions.py", "Room"): "the number of a case is taken under a lock of its room",
    ("review/actions.py", "Room"): "the number of a miss is taken under a lock of its room",
    ("exercises/actions.py", "Room"): "numbers of exercises are taken under a lock of their room",
    ("review/keep.py", "Room"): "the number of a proposal is taken under a lock of its room",
}


def writes(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (model or name, verb) of every call that writes: ``Model.objects....verb()`` and ``thing.verb()``."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
            continue
        inner, seen_objects = node.func.value, False
        while isinstance(inner, ast.Attribute | ast.Call):
            seen_objects |= isinstance(inner, ast.Attribute) and inner.attr in ("objects", "_default_manager")
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
        if seen_objects or node.func.attr in ("save", "select_for_update"):
            yield (inner.id if isinstance(inner, ast.Name) else ""), node.func.attr


def models_of(path: Path) -> dict[str, str]:
    """Return what a module imports from models: name to the package that owns it."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models"):
            owner = (node.module or "").split(".")[-2]
            found |= {alias.asname or alias.name: owner for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(HOME).as_posix())
def test_who_writes_what(path: Path) -> None:
    name = path.relative_to(HOME).as_posix()
    package = name.split("/")[0]
    owners = models_of(path)
    for model, verb in writes(path):
        if model in owners:
            assert package not in READERS, f"{name} shows and asks; it writes {model}.{verb}"
            if (name, model) in OTHER_WRITERS:
                continue
            assert owners[model] == package, f"{name} writes {model} of {owners[model]}"
            assert model not in PEOPLE or path.name == "actions.py", f"{name} writes {model}: that is for actions.py"
        elif package in READERS:
            raise AssertionError(f"{name} shows and asks; it calls {model}.{verb}")


def test_the_check_sees_writes(tmp_path: Path) -> None:
    page = tmp_path / "page.py"
    page.write_text("Case.objects.filter(pk=1).update(x=1)\nsome.save()\nroom.cases.all()\n", "utf-8")
    assert list(writes(page)) == [("Case", "update"), ("some", "save")]
    assert len([path for path in FILES if path.name == "actions.py"]) >= 7
