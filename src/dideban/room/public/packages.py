"""The packages by which readers check what a page claims: kept as long as the page stands, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dideban.room.findings.models import KeptFinding
from dideban.room.findings.packages import package_of
from dideban.room.public.models import Page
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.store import zip_package


def packed(page: Page) -> Iterator[tuple[str, Path, str]]:
    """Yield id, zip and statement of each finding that a page rests on; the zip is made once."""
    room = page.room.slug
    rows = KeptFinding.objects.filter(room=page.room, finding_id__in=list(page.findings)).order_by("finding_id", "-pk")
    for finding in {one.finding_id: one for one in rows}.values():  # a past run may claim the same
        package = package_of(room, finding.finding_id)
        if not (package / "manifest.json").is_file():
            continue
        zipped = _folder(room) / f"{finding.finding_id}.zip"
        if not zipped.exists() or zipped.stat().st_mtime_ns < (package / "manifest.json").stat().st_mtime_ns:
            zipped.parent.mkdir(exist_ok=True)
            zip_package(package, to=zipped)
        statement = finding.document.get("statement", {})
        yield finding.finding_id, zipped, str(statement.get(page.lang) or statement.get("en") or finding.finding_id)


def unpacked(page: Page) -> list[int]:
    """Return the numbers of the groups of a page whose findings have no package to check. One query."""
    groups = page.groups.select_related("current").order_by("number")
    return [one.number for one in groups if one.current is None or not is_packed(page.room, one.current.finding_id)]


def is_packed(room: Room, finding_id: str) -> bool:
    """Return whether a finding has a package."""
    return (package_of(room.slug, finding_id) / "manifest.json").is_file()


def rested_on(room: Room) -> set[str]:
    """Return the findings that published pages rest on. One query."""
    standing = Page.objects.filter(room=room, published__isnull=False, withdrawn_at=None)
    return {name for findings in standing.values_list("findings", flat=True) for name in findings}


def tidy_packages(room: Room) -> None:
    """Remove the zips of findings that no published page rests on any more: an erased person is in none of them."""
    kept = rested_on(room)
    for path in _folder(room.slug).glob("*.zip"):
        if path.stem not in kept:
            path.unlink(missing_ok=True)


def _folder(room: str) -> Path:
    return folder_of(room).root / "site-packages"
